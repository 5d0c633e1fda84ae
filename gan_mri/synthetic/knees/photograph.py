"""Domain B: a knee as a camera sees it."""

import numpy as np
from scipy.ndimage import gaussian_filter

from .backdrop import Backdrop
from .color import LUMINANCE, black_body, develop
from .skin import Skin

#: How far light creeps around the edge of a shadow in red, green and blue: skin is translucent, to
#: red most of all.
_WRAP = np.array([0.34, 0.20, 0.14], np.float32)


def paint(leg, view, raster, rng):
    """Picture of one subject, float32 (H, W, 3) in [0, 1], and where the leg is, float32 (H, W) in
    [0, 1].
    """
    skin, lighting, backdrop, camera = Skin(rng), Lighting(rng), Backdrop(rng), Camera(rng)
    surface = view.look(leg, raster, detail=skin.creases(raster))
    light = lighting.on(surface, raster, bounce=backdrop.colors.mean(axis=0))
    shine = skin.shine(surface, lighting.direction)[..., None] * lighting.key_light
    picture = skin.albedo(surface, raster) * light + shine
    cover = surface.cover[..., None]
    picture = cover * picture + (1 - cover) * backdrop.seen(surface.cover, raster, lighting)
    level = float(np.average(picture @ LUMINANCE, weights=surface.cover))
    return camera.develop(raster.pool(picture), level, lighting.color, raster, rng), raster.pool(
        surface.cover
    )


class Lighting:
    """One lamp or sun, and light from everywhere.

    Colour temperatures from a bulb (2700 K) to the shade under a blue sky (10000 K).
    """

    def __init__(self, rng):
        turn, height = rng.uniform(-1.25, 1.25), rng.uniform(0.1, 1.2)  # radians; never from behind
        level = np.cos(height)
        self.direction = np.array(
            [np.sin(turn) * level, np.sin(height), np.cos(turn) * level], np.float32
        )
        key = rng.uniform(0.45, 1.0)
        self.key_light = (key * _temperature(rng, 2700, 10000)).astype(np.float32)
        self.fill_light = ((1.15 - key) * _temperature(rng, 3500, 10000)).astype(np.float32)
        #: What white paper would look like, of luminance 1.
        self.color = (self.key_light + self.fill_light) / (
            (self.key_light + self.fill_light) @ LUMINANCE
        )

    def on(self, surface, raster, *, bounce):
        """Light that reaches every sample of the skin, linear RGB (rows, columns, 3)."""
        # Surfaces in a hollow see less of the sky; a hollow is lower than its surroundings.
        width = 9.0 / raster.step
        hollow = (
            gaussian_filter(surface.relief, width, mode="nearest", truncate=2.5) - surface.relief
        )
        open_sky = np.clip(1 - 0.09 * hollow, 0.5, 1.1)
        right, up, front = self.direction
        straight = surface.right * right + surface.up * up + surface.front * front
        wrapped = np.maximum(straight[..., None] + _WRAP, 0) / (1 + _WRAP)
        overhead = (0.62 + 0.38 * surface.up) * (0.55 + 0.45 * surface.front) * open_sky
        below = 0.16 * (1 - surface.up) * (1.2 - surface.front) * open_sky
        light = wrapped * (0.4 + 0.6 * open_sky)[..., None] * self.key_light
        return (
            light
            + overhead[..., None] * self.fill_light
            + below[..., None] * (self.fill_light * bounce)
        )


def _temperature(rng, low, high):
    """Colour of light, its temperature drawn evenly on a logarithmic scale."""
    return black_body(np.exp(rng.uniform(np.log(low), np.log(high))))


_GRAY = 0.22  # luminance at which automatic exposure aims


class Camera:
    """Exposure, white balance, sharpness and noise."""

    def __init__(self, rng):
        self.exposure = 2 ** rng.normal(0.3, 0.55)  # in stops, what the photographer adds
        self.automatic = rng.uniform(0.1, 0.6)  # 1: every skin comes out as bright as any other
        self.balance = rng.uniform(0.2, 0.95)  # 1: the colour of the light is removed
        self.cast = np.exp(rng.normal(0, 0.06, 3))
        self.saturation = rng.uniform(0.8, 1.2)
        self.blur = rng.uniform(0.1, 0.9)  # mm, standard deviation
        self.noise = rng.uniform(0.003, 0.018)

    def develop(self, light, level, white, raster, rng):
        """Picture in [0, 1] from linear light; `level` is the luminance of the leg, `white` the
        colour of the light.
        """
        gain = self.exposure * (_GRAY / level) ** self.automatic * self.cast / white**self.balance
        light = light * gain.astype(np.float32)
        gray = (light @ LUMINANCE)[..., None]
        light = gray + np.float32(self.saturation) * (light - gray)
        sigma = self.blur / raster.pixel
        if sigma > 0.2:
            light = gaussian_filter(light, (sigma, sigma, 0), mode="nearest", truncate=3)
        return develop(light) + np.float32(self.noise) * rng.standard_normal(
            light.shape, np.float32
        )
