"""Of images by themselves: z-scores, sharpness, diversity."""

import numpy as np
from scipy.spatial.distance import pdist

from gan_mri.errors import GanMriError
from gan_mri.metrics.checks import checked_one, masked, real, refuse_constant


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
    values, mask = checked_one(image, "image", mask)
    counted = masked(values, mask)
    refuse_constant(counted, "image", "z_score")
    scored = (values - counted.mean()) / counted.std()
    return scored.reshape(np.shape(image))


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
    values, mask = checked_one(image, "image", mask)
    return float(np.mean(masked(gradient_magnitude(values), mask)))


def gradient_magnitude(values):
    """The magnitude of the gradient over the spatial axes, for every channel.

    Parameters
    ----------
    values : ndarray (*spatial, C), float64
        With at least 2 pixels along every spatial axis.

    Returns
    -------
    ndarray (*spatial, C)
        Per pixel; central differences, one-sided at the border.
    """
    if min(values.shape[:-1]) < 2:
        raise GanMriError(
            "metrics: expected at least 2 pixels along every spatial axis, to see edges. "
            f"Received: spatial shape {values.shape[:-1]}"
        )
    gradient = np.gradient(values, axis=tuple(range(values.ndim - 1)))
    return np.sqrt(sum(np.square(part) for part in gradient))


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
    images = real(images, "images")
    if images.ndim < 2 or len(images) < 2 or images[0].size == 0:
        raise GanMriError(
            "diversity: expected a batch (N, ...) of at least two images that are not empty. "
            f"Received: shape {images.shape}"
        )
    flat = images.reshape(len(images), -1)
    return float(pdist(flat, "cityblock").mean() / flat.shape[1])
