"""What is behind the leg in a photograph."""

import numpy as np
from scipy.ndimage import gaussian_filter

from .color import from_lab
from .ripples import Ripples

#: A sheet of paper, plaster or carpet, boards or curtains, a street or garden out of focus:
#: how often, how far apart its two colours are (L*), and the waves of its pattern.
_KINDS = {
    "paper": (0.30, 4, dict(count=6, wavelength=(250, 600))),
    "plaster": (0.25, 10, dict(count=150, wavelength=(3, 60), rough=0.5)),
    "stripes": (0.20, 16, dict(count=40, wavelength=(4, 60), rough=0.5, spread=0.03)),
    "scenery": (0.25, 30, dict(count=30, wavelength=(35, 220), rough=0.6)),
}


class Backdrop:
    """Two colours and the pattern in which they mix."""

    def __init__(self, rng):
        self.kind = str(rng.choice(list(_KINDS), p=[share for share, _, _ in _KINDS.values()]))
        _, apart, waves = _KINDS[self.kind]
        lab = np.array([rng.uniform(12, 97), *_hue(rng, 40)])
        other = lab + rng.normal(size=3) * (apart, 0.5 * apart, 0.5 * apart)
        other[0] = np.clip(other[0], 5, 97)
        self.colors = np.clip([from_lab(lab), from_lab(other)], 0.005, 0.95).astype(np.float32)
        upright = rng.choice([0.0, np.pi / 2]) + rng.normal(0, 0.05)
        self.pattern = Ripples(rng, along=upright, **waves)
        self.sharpness = rng.uniform(0.5, 2.0)
        self.light = rng.uniform(0.5, 1.2)  # relative to what reaches the leg
        self.slope = rng.normal(0, 0.0022, 2).astype(
            np.float32
        )  # of the logarithm of its light, 1/mm
        self.distance = rng.uniform(15, 120)  # mm behind the leg

    def seen(self, cover, raster, lighting):
        """Light from the backdrop at every sample, linear RGB (rows, columns, 3)."""
        mix = 0.5 + 0.5 * np.tanh(self.sharpness * self.pattern(raster))[..., None]
        color = self.colors[0] + mix * (self.colors[1] - self.colors[0])
        falloff = self.slope[0] * raster.right + self.slope[1] * raster.up[:, None]
        key = np.float32(self.light * max(float(lighting.direction[2]), 0.35)) * np.exp(falloff)
        if self.kind != "scenery":
            key = key * (1 - self._shadow(cover, raster, lighting.direction))
        return color * (key[..., None] * lighting.key_light + 0.8 * lighting.fill_light)

    def _shadow(self, cover, raster, direction):
        """The leg's shadow: shifted away from the lamp, the softer the farther the wall."""
        right, up, front = (float(d) for d in direction)
        far = self.distance / max(front, 0.3)
        # The lamp's height moves the shadow down the leg, along which the leg looks the same: only
        # sideways counts.
        shift = int(round(-right * far / raster.step))
        shadow = np.roll(cover, shift, axis=1)
        if shift > 0:
            shadow[:, :shift] = 0
        elif shift < 0:
            shadow[:, shift:] = 0
        sigma = (2.0 + 0.14 * self.distance) / raster.step
        return 0.75 * gaussian_filter(shadow, sigma, mode="nearest", truncate=2.5)


def _hue(rng, most):
    """a*, b* of any hue; greys are common."""
    chroma, angle = most * rng.beta(1, 1.8), rng.uniform(0, 2 * np.pi)
    return chroma * np.cos(angle), chroma * np.sin(angle)
