"""Pixel by pixel: how far an image is from its reference."""

import math
import numbers

import numpy as np

from gan_mri.errors import GanMriError
from gan_mri.metrics.checks import checked, checked_range, masked


def mae(reference, image, *, mask=None):
    """Mean absolute error, in the unit of the images; 0 is best.

    Parameters
    ----------
    reference, image : array-like of the same shape
        See the module's docstring.
    mask : array-like of bool, spatial shape, optional
        Average over the True pixels only (all channels of them).

    Returns
    -------
    float

    Examples
    --------
    >>> mae([[0.0, 1.0]], [[0.5, 1.0]])
    0.25
    """
    reference, image, mask = checked(reference, image, mask)
    return float(np.mean(masked(np.abs(reference - image), mask)))


def psnr(reference, image, *, data_range, mask=None):
    """Peak signal-to-noise ratio in dB; more is better, `inf` for equal images.

    `10 log10(data_range ** 2 / mse)`, with the mean squared error taken over
    all pixels and channels (of the mask, where there is one).

    Parameters
    ----------
    reference, image : array-like of the same shape
        See the module's docstring.
    data_range : float
        Largest minus smallest value that an image can take: 2 for images in
        [-1, 1], 255 for 8-bit images.
    mask : array-like of bool, spatial shape, optional
        Average the squared error over the True pixels only.

    Returns
    -------
    float

    Examples
    --------
    >>> round(psnr([[0.0, 0.0]], [[0.2, 0.2]], data_range=2), 6)
    20.0
    """
    data_range = checked_range(data_range)
    reference, image, mask = checked(reference, image, mask)
    mean_squared_error = float(np.mean(masked(np.square(reference - image), mask)))
    if mean_squared_error == 0.0:
        return math.inf
    return 20.0 * math.log10(data_range) - 10.0 * math.log10(mean_squared_error)


def relative_absolute_error(reference, image, *, floor):
    """Map of the absolute difference over the absolute reference.

    The error that Welander et al. show in their Figure 2, there on z-scored
    images (paper 001, section 2.2; see `z_score`). A z-scored image passes
    through 0, where the quotient has no meaning: the denominator is
    `max(|reference|, floor)`.

    Parameters
    ----------
    reference, image : array-like of the same shape
        See the module's docstring.
    floor : float
        Smallest denominator, in the unit of the images, above 0.

    Returns
    -------
    ndarray of float64, the shape of `reference`
        1 where the error is as large as the reference.

    Examples
    --------
    >>> relative_absolute_error([[2.0, 0.0]], [[1.0, 0.1]], floor=0.2)
    array([[0.5, 0.5]])
    """
    if not isinstance(floor, numbers.Real) or not 0 < floor < math.inf:
        raise GanMriError(
            "relative_absolute_error: expected 'floor', the smallest denominator, to be a "
            f"positive number. Received: {floor!r}"
        )
    shape = np.shape(reference)
    reference, image, _ = checked(reference, image, None)
    error = np.abs(reference - image) / np.maximum(np.abs(reference), floor)
    return error.reshape(shape)
