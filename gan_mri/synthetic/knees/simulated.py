"""Domain A: a knee as a 3D medical imaging program renders it from MRI.

Paper 000 thresholded MRI of the Osteoarthritis Initiative in InVesalius and
kept the front view. What such a picture shows: one surface colour, chosen by
the program and the same for everyone; lights that move with the camera; black
around; the noise of the MR images as lumps; and the slices as steps,
which run along the leg because the protocol's slices are sagittal (3 mm fast
spin echo, 0.7 mm DESS; Peterfy et al. 2008, Osteoarthritis Cartilage 16:1433).
"""

import numpy as np

from .color import develop, from_lab
from .ripples import Ripples

SURFACE = (74.0, 9.0, 19.0)  # L*, a*, b*: between skin and bone
SLICE = 3.0  # mm
_LIGHT = np.array([-0.22, 0.40, 0.89])  # right, up, front; of length 1
_LAMP, _HEADLIGHT, _SPECULAR, _SHININESS = 0.80, 0.30, 0.07, 20


def paint(leg, view, raster, rng):
    """Picture of one subject, float32 (H, W, 3) in [0, 1], and where the leg is, float32 (H, W) in
    [0, 1].
    """
    lumps = Ripples(rng, 60, (5, 20), rough=1.0)(raster) * np.float32(rng.uniform(0.04, 0.14))
    warp = _Slices(rng, raster, view.scale)
    surface = view.look(leg, raster, detail=lambda arc, z: lumps, warp=warp)
    light = _LAMP * surface.towards(_LIGHT) + _HEADLIGHT * np.maximum(surface.front, 0)
    shine = np.float32(_SPECULAR) * surface.towards(_LIGHT + (0, 0, 1)) ** _SHININESS
    picture = light[..., None] * from_lab(SURFACE).astype(np.float32) + shine[..., None]
    return develop(raster.pool(picture * surface.cover[..., None])), raster.pool(surface.cover)


class _Slices:
    """Pulls distances from the axis towards the middle of their slice, so that the surface has
    steps.
    """

    def __init__(self, rng, raster, scale):
        self.start = float(rng.uniform(0, SLICE))
        # Steps that the raster cannot show would alias.
        self.strength = 0.35 * float(np.clip(SLICE * scale / raster.step / 2 - 1, 0, 1))

    def __call__(self, x):
        if self.strength == 0:
            return x
        number = float(2 * np.pi / SLICE)
        return x - (self.strength / number) * np.sin(number * (x + self.start))
