"""Structural similarity at several resolutions, of slices and of volumes.

Both functions compare an image with its reference at five resolutions, each half of the one
before, and multiply what they find, raised to the weights of Wang et al. 2003. They differ in
window, in what is taken at which level, and in how small images are met:

| function        | window                | luminance   | halving                | small images |
|-----------------|-----------------------|-------------|------------------------|--------------|
| `ms_ssim`       | Gaussian, 11 taps     | last level  | means of 2^d pixels    | fewer levels |
| `ms_ssim_boxed` | uniform, 7 taps       | every level | means of 2^d, zeros    | edges padded |
|                 |                       |             | beyond the border      | to 97        |

The second is what the SynthRAD challenges rank by.

References
----------
Z. Wang, E. P. Simoncelli, A. C. Bovik, "Multiscale structural similarity for image quality
assessment", Asilomar Conference on Signals, Systems and Computers (2003) 1398-1402.
"""

import numbers

import numpy as np
from scipy.ndimage import gaussian_filter, uniform_filter

from gan_mri.errors import GanMriError
from gan_mri.metrics.checks import checked, checked_range
from gan_mri.metrics.similarity import SSIM_WINDOW

#: Of the five levels, the finest first (Wang et al. 2003, section 3.2).
WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
#: The edge of the uniform window, and the least side of an image that it is moved over: a window
#: fits at the fifth level.
BOX, SMALLEST_BOXED = 7, 97


def levels_that_fit(shape):
    """How many levels of `ms_ssim` an image has room for.

    Parameters
    ----------
    shape : tuple of int
        Without channels.

    Returns
    -------
    int
        From 0 (an image smaller than the window) to 5 (from 176 pixels along every axis).

    Examples
    --------
    >>> levels_that_fit((218, 182, 182)), levels_that_fit((73, 61))
    (5, 3)
    """
    side, levels = min(shape), 0
    while side >= SSIM_WINDOW and levels < len(WEIGHTS):
        side, levels = side // 2, levels + 1
    return levels


def ms_ssim(reference, image, *, data_range, mask=None, levels=len(WEIGHTS)):
    """Multi-scale structural similarity (Wang et al. 2003); 1 for equal images.

    Contrast and structure are compared at every level, luminance at the last, with the window
    and the constants of `ssim`. A level is half of the one before: means of two pixels along
    every spatial axis, an odd last one left out. At every level the mean is taken and, where
    it is negative, 0 in its place; the means are multiplied, raised to `WEIGHTS`.

    Without a mask the 5 pixels along the border of a level are left out. With a mask the mean
    of a level is weighted by the share of each pixel that the mask holds, border included,
    where the windows see the image mirrored.

    Parameters
    ----------
    reference, image : array-like of the same shape
        See the module's docstring of `gan_mri.metrics`. Channels are averaged. Every spatial
        axis has at least 11 pixels at the last level: 176 for five levels.
    data_range : float
        Largest minus smallest value that an image can take, as in `psnr`.
    mask : array-like of bool, spatial shape, optional
        Count the True pixels only.
    levels : int
        From 1 to 5, see `levels_that_fit`. Of fewer than five levels the first weights are
        taken, divided by their sum.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    GanMriError
        Also if the image has no room for so many levels.

    Examples
    --------
    >>> image = np.random.default_rng(0).random((44, 44))
    >>> round(ms_ssim(image, image, data_range=1, levels=3), 6)
    1.0
    """
    data_range = checked_range(data_range)
    reference, image, mask = checked(reference, image, mask)
    if not isinstance(levels, numbers.Integral) or not 1 <= levels <= len(WEIGHTS):
        raise GanMriError(
            f"ms_ssim: expected 'levels' from 1 to {len(WEIGHTS)}. Received: {levels!r}"
        )
    if levels_that_fit(reference.shape[:-1]) < levels:
        raise GanMriError(
            f"ms_ssim: expected images of at least {SSIM_WINDOW * 2 ** (levels - 1)} pixels along "
            f"every spatial axis, for {levels} levels. Received: spatial shape "
            f"{reference.shape[:-1]}"
        )
    share = None if mask is None else mask[..., np.newaxis].astype(np.float64)
    weights = np.array(WEIGHTS[:levels]) / (sum(WEIGHTS[:levels]) if levels < len(WEIGHTS) else 1)
    product = 1.0
    for level, weight in enumerate(weights, start=1):
        maps = _luminance_and_structure(reference, image, data_range, _gaussian, covariance=1.0)
        found = maps[1] if level < levels else maps[0] * maps[1]
        product *= max(_mean(found, share), 0.0) ** weight
        reference, image = _halved(reference), _halved(image)
        share = None if share is None else _halved(share)
    return float(product)


