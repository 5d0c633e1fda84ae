"""From an anatomy and a grid to images: partial volume, blur, bias field, noise."""

import numpy as np
from scipy.ndimage import gaussian_filter

from . import tissues
from .contrasts import BRIGHTEST, MR, TISSUE, ideal
from .epi import BLIPS, EPI, distort
from .fields import Waves, generator
from .grid import SAMPLES_APART
from .head import CENTER
from .named_scanners import SCANNERS

#: Full width at half maximum of the point spread, mm.
BLUR = {"T1w": 0.9, "T2w": 1.0, "PDw": 1.0, "FLAIR": 1.2, "CT": 0.9, "FA": 2.0, "PET": 6.0}
BLUR |= dict.fromkeys(EPI, 2.5) | {name: scanner.blur for name, scanner in SCANNERS.items()}
#: What a noise of 1 means: MR units, HU, FA, SUV.
NOISE_UNIT = {**{name: BRIGHTEST for name in MR}, "CT": 250.0, "FA": 1.0, "PET": 10.0}
NOISE_UNIT |= {name: BRIGHTEST * scanner.noise for name, scanner in SCANNERS.items()}
_SAMPLES = 1 << 16  # worked on at once, so that they stay in the cache


def sample(anatomy, grid, contrasts):
    """Ideal images with partial volume, labels and lesion mask on a grid.

    2D images of `SCANNERS` average what lies in their slice, where it is thicker than samples are
    apart; all others, and the labels, show its middle.
    """
    thick = {name: SCANNERS[name].slice_thickness for name in contrasts if name in SCANNERS}
    if grid.shape[2] > 1:
        thick = {}  # the voxels of volumes have a thickness, see `point_spread`
    thick = {name: mm for name, mm in thick.items() if mm > SAMPLES_APART}
    images, labels, lesions = _sample(anatomy, grid, [n for n in contrasts if n not in thick])
    for thickness in sorted(set(thick.values())):
        names = [name for name, mm in thick.items() if mm == thickness]
        images |= _sample(anatomy, grid.thick(thickness), names)[0]
    return {name: images[name] for name in contrasts}, labels, lesions


def _sample(anatomy, grid, contrasts):
    """Images, labels and lesion mask, each voxel evenly filled with samples."""
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
    image = gaussian_filter(image, point_spread(contrast, grid), mode="nearest")
    level = noise * NOISE_UNIT[contrast]
    rng = generator(seed, subject, f"noise {contrast}")
    if contrast in MR:
        # One coil receives all echo-planar images.
        received = "b0" if contrast in EPI else contrast
        if contrast in SCANNERS:
            bias_field = bias_field * SCANNERS[contrast].bias_field
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


def point_spread(contrast, grid):
    """Standard deviations along the axes of a grid, in voxels; 0 along an axis of one voxel.

    Slices of `SCANNERS` that are thicker than the voxels of a volume add the variance that the
    thicker one of two boxes has more.
    """
    sigma = [
        BLUR[contrast] / 2.3548 / s if n > 1 else 0.0 for n, s in zip(grid.shape, grid.spacing)
    ]
    if contrast in SCANNERS and grid.shape[2] > 1:
        voxel = grid.spacing[2]
        more = max(SCANNERS[contrast].slice_thickness ** 2 - voxel**2, 0.0) / 12
        sigma[2] = float(np.hypot(sigma[2], np.sqrt(more) / voxel))
    return sigma


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
