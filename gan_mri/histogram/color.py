"""Colour histograms that can be differentiated, by kernel density estimation.

Wada et al. (equations 1 to 5) condition and train a CycleGAN with the histogram
of Avi-Aharon et al. 2020 (DeepHist): every pixel is a logistic density of scale
B, the *bandwidth*, and a bin holds the share of that density between its edges,

    P(k) = mean over pixels of  sigmoid((I - e[k]) / B) - sigmoid((I - e[k+1]) / B)

with edges e[k] = -1 + k L and bins of width L = 2 / K. Density beyond the
outermost edges is in no bin: the bins of an image sum to less than 1.
"""

import numbers

import numpy as np
import tensorflow as tf

from gan_mri.errors import GanMriError
from gan_mri.histogram.cells import bins_and_slopes


def color_histogram(images, bins, bandwidth, *, mask=None, compiled=True):
    """Histogram of every channel of every image, by kernel density.

    The equations to single precision, at a cost that hardly depends on `bins`:
    see `gan_mri.histogram.cells`.

    Parameters
    ----------
    images : tensor `(N, ..., C)`
        Any floating dtype, any number of spatial axes of any size, meant for
        values in [-1, 1]. One beyond gives the bins what the equations give
        them: next to nothing, far away.
    bins : int
        K, at least 2.
    bandwidth : float
        B, from 1/64 of a bin's width `2 / bins` to 32 of them.
    mask : tensor `(N, ...)`, optional
        The pixels to count, as bool, or their weights. The bins of an image
        without any are 0. Pixels of weight 0 may be NaN.
    compiled : bool
        Whether XLA compiles it, several times faster from the second call on.
        The first takes about a second, for every new size of `images`: False
        suits images of many sizes, and graphs that leave Python, where XLA may
        be missing.

    Returns
    -------
    tensor `(N, C, bins)`
        float64 for float64 images, else float32. Differentiable in `images`,
        with a gradient of their dtype; not in `mask`.

    Raises
    ------
    GanMriError
        For arguments other than these.

    Examples
    --------
    >>> images = tf.random.uniform((4, 64, 64, 3), -1, 1)
    >>> color_histogram(images, 256, 2 / 256 / 2.5).shape
    TensorShape([4, 3, 256])

    References
    ----------
    Wada et al., paper 000 of this project, section 3.2. Avi-Aharon, Arbelle,
    Riklin Raviv 2020, arXiv:2005.03995.
    """
    bins, bandwidth = checked_bins(bins, bandwidth)
    images, mask = checked_images(images, mask)
    weights = None if mask is None else tf.stop_gradient(tf.cast(mask, tf.float64))
    double = images.dtype == tf.float64
    forward, backward = bins_and_slopes(bins, bandwidth, double, compiled)

    @tf.custom_gradient
    def histogram(images):
        def gradient(upstream):
            return backward(images, weights, upstream)

        # Without it an eager tape asks XLA for the gradient of `forward` as well.
        return forward(tf.stop_gradient(images), weights), gradient

    result = histogram(images)
    result.set_shape((images.shape[0], images.shape[-1], bins))
    return result


def reference_color_histogram(images, bins, bandwidth, *, mask=None):
    """The equations as written, every pixel against every bin: for tests, and to read.

    Arguments and result are those of `color_histogram`; time and memory grow
    with pixels times bins.
    """
    bins, bandwidth = checked_bins(bins, bandwidth)
    images, mask = checked_images(images, mask)
    dtype = tf.float64 if images.dtype == tf.float64 else tf.float32
    width = 2 / bins
    centers = tf.constant(-1 + width * (np.arange(bins) + 0.5), dtype)
    shape = tf.shape(images)
    pixels = tf.reshape(tf.cast(images, dtype), (shape[0], -1, shape[-1], 1))
    shares = tf.sigmoid((pixels - centers + width / 2) / bandwidth) - tf.sigmoid(
        (pixels - centers - width / 2) / bandwidth
    )
    if mask is None:
        return tf.reduce_mean(shares, 1)
    weights = tf.reshape(tf.cast(mask, dtype), (shape[0], -1, 1, 1))
    weights = tf.math.divide_no_nan(weights, tf.reduce_sum(weights, 1, keepdims=True))
    return tf.reduce_sum(weights * shares, 1)


def checked_bins(bins, bandwidth):
    """`bins` and `bandwidth` as int and float, or a GanMriError."""
    if not isinstance(bins, numbers.Integral) or bins < 2:
        raise GanMriError(f"bins must be an integer of at least 2. Received: {bins!r}.")
    width = 2 / int(bins)
    real = isinstance(bandwidth, numbers.Real)
    if not (real and width / 64 <= bandwidth <= 32 * width):
        raise GanMriError(
            "bandwidth must be from 1/64 to 32 widths of a bin, which is 2 / bins = "
            f"{width:g}. Received: {bandwidth!r}."
        )
    return int(bins), float(bandwidth)


def checked_images(images, mask):
    """Both as tensors, or a GanMriError where they cannot be such."""
    images = tf.convert_to_tensor(images)
    if not images.dtype.is_floating or images.shape.rank is None or images.shape.rank < 3:
        raise GanMriError(
            "images must be a floating tensor of shape (N, ..., C). Received: shape "
            f"{images.shape}, {images.dtype.name}."
        )
    if mask is None:
        return images, None
    mask = tf.convert_to_tensor(mask)
    if not mask.shape.is_compatible_with(images.shape[:-1]):
        raise GanMriError(
            "mask must have the shape of images without channels, "
            f"{images.shape[:-1]}. Received: shape {mask.shape}."
        )
    return images, mask
