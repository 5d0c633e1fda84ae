"""The colour of skin, from person to person and from place to place.

Skin tones are drawn by their individual typology angle, ITA = atan((L* - 50) /
b*), evenly from dark to very light: Chardon et al. 1991, Int J Cosmet Sci
13:191 (very light above 55 degrees, light 41, intermediate 28, tan 10, brown
-30, dark below). Yellowness is largest in tan skin and falls to both ends, as
do measured chromas; its size and that of redness are rounded.

Within a person, colours differ by how much melanin and blood there is.
Absorbances add (Tsumura et al. 1999, J Opt Soc Am A 16:2169), so that a map of
either multiplies linear RGB by the exponential of minus its amount.
"""

import numpy as np

from .color import from_lab
from .ripples import Ripples

#: Absorbance of one unit in linear red, green and blue: melanin falls with wavelength, blood spares
#: red. Rounded.
MELANIN = np.array([0.45, 0.70, 0.90], np.float32)
BLOOD = np.array([0.12, 0.75, 0.62], np.float32)
ITA = (-50.0, 62.0)  # degrees


def tone(rng):
    """L*, a*, b* of one person's skin and its ITA in degrees."""
    angle = rng.uniform(*ITA)
    b = 18.5 - 5.5 * ((angle - 18) / 50) ** 2 + rng.normal(0, 1.0)
    a = 10.5 - 3.5 * ((angle - 2) / 55) ** 2 + rng.normal(0, 1.2)
    b = max(b, 7.0)
    return (50 + b * np.tan(np.radians(angle)), max(a, 4.0), b), angle


class Skin:
    """One person's skin; `albedo` paints it, `creases` folds it."""

    def __init__(self, rng):
        lab, self.angle = tone(rng)
        self.base = np.clip(from_lab(lab), 0.012, 0.95).astype(np.float32)
        # Knees are darker where the skin is rich in melanin, redder where it is poor.
        rich = float(np.clip((40 - self.angle) / 70, 0, 1))
        self.dark = rng.uniform(0.05, 0.25) + 0.35 * rich * rng.uniform(0, 1)
        self.red = rng.uniform(0.05, 0.40) * (1.1 - 0.6 * rich)
        self.mottle = Ripples(rng, 40, (5, 40), rough=0.5), rng.uniform(0.02, 0.09)
        self.tan = Ripples(rng, 24, (14, 120), rough=0.7), rng.uniform(0.03, 0.10)
        self.pores = Ripples(rng, 120, (1.6, 5)), rng.uniform(0.01, 0.035)
        self.wrinkle = (
            Ripples(rng, 40, (3.0, 9.0), along=np.pi / 2, spread=0.6),
            rng.uniform(0.01, 0.12),
        )
        self.folds = [
            # z in the middle, mm; curvature, 1/mm; depth, mm; half width, mm
            (
                z + rng.normal(0, 2.5),
                bow * rng.uniform(0.005, 0.012),
                rng.uniform(0, 0.3),
                rng.uniform(1.2, 2.2),
            )
            for z, bow in ((31, 1), (25, 1), (-25, -1), (-31, -1))
        ]
        count = rng.integers(0, 9)
        self.moles = np.stack(
            [*rng.uniform(-95, 95, (2, count)), rng.uniform(0.7, 1.8, count)], 1
        ).tolist()
        self.gloss = rng.uniform(0.0, 0.10), rng.uniform(8, 30)

    def creases(self, raster):
        """A function of (arc, z): height of pores, and of the wrinkles and folds that only knees
        have, mm.
        """
        pores, wrinkles = (ripples(raster) * size for ripples, size in (self.pores, self.wrinkle))
        # Folds narrower than a sample would alias.
        depth = float(np.clip(3.0 / raster.step - 1, 0, 1))

        def height(arc, z):
            return pores + _knee(arc, z) * wrinkles - depth * self._folds(arc, z)

        return height

    def albedo(self, surface, raster):
        """Reflectance of every sample, linear RGB (rows, columns, 3)."""
        arc, z = surface.arc, surface.z
        knee = _knee(arc, z)
        (mottle, much), (tan, more) = self.mottle, self.tan
        mottle, tan = mottle(raster), tan(raster)
        fold = self._folds(arc, z)
        melanin = self.dark * knee * (1 + 0.5 * mottle) + more * tan + 0.35 * fold
        for u, v, radius in self.moles:
            melanin = melanin + 0.9 * _spot(arc - u, z - v, radius, raster.step)
        blood = self.red * knee * (1 - 0.4 * tan) + much * mottle + 0.35 * fold
        return self.base * np.exp(-(melanin[..., None] * MELANIN + blood[..., None] * BLOOD))

    def shine(self, surface, direction):
        """Light that the surface throws back like a mirror, as a share of the lamp's."""
        size, narrow = self.gloss
        return size * surface.towards(direction + np.float32([0, 0, 1])) ** narrow

    def _folds(self, arc, z):
        """Depth of the folds above and below the patella, bowed around it, mm."""
        total = 0
        for v, bow, depth, wide in self.folds:
            line = z - v + bow * arc * arc
            total = total + depth * np.exp(-((line / wide) ** 2) - (arc / 24) ** 2)
        return total


def _knee(arc, z):
    """1 in the middle of the patella, 0 some cm away from it."""
    return np.exp(-((arc / 30) ** 2) - (z / 32) ** 2)


def _spot(u, v, radius, step):
    """A disc, softened to what the raster can show without losing its area."""
    wide = np.hypot(radius, step)
    return float((radius / wide) ** 2) * np.exp(-(u * u + v * v) / float(wide) ** 2)
