"""Noise and blur of a slice, in the texture inside its foreground."""

import numpy as np
from scipy import ndimage

#: Difference of two Laplacians: nothing is left of planes and parabolas but their noise.
_IMMERKAER = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)

# The median of the absolute value of a normal variable, times this, is its standard deviation.
_MEDIAN_TO_DEVIATION = 1.4826


def noise(image, mask):
    """The standard deviation of noise.

    J. Immerkaer, "Fast noise variance estimation", CVIU 64(2), 1996: the image through a mask that
    removes what is smooth, whose response to white noise has 6 times its standard deviation.
    Here the median of the absolute response takes the place of the mean, so that edges, which are
    few, count little.

    Parameters
    ----------
    image : ndarray (H, W)
    mask : ndarray of bool (H, W)
        Where to look; a pixel counts if its eight neighbors are inside too.

    Returns
    -------
    float or None
        In the units of the image; None if nothing is left to look at.
    """
    inside = ndimage.binary_erosion(mask, np.ones((3, 3)))
    if not inside.any():
        return None
    response = ndimage.convolve(np.asarray(image, np.float32), _IMMERKAER, mode="nearest")
    return float(_MEDIAN_TO_DEVIATION * np.median(np.abs(response[inside])) / 6)


def blur(image, mask):
    """How wide the finest structures are, as the standard deviation of a Gaussian, in pixels.

    White noise that a Gaussian of standard deviation s has blurred has a spectrum exp(-s^2 k^2),
    so that its mean squared first derivative is 2 / 3 s^2 times its mean squared second one (the
    moments of k^2 and k^4). The square root of 3 / 2 of that ratio is what is returned: s for
    blurred noise, about 0.6 for a sharp image, more the blurrier an image is. Noise counts as
    sharp. Derivatives are central differences, along rows and columns.

    Parameters
    ----------
    image : ndarray (H, W)
    mask : ndarray of bool (H, W)
        Where to look.

    Returns
    -------
    float or None
        None where there is nothing to look at, or no second derivative.
    """
    first = second = 0.0
    for rows, inside in ((image, mask), (image.T, mask.T)):
        middle = inside[1:-1] & inside[:-2] & inside[2:]
        if not middle.any():
            return None
        before, here, after = rows[:-2][middle], rows[1:-1][middle], rows[2:][middle]
        first += np.mean(np.square((after - before) / 2, dtype=np.float64))
        second += np.mean(np.square(after - 2 * here + before, dtype=np.float64))
    return float(np.sqrt(1.5 * first / second)) if second > 0 else None