def ms_ssim_boxed(reference, image, *, data_range, mask):
    """Multi-scale structural similarity as the SynthRAD challenges compute it.

    Maps of luminance, contrast and structure from means over 7 pixels along every axis (sample
    covariance), negative values as 0, each raised to the level's weight. Luminance counts at
    every level and not at the last alone, as Wang et al. have it; that is how the challenge
    ranks. The mean of the map is taken over the mask, but for the 3 pixels along the border.
    The mask of the next level is every second pixel of this one's.

    Nothing is clipped or masked before: `gan_mri.evaluation.protocols` does that for CT.

    Parameters
    ----------
    reference, image : array-like of the same shape
        See the module's docstring of `gan_mri.metrics`. Gray, from 0 on: beyond the border
        stands 0 when a level is made. Sides under 97 are padded with their edges.
    data_range : float
        Largest minus smallest value that an image can take.
    mask : array-like of bool, spatial shape
        Count the True pixels only.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    GanMriError
        Also for negative values, and for a mask of which a level holds nothing.

    References
    ----------
    The evaluation of SynthRAD2023 and SynthRAD2025,
    https://github.com/SynthRAD2025/evaluation
    """
    data_range = checked_range(data_range)
    reference, image, mask = checked(reference, image, mask)
    if mask is None or reference.shape[-1] != 1 or min(reference.min(), image.min()) < 0:
        raise GanMriError(
            "ms_ssim_boxed: expected gray images from 0 on, and a mask. Received: "
            f"{reference.shape[-1]} channel(s), values from "
            f"{min(reference.min(), image.min()):g}, mask {'none' if mask is None else 'given'}"
        )
    pads = [_either_side(SMALLEST_BOXED - length) for length in mask.shape]
    pair = [np.pad(one[..., 0], pads, mode="edge") for one in (reference, image)]
    mask, product = np.pad(mask, pads, mode="edge"), 1.0
    inner = (slice(BOX // 2, -(BOX // 2)),) * mask.ndim
    samples = BOX**mask.ndim
    for level, weight in enumerate(WEIGHTS, start=1):
        maps = _luminance_and_structure(
            *pair, data_range, _box, covariance=samples / (samples - 1), clipped=True
        )
        inside = mask[inner]
        if not inside.any():
            raise GanMriError(
                "ms_ssim_boxed: expected a mask that is wide enough for 5 levels. Received one "
                f"of {np.count_nonzero(mask)} pixels at level {level}, none of them inside"
            )
        # The map is raised to the weight, and then averaged; elsewhere it is the other way round.
        raised = (maps[0] * maps[1])[inner][inside] ** weight
        product *= min(float(raised.mean()), 1.0)
        # Means of this and the pixel before, zero before the first.
        pair = [uniform_filter(one, 2, mode="constant") for one in pair]
        every_second = (slice(None, None, 2),) * mask.ndim
        pair, mask = [one[every_second] for one in pair], mask[every_second]
    return float(product)


def _luminance_and_structure(x, y, data_range, smooth, *, covariance, clipped=False):
    """Two maps of Wang et al. 2004: luminance, and contrast times structure (equation 13)."""
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    mean_x, mean_y = smooth(x), smooth(y)
    variance_x = covariance * (smooth(x * x) - mean_x**2)
    variance_y = covariance * (smooth(y * y) - mean_y**2)
    covaried = covariance * (smooth(x * y) - mean_x * mean_y)
    luminance = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
    if not clipped:
        return luminance, (2 * covaried + c2) / (variance_x + variance_y + c2)
    # Contrast and structure apart, as either may be negative by rounding.
    deviations = np.sqrt(np.maximum(variance_x, 0)) * np.sqrt(np.maximum(variance_y, 0))
    contrast = (2 * deviations + c2) / (variance_x + variance_y + c2)
    structure = (covaried + c2 / 2) / (deviations + c2 / 2)
    return np.maximum(luminance, 0), np.maximum(contrast, 0) * np.maximum(structure, 0)


def _gaussian(image):
    """Means over the window of `ssim`: 11 taps, standard deviation 1.5, border mirrored."""
    sigmas = (1.5,) * (image.ndim - 1) + (0,)
    return gaussian_filter(image, sigmas, truncate=3.5, mode="reflect")


def _box(image):
    return uniform_filter(image, BOX, mode="reflect")


def _mean(values, share):
    """The mean over a map (*spatial, C), by the mask's shares or without the border."""
    if share is None:
        border = SSIM_WINDOW // 2
        return float(values[(slice(border, -border),) * (values.ndim - 1)].mean())
    return float((values.mean(axis=-1, keepdims=True) * share).sum() / share.sum())


def _halved(image):
    """Means of two pixels along every spatial axis of (*spatial, C)."""
    for axis in range(image.ndim - 1):
        length = image.shape[axis] // 2 * 2
        pixels = np.moveaxis(image, axis, 0)
        image = np.moveaxis((pixels[0:length:2] + pixels[1:length:2]) / 2, 0, axis)
    return image


def _either_side(missing):
    missing = max(missing, 0)
    return missing // 2, missing - missing // 2
