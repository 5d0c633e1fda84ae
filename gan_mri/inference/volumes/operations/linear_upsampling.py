"""Linear interpolation to twice the size, as the package's own layer has it."""

from gan_mri.inference.volumes.operations.enlargement import Interpolation
from gan_mri.inference.volumes.operations.registry import operates


@operates("gan_mri.LinearUpsampling")
class LinearUpsampling(Interpolation):
    """`gan_mri.layers.linear_upsampling.LinearUpsampling` on rows."""

    def __init__(self, layer, shapes):
        super().__init__(layer, shapes, (2,) * (len(shapes[0]) - 1))

    def temporary_whole(self, made):
        # By measurement, 64^3 to 128^3 voxels with 16 channels: 1.9 and 2.2 on the two stacks.
        return 2 * made
