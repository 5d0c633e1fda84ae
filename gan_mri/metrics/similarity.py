"""What two images share, whatever their intensities."""

import numpy as np
from scipy.stats import pearsonr, spearmanr
from skimage.metrics import structural_similarity

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


def pearson(reference, image, *, mask=None):
    """Pearson's correlation of two images, from -1 to 1.

    1 where the image is the reference but for brightness and contrast: it asks for a linear
    relation, where `rank_correlation` asks for order alone.

    Parameters
    ----------
    reference, image : array-like of the same shape
        See the module's docstring. Of colour images every channel of every
        pixel is one sample.
    mask : array-like of bool, spatial shape, optional
        Count the True pixels only.

    Returns
    -------
    float

    Raises
    ------
    GanMriError
        Also if an image (within the mask) is constant.

    Examples
    --------
    >>> round(pearson([[0.0, 1.0, 2.0]], [[5.0, 7.0, 9.0]]), 6)
    1.0
    """
    reference, image = varying_samples(reference, image, mask, "pearson")
    return float(pearsonr(reference, image).statistic)
