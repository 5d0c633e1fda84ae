"""The cerebral hemispheres: folded cortex, fissures, white matter.

A sulcus is where a narrow-band random field crosses zero. The field lives on
the surface of the hemisphere and is carried inwards along rays from a line
in the middle of the hemisphere, so that sulci run inwards; its gradient turns
its value into a distance in mm, and the cortex is what lies within its
thickness of a sulcus or of the outer surface. That gives a ribbon of even
thickness that winds around every sulcus, in a slice as in a volume. Thickness:
2.5 to 3 mm on average over a brain (Fischl and Dale 2000, PNAS 97:11050: 2.5 mm).
"""

import numpy as np

from .fields import Waves, ellipsoid, smooth_min

SPACING = 26.0  # mm, wavelength of the folding field: two sulci and two gyri
AXIS_X, AXIS_FRONT, AXIS_BACK, AXIS_Z = 27.0, 32.0, -66.0, 8.0  # middle line of a hemisphere
REACH = 36.0  # mm, distance from that line at which the folds have their nominal width
SPREAD = 0.7  # 1: sulci follow the rays exactly; 0: they ignore them
DEEP = (0.0, -6.0, 6.0), (36.0, 46.0, 25.0)  # mm, centre and radii of the part without sulci


class Cerebrum:
    """Parameters of one subject's cerebrum; `distance` does the work."""

    def __init__(self, rng):
        spacing = SPACING * rng.uniform(0.92, 1.08)
        self.number = 2 * np.pi / spacing
        self.folds = Waves(rng, 32, (0.85 * spacing, 1.2 * spacing))
        self.slow = Waves(rng, 12, (22, 60), channels=6)
        self.atrophy = rng.uniform(0.0, 1.0)
        self.thickness = rng.uniform(2.5, 3.0)
        self.fissure = rng.uniform(0.5, 1.0) + 0.5 * self.atrophy
        self.sylvius = rng.uniform(-3, 3), rng.uniform(0.6, 0.9), rng.uniform(-0.1, 0.5)
        self.core = rng.uniform(41, 45), rng.uniform(25, 29)

    def distance(self, points, depth):
        """Distance to the pia and thickness of the cortex, both in mm.

        Parameters
        ----------
        points : (3, N) array
        depth : (N,) array
            Depth below the inner surface of the dura, mm.

        Returns
        -------
        pia : (N,) array
            Positive inside the brain, negative in the subarachnoid space.
        cortex : (N,) array
            Local thickness of the cortex.
        """
        sulcal_depth, swell, width, *bend = self.slow(points)
        # Fissures are as crooked as sulci: what bounds the lobes sees bent space.
        side, y, z = (np.float32(2.8) * b + p for b, p in zip(bend, points))
        side = np.abs(side)
        cortex = self.thickness + 0.25 * swell
        surface = depth - (1.2 + 1.3 * self.atrophy + 0.5 * width)
        surface = smooth_min(surface, self._base(side, y, z), 6.0)
        surface = smooth_min(surface, self._falx(side, y, z), 3.0)

        floor = np.clip(13.5 + 4.5 * sulcal_depth, 5, 22)
        deep = -ellipsoid(points, *DEEP)
        sulcus = np.hypot(self._sulcus(points), np.maximum(np.maximum(surface - floor, deep), 0))
        gap = (0.35 + 0.35 * self.atrophy) + (0.9 + 0.5 * self.atrophy) * np.exp(
            -np.maximum(surface, 0) / 5
        )
        pia = smooth_min(surface, sulcus - gap, 3.0)
        return smooth_min(pia, self._insula(side, y, z) - (0.9 + 0.5 * self.atrophy), 2.0), cortex

    def _sulcus(self, points):
        """Distance to the nearest sulcus, mm, as if all reached to the middle."""
        x, y, z = points
        side = np.abs(x)
        sign = np.where(x < 0, np.float32(-1), np.float32(1))
        anchor = np.clip(y, AXIS_BACK, AXIS_FRONT)
        ray = np.stack([side - AXIS_X, y - anchor, z - AXIS_Z])
        radius = np.sqrt((ray * ray).sum(0)) + np.float32(1e-3)
        scale = (REACH / np.maximum(radius, 8)) ** np.float32(SPREAD)
        carried = np.stack(
            [sign * (AXIS_X + ray[0] * scale), anchor + ray[1] * scale, AXIS_Z + ray[2] * scale]
        )
        ray /= radius
        stretch = np.stack([scale, np.where(ray[1] == 0, np.float32(1), scale), scale])
        ray[0] *= sign
        value, gradient = self.folds.across(carried, ray)
        radial = (gradient * ray).sum(0)
        slope = stretch * (gradient - np.float32(SPREAD) * radial * ray)
        # For a pure wave this is the exact distance; it ends at a quarter of the wavelength.
        number = self.number * scale
        return np.arctan2(number * np.abs(value), np.sqrt((slope * slope).sum(0))) / number

    def _falx(self, side, y, z):
        """Depth below the medial wall: it ends at the corpus callosum and the stem."""
        long, high = self.core
        ry, rz = (y + 6) / long, (z - 2) / high
        level = np.sqrt(ry * ry + rz * rz) + 1e-6
        inside = (1 - level) * level / np.sqrt((ry / long) ** 2 + (rz / high) ** 2 + 1e-9)
        inside = np.maximum(inside, 0)
        return np.sqrt(side * side + inside * inside) - self.fissure

    def _base(self, side, y, z):
        """Height above the cranial fossae, the basal cisterns and the tentorium."""
        frontal = np.float32(-24)
        temporal = -44 + 30 * _step((16 - side) / 6)
        tentorium = -11 - 0.35 * side + 0.25 * (y + 40)
        floor = temporal + (frontal - temporal) * _step((y - 24) / 5)
        floor = floor + (tentorium - floor) * _step((-36 - y) / 7)
        return (z - floor) * np.float32(0.9)

    def _insula(self, side, y, z):
        """Distance to the Sylvian fissure and to the cleft over the insula."""
        shift, slope, rise = self.sylvius
        steep = np.sqrt(1 + slope * slope + rise * rise)
        sheet = np.abs(z - (6 + shift - slope * (y - 2) + rise * (side - 39))) / steep
        sheet = np.maximum(sheet, np.maximum(np.abs(y + 2) - 34, 0))
        sheet = np.sqrt(sheet * sheet + np.maximum(39 - side, 0) ** 2)
        along = np.maximum(np.abs(y - 3) - 19, 0)
        up = np.maximum(np.abs(z - 4) - 13, 0)
        plate = side - (40.5 - 0.012 * (y - 3) ** 2)
        plate = np.sqrt(plate * plate + along * along + up * up)
        return smooth_min(sheet, plate, 2.0)


def _step(x):
    """Smooth step from 0 to 1 around x = 0, about 2 wide."""
    x = np.clip((x + 1) / 2, 0, 1)
    return x * x * (3 - 2 * x)
