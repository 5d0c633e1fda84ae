"""From an anatomy and a grid to images: partial volume, blur, bias field, noise."""

import numpy as np
from scipy.ndimage import gaussian_filter

from . import tissues
from .contrasts import BRIGHTEST, MR, TISSUE, ideal
from .epi import BLIPS, EPI, distort
from .fields import Waves, generator
from .head import CENTER

#: Full width at half maximum of the point spread, mm.
BLUR = {"T1w": 0.9, "T2w": 1.0, "PDw": 1.0, "FLAIR": 1.2, "CT": 0.9, "FA": 2.0, "PET": 6.0}
BLUR |= dict.fromkeys(EPI, 2.5)
#: What a noise of 1 means: MR units, HU, FA, SUV.
NOISE_UNIT = {**{name: BRIGHTEST for name in MR}, "CT": 250.0, "FA": 1.0, "PET": 10.0}
_SAMPLES = 1 << 16  # worked on at once, so that they stay in the cache


def sample(anatomy, grid, contrasts):
    """Ideal images with partial volume, labels and lesion mask on a grid."""
    factors = grid.factors()
    images = {name: np.empty(grid.shape, np.float32) for name in contrasts}
    labels = np.empty(grid.shape, np.uint8)
    lesions = np.empty(grid.shape, bool)
    per_row = int(np.prod(grid.shape[1:]) * np.prod(factors))
    rows = max(1, _SAMPLES // per_row)
    for start in range(0, grid.shape[0], rows):
        slab = slice(start, min(start + rows, grid.shape[0]))
        codes, coherence, texture = anatomy.at(grid.points(slab, factors))
        blocks = [
            v for n, f in zip((slab.stop - slab.start, *grid.shape[1:]), factors) for v in (n, f)
        ]
        for name in contrasts:
            if name == TISSUE:
                continue
            images[name][slab] = (
                ideal(name, codes, coherence, texture).reshape(blocks).mean(axis=(1, 3, 5))
            )
        labels[slab], lesions[slab] = _majority(codes.reshape(blocks))
    if TISSUE in images:
        # No mean over the voxel: between two codes lies the code of another tissue.
        images[TISSUE][:] = labels
    return images, labels, lesions


def _majority(codes):
    """The most frequent tissue of each voxel, and where at least half of it is lesion."""
    best = np.zeros(codes.shape[0::2], np.float32)
    labels = np.zeros(codes.shape[0::2], np.uint8)
    lesions = np.zeros(codes.shape[0::2], bool)
    for code in np.unique(codes):
        share = (codes == code).mean(axis=(1, 3, 5), dtype=np.float32)
        if code == tissues.LESION:
            lesions = share >= 0.5
        labels[share > best] = code
        best = np.maximum(best, share)
    labels[lesions] = tissues.LESION
    return labels, lesions


def acquire(image, contrast, grid, *, seed, subject, noise, bias_field, displacement=None):
    """Blur, bias field and noise of one contrast, of `epi.BLIPS` distortion at first; tissue has
    none of them.
    """
    if contrast == TISSUE:
        return image
    if contrast in BLIPS:
        image = distort(image, contrast, displacement, grid)
    sigma = [
        BLUR[contrast] / 2.3548 / s if n > 1 else 0.0 for n, s in zip(grid.shape, grid.spacing)
    ]
    image = gaussian_filter(image, sigma, mode="nearest")
    level = noise * NOISE_UNIT[contrast]
    rng = generator(seed, subject, f"noise {contrast}")
    if contrast in MR:
        # One coil receives all echo-planar images.
        received = "b0" if contrast in EPI else contrast
        image = image * coil(grid, received, seed=seed, subject=subject, strength=bias_field)
        # Noise in both channels of the complex signal, then its magnitude:
        # Rician, Gudbjartsson and Patz 1995, MRM 34:910.
        real = image + level * rng.standard_normal(grid.shape, np.float32)
        imaginary = level * rng.standard_normal(grid.shape, np.float32)
        return np.hypot(real, imaginary)
    image = image + np.float32(level) * rng.standard_normal(grid.shape, np.float32)
    if contrast == "FA":
        return np.clip(image, 0, 1)
    return np.maximum(image, -1024 if contrast == "CT" else 0)


def coil(grid, contrast, *, seed, subject, strength):
    """Multiplicative bias field, smooth, within exp(-strength) and exp(strength), near 1 in the
    middle.
    """
    rng = generator(seed, subject, f"bias {contrast}")
    waves = Waves(rng, 4, (260, 420))
    waves.amplitude /= np.abs(waves.amplitude).sum()
    # Near a quarter of a wave from its crest at the middle of the head: steep there, without an
    # offset.
    waves.phase = (
        rng.uniform(1.2, 1.9, size=(4, 1)).astype(np.float32)
        - waves.k @ np.float32(CENTER)[:, None]
    )
    points = grid.points(slice(0, grid.shape[0]), (1, 1, 1))
    return np.exp(np.float32(strength) * waves(points)[0]).reshape(grid.shape)
