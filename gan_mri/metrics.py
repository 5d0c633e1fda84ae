"""Measures of how far an image is from its reference: small pure NumPy functions.

Every function takes the reference first and one image (or slice, or volume)
at a time, and returns a Python float. Accepted shapes:

* (H, W): a grey image;
* (H, W, 1) or (H, W, 3): a grey or colour image, channels last;
* (X, Y, Z): a volume. A last axis of 1 or 3 is always read as channels;
* (X, Y, Z, 1) or (X, Y, Z, 3): a volume with channels.

The values may be in any unit as long as both arrays share it. Arithmetic is
in float64 whatever is passed in. A `mask` is boolean, of the spatial shape
(no channel axis), True where a pixel counts. `data_range` has no default: a
PSNR or an SSIM without its range cannot be reproduced by anybody.

Every function raises `GanMriError` for different or unsupported shapes, for
values that are no real numbers, NaN or infinite (inside the mask or outside
it), for a mask that is not boolean, has another shape or is empty, and for a
`data_range` that is not a positive number.
"""

import math
import numbers

import numpy as np
from skimage.metrics import structural_similarity

from gan_mri.errors import GanMriError

# Wang et al. 2004: an 11-tap Gaussian window of standard deviation 1.5.
SSIM_WINDOW = 11


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
    reference, image, mask = _checked(reference, image, mask)
    return float(np.mean(_masked(np.abs(reference - image), mask)))


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
    data_range = _checked_range(data_range)
    reference, image, mask = _checked(reference, image, mask)
    mean_squared_error = float(np.mean(_masked(np.square(reference - image), mask)))
    if mean_squared_error == 0.0:
        return math.inf
    return 20.0 * math.log10(data_range) - 10.0 * math.log10(mean_squared_error)


def ssim(reference, image, *, data_range, mask=None):
    """Structural similarity index; 1 for equal images.

    As Wang et al. compute it: Gaussian window of standard deviation 1.5 and
    11 taps, K1 = 0.01, K2 = 0.03, population covariance; in three dimensions
    for a volume. Channels are averaged. Computed by scikit-image, which needs
    about 15 float64 arrays of the image's size at once.

    Without a mask the 5 pixels along the border are left out, as their
    windows leave the image. With a mask the mean is over every True pixel,
    border included, where the windows see the image mirrored; windows near
    the edge of the mask also see pixels outside it.

    Parameters
    ----------
    reference, image : array-like of the same shape
        See the module's docstring. Every spatial axis has at least 11 pixels.
    data_range : float
        Largest minus smallest value that an image can take, as in `psnr`.
    mask : array-like of bool, spatial shape, optional
        Average the SSIM map over the True pixels only.

    Returns
    -------
    float

    Raises
    ------
    GanMriError
        Also if an image is smaller than the window.

    References
    ----------
    Z. Wang, A. C. Bovik, H. R. Sheikh, E. P. Simoncelli, "Image quality
    assessment: from error visibility to structural similarity", IEEE
    Transactions on Image Processing 13 (2004) 600-612.
    """
    data_range = _checked_range(data_range)
    reference, image, mask = _checked(reference, image, mask)
    if min(reference.shape[:-1]) < SSIM_WINDOW:
        raise GanMriError(
            f"ssim: expected images of at least {SSIM_WINDOW} pixels along every "
            "spatial axis (the size of its window). Received: spatial shape "
            f"{reference.shape[:-1]}"
        )
    mean, similarity = structural_similarity(
        reference,
        image,
        data_range=data_range,
        channel_axis=-1,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        full=True,
    )
    return float(mean if mask is None else np.mean(similarity[mask]))


def _masked(values, mask):
    return values if mask is None else values[mask]


def _checked(reference, image, mask):
    """Both arrays as float64 with a channel axis; the mask as an array or None."""
    reference, image = _real(reference, "reference"), _real(image, "image")
    if reference.shape != image.shape:
        raise GanMriError(
            "metrics: expected a reference and an image of the same shape. "
            f"Received: reference {reference.shape}, image {image.shape}"
        )
    shape = reference.shape
    has_channels = len(shape) in (3, 4) and shape[-1] in (1, 3)
    spatial = shape[:-1] if has_channels else shape
    if len(spatial) not in (2, 3) or 0 in shape:
        raise GanMriError(
            "metrics: expected one image (H, W), (H, W, 1) or (H, W, 3), or one volume "
            "(X, Y, Z), (X, Y, Z, 1) or (X, Y, Z, 3), with no empty axis. "
            f"Received: shape {shape}"
        )
    if not has_channels:
        reference, image = reference[..., np.newaxis], image[..., np.newaxis]
    return reference, image, None if mask is None else _checked_mask(mask, spatial)


def _real(values, name):
    values = np.asarray(values)
    if values.dtype.kind not in "biuf":
        raise GanMriError(
            f"metrics: expected real numbers in '{name}'. "
            f"Received: dtype {values.dtype}"
        )
    values = values.astype(np.float64)
    bad = values.size - np.count_nonzero(np.isfinite(values))
    if bad:
        raise GanMriError(
            f"metrics: expected finite numbers in '{name}'. Received: {bad} of "
            f"{values.size} values that are NaN or infinite"
        )
    return values


def _checked_mask(mask, shape):
    mask = np.asarray(mask)
    if mask.dtype != np.bool_ or mask.shape != shape:
        raise GanMriError(
            f"metrics: expected 'mask' boolean and of the spatial shape {shape}. "
            f"Received: dtype {mask.dtype}, shape {mask.shape}"
        )
    if not mask.any():
        raise GanMriError(
            "metrics: expected a 'mask' with at least one True pixel. "
            "Received: none is True"
        )
    return mask


def _checked_range(data_range):
    if not isinstance(data_range, numbers.Real) or not 0 < data_range < math.inf:
        raise GanMriError(
            "metrics: expected 'data_range' to be a positive number, the largest minus "
            "the smallest value that an image can take (2 for images in [-1, 1]). "
            f"Received: {data_range!r}"
        )
    return float(data_range)
