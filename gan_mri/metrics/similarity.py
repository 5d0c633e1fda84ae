"""What two images share, whatever their intensities."""

import numbers

import numpy as np
from scipy.stats import spearmanr
from skimage.metrics import structural_similarity
from skimage.registration import phase_cross_correlation

from gan_mri.errors import GanMriError
from gan_mri.metrics.checks import checked, checked_range, varying_samples

# Wang et al. 2004: an 11-tap Gaussian window of standard deviation 1.5.
SSIM_WINDOW = 11


def check_window(image, metric):
    """Refuse an image (..., C) that is smaller than the window of the SSIM."""
    if min(image.shape[:-1]) < SSIM_WINDOW:
        raise GanMriError(
            f"{metric}: expected images of at least {SSIM_WINDOW} pixels along every "
            f"spatial axis (the size of its window). Received: spatial shape {image.shape[:-1]}"
        )


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
    data_range = checked_range(data_range)
    reference, image, mask = checked(reference, image, mask)
    check_window(reference, "ssim")
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
    reference, image = varying_samples(reference, image, mask, "mutual_information")
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
    reference, image = varying_samples(reference, image, mask, "rank_correlation")
    return float(spearmanr(reference, image).statistic)


def displacement(reference, image):
    """How far the edges of an image lie beside those of its reference.

    Phase correlation of the gradient magnitudes (Kuglin and Hines 1975, with
    the upsampling of Guizar-Sicairos et al. 2008, as in scikit-image), to a
    tenth of a pixel. Edges are compared because contrasts differ in everything
    else.

    Parameters
    ----------
    reference, image : array-like of the same shape
        See the module's docstring.

    Returns
    -------
    tuple of float
        Pixels along each spatial axis, positive where the image lies further
        along it. All 0 if an image is constant: it has no edges.

    Examples
    --------
    >>> square = np.zeros((32, 32)); square[8:16, 8:16] = 1
    >>> displacement(square, np.roll(square, (2, -3), axis=(0, 1)))
    (2.0, -3.0)
    """
    reference, image, _ = checked(reference, image, None)
    edges = [_edges(one) for one in (reference, image)]
    if any(not one.any() for one in edges):
        return (0.0,) * edges[0].ndim
    back, _, _ = phase_cross_correlation(*edges, upsample_factor=10)
    return tuple(0.0 - float(pixels) for pixels in back)


def _edges(image):
    """Gradient magnitude of an image with a channel axis, summed over channels."""
    axes = tuple(range(image.ndim - 1))
    squares = sum(np.square(slope) for slope in np.gradient(image, axis=axes))
    return np.sqrt(squares).sum(axis=-1)
