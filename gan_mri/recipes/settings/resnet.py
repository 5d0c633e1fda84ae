"""What the systems with CycleGAN's generators share."""

import dataclasses

from gan_mri.recipes.recipe import Recipe, at_least, one_of


@dataclasses.dataclass(frozen=True, kw_only=True)
class WithResnetGenerators(Recipe):
    """Settings of `gan_mri.networks.resnet_generator`, one for each direction.

    Fields
    ------
    filters, residual_blocks, resize_convolution, residual_padding,
    normalization, spectral_normalization, recompute
        See `gan_mri.networks.resnet_generator`.
    """

    filters: int = at_least(1)
    residual_blocks: int = at_least(0)
    resize_convolution: bool
    residual_padding: str = one_of("same", "reflect")
    normalization: str = one_of("instance", "addons", "none")
    spectral_normalization: bool
    recompute: bool = False

    @property
    def downsamplings(self):
        """How often the generators halve the size."""
        return 2

    def build_translators(self, image_shape, task):
        # Imported here so that the list of recipes costs no TensorFlow.
        from gan_mri import networks

        return {
            direction.name: networks.resnet_generator(
                image_shape,
                filters=self.filters,
                residual_blocks=self.residual_blocks,
                downsamplings=self.downsamplings,
                resize_convolution=self.resize_convolution,
                residual_padding=self.residual_padding,
                normalization=self.normalization,
                spectral_normalization=self.spectral_normalization,
                recompute=self.recompute,
                name=f"G_{direction.name}",
            )
            for direction in task.directions
        }
