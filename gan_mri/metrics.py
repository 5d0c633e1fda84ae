"""Measures of images: how far one is from its reference, how sharp, how diverse.

Small pure NumPy functions. Those that compare take the reference first; all
but `diversity` take one image (or slice, or volume) at a time, and all but
`z_score` and `relative_absolute_error` return a Python float. None normalises
what it is given: z-scoring is a function of its own. Accepted shapes:

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
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr
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


def z_score(image, *, mask=None):
    """The image minus its mean, over its standard deviation, each image by itself.

    As Welander et al. normalise every image before they compare (paper 001,
    section 2.2). Channels share one mean and one (population) standard
    deviation.

    Parameters
    ----------
    image : array-like
        See the module's docstring.
    mask : array-like of bool, spatial shape, optional
        Take mean and standard deviation from the True pixels only; every
        pixel is mapped all the same.

    Returns
    -------
    ndarray of float64, the shape of `image`
        In standard deviations.

    Raises
    ------
    GanMriError
        Also if the image (within the mask) is constant.

    Examples
    --------
    >>> z_score([[1.0, 3.0]])
    array([[-1.,  1.]])
    """
    values, mask = _checked_one(image, "image", mask)
    counted = _masked(values, mask)
    _refuse_constant(counted, "image", "z_score")
    scored = (values - counted.mean()) / counted.std()
    return scored.reshape(np.shape(image))


def mutual_information(reference, image, *, bins, mask=None):
    """Mutual information of two images in nats; more is better.

    From the joint histogram `p`: the sum of `p log(p / (p_reference p_image))`.
    The histogram has `bins` equal bins along each axis, from the smallest to
    the largest value of that image (within the mask), so the result does not
    change when an image is scaled linearly. It does depend on `bins`, and on
    the number of pixels: few pixels in many bins raise it.

    Parameters
    ----------
    reference, image : array-like of the same shape
        See the module's docstring. Of colour images every channel of every
        pixel is one sample.
    bins : int
        From 2.
    mask : array-like of bool, spatial shape, optional
        Count the True pixels only.

    Returns
    -------
    float
        From 0 to log(bins).

    Raises
    ------
    GanMriError
        Also if an image (within the mask) is constant.

    Examples
    --------
    >>> round(mutual_information([[0, 1], [0, 1]], [[5, 3], [5, 3]], bins=2), 6)
    0.693147
    """
    if not isinstance(bins, numbers.Integral) or bins < 2:
        raise GanMriError(
            f"mutual_information: expected 'bins' to be a whole number from 2. Received: {bins!r}"
        )
    reference, image = _varying_samples(reference, image, mask, "mutual_information")
    counts, _, _ = np.histogram2d(reference, image, bins=int(bins))
    joint = counts / counts.sum()
    product = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    filled = joint > 0
    return float(np.sum(joint[filled] * np.log(joint[filled] / product[filled])))


def rank_correlation(reference, image, *, mask=None):
    """Spearman's rank correlation of two images, from -1 to 1.

    It asks only whether brighter pixels stay brighter: near -1 the contrast is
    inverted. Ties share their mean rank.

    Parameters
    ----------
    reference, image : array-like of the same shape
        See the module's docstring. Of colour images every channel of every
        pixel is one sample.
    mask : array-like of bool, spatial shape, optional
        Rank the True pixels only.

    Returns
    -------
    float

    Raises
    ------
    GanMriError
        Also if an image (within the mask) is constant.

    Examples
    --------
    >>> round(rank_correlation([[0.0, 0.1, 5.0]], [[9.0, 8.0, -1.0]]), 6)
    -1.0
    """
    reference, image = _varying_samples(reference, image, mask, "rank_correlation")
    return float(spearmanr(reference, image).statistic)


def sharpness(image, *, mask=None):
    """Mean magnitude of the gradient, in the image's unit per pixel.

    Central differences, one-sided at the border; the magnitude is over the
    spatial axes, the mean over pixels and channels. Noise raises it as edges
    do, so a figure means something beside that of a real image only.

    Parameters
    ----------
    image : array-like
        See the module's docstring. Every spatial axis has at least 2 pixels.
    mask : array-like of bool, spatial shape, optional
        Average over the True pixels only; their neighbours may lie outside.

    Returns
    -------
    float

    Examples
    --------
    >>> sharpness([[0.0, 2.0, 4.0], [0.0, 2.0, 4.0]])
    2.0
    """
    values, mask = _checked_one(image, "image", mask)
    if min(values.shape[:-1]) < 2:
        raise GanMriError(
            "sharpness: expected at least 2 pixels along every spatial axis. "
            f"Received: spatial shape {values.shape[:-1]}"
        )
    gradient = np.gradient(values, axis=tuple(range(values.ndim - 1)))
    magnitude = np.sqrt(sum(np.square(part) for part in gradient))
    return float(np.mean(_masked(magnitude, mask)))


def diversity(images):
    """Mean absolute difference between any two images of a batch.

    0 where all are the same: beside that of the inputs it shows a generator
    that has collapsed to one output.

    Parameters
    ----------
    images : array-like (N, ...)
        At least two images of one shape.

    Returns
    -------
    float
        In the unit of the images.

    Examples
    --------
    >>> diversity([[[0.0]], [[1.0]], [[3.0]]])
    2.0
    """
    images = _real(images, "images")
    if images.ndim < 2 or len(images) < 2 or images[0].size == 0:
        raise GanMriError(
            "diversity: expected a batch (N, ...) of at least two images that are not empty. "
            f"Received: shape {images.shape}"
        )
    flat = images.reshape(len(images), -1)
    return float(pdist(flat, "cityblock").mean() / flat.shape[1])


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
    reference, image, _ = _checked(reference, image, None)
    error = np.abs(reference - image) / np.maximum(np.abs(reference), floor)
    return error.reshape(shape)


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
    reference, mask = _checked_one(reference, "reference", mask)
    return reference, image.reshape(reference.shape), mask


def _checked_one(values, name, mask):
    """The array as float64 with a channel axis; the mask as an array or None."""
    values = _real(values, name)
    shape = values.shape
    has_channels = len(shape) in (3, 4) and shape[-1] in (1, 3)
    spatial = shape[:-1] if has_channels else shape
    if len(spatial) not in (2, 3) or 0 in shape:
        raise GanMriError(
            "metrics: expected one image (H, W), (H, W, 1) or (H, W, 3), or one volume "
            "(X, Y, Z), (X, Y, Z, 1) or (X, Y, Z, 3), with no empty axis. "
            f"Received: shape {shape}"
        )
    if not has_channels:
        values = values[..., np.newaxis]
    return values, None if mask is None else _checked_mask(mask, spatial)


def _varying_samples(reference, image, mask, metric):
    """The values of both images that count, flat; an error if either is constant."""
    reference, image, mask = _checked(reference, image, mask)
    reference, image = _masked(reference, mask).ravel(), _masked(image, mask).ravel()
    _refuse_constant(reference, "reference", metric)
    _refuse_constant(image, "image", metric)
    return reference, image


def _refuse_constant(values, name, metric):
    if values.min() == values.max():
        raise GanMriError(
            f"{metric}: expected '{name}' to vary. "
            f"Received: {values.size} values that are all {values.flat[0]:g}"
        )


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
