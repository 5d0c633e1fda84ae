"""Structural similarity as a loss: SSIM and its multi-scale form.

Windows and constants are those of `gan_mri.metrics.ssim` (Wang et al. 2004):
a Gaussian of standard deviation 1.5 and 11 taps along every axis, K1 = 0.01,
K2 = 0.03, images in [-1, 1] (a range of 2). Only windows within the image
count, so that 5 pixels along every border are seen but not judged.
"""

import numpy as np
import tensorflow as tf

from gan_mri.errors import GanMriError
from gan_mri.losses.checks import wide_pair

#: Taps of the window.
WINDOW = 11
#: Of the scales of MS-SSIM, the finest first (Wang, Simoncelli, Bovik 2003).
SCALE_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)

_DATA_RANGE = 2.0
_C1, _C2 = (0.01 * _DATA_RANGE) ** 2, (0.03 * _DATA_RANGE) ** 2
_TAPS = np.exp(-0.5 * (np.arange(WINDOW) - WINDOW // 2) ** 2 / 1.5**2)
_TAPS /= _TAPS.sum()
# A power below 1 is infinitely steep at 0, and has no value below, where the
# contrast is inverted. At this floor the smallest weight still leaves 0.66 of
# what the other scales say.
_FLOOR = 1e-4


def structural_dissimilarity(truth, image):
    """1 - SSIM, a scalar.

    Parameters
    ----------
    truth, image : tensor `(N, X, Y, C)` or `(N, X, Y, Z, C)`
        In [-1, 1]. Every spatial axis has at least 11 pixels.

    Returns
    -------
    scalar tensor
        From 0 for equal images to about 2. Mean over windows, channels, images.

    Raises
    ------
    GanMriError
        If a known size is below 11.

    References
    ----------
    Wang, Bovik, Sheikh, Simoncelli 2004; as a loss: Zhao et al. 2017.
    """
    truth, image = wide_pair(truth, image, "ssim")
    _check_sizes(image, "ssim")
    luminance, structure = _similarities(truth, image)
    return 1 - tf.reduce_mean(luminance * structure)


def multiscale_dissimilarity(truth, image):
    """1 - MS-SSIM, a scalar.

    Contrast and structure are compared at every scale, each the mean over 2x2
    (2x2x2) pixels of the one before, luminance at the coarsest alone. The five
    scales need 176 pixels along the shortest axis. Smaller images have as many
    scales as leave them 11 pixels, with the weights of those divided by their
    sum: 4 from 88, 3 from 44, 2 from 22, and below 22 pixels it is 1 - SSIM.

    Parameters
    ----------
    truth, image : tensor `(N, X, Y, C)` or `(N, X, Y, Z, C)`
        In [-1, 1]. Every spatial axis has a known size of at least 11 pixels.

    Returns
    -------
    scalar tensor
        From 0 for equal images to nearly 1. A scale whose similarity is below
        1e-4 (its contrast inverted, say) counts as 1e-4 and pulls no more.

    Raises
    ------
    GanMriError
        If a size is free or below 11.

    References
    ----------
    Wang, Simoncelli, Bovik 2003, "Multiscale structural similarity for image
    quality assessment"; as a loss: Zhao et al. 2017.
    """
    truth, image = wide_pair(truth, image, "ms_ssim")
    _check_sizes(image, "ms_ssim", known=True)
    weights = _scale_weights(min(image.shape[1:-1]))
    result = 1.0
    for scale, weight in enumerate(weights, start=1):
        luminance, structure = _similarities(truth, image)
        if scale == len(weights):
            structure *= luminance
        # One number for every image and channel.
        similarity = tf.reduce_mean(structure, list(range(1, len(image.shape) - 1)))
        result *= tf.maximum(similarity, _FLOOR) ** weight
        if scale < len(weights):
            truth, image = _halved(truth), _halved(image)
    return 1 - tf.reduce_mean(result)


def _scale_weights(length):
    count = 1
    while count < len(SCALE_WEIGHTS) and length // 2**count >= WINDOW:
        count += 1
    return [weight / sum(SCALE_WEIGHTS[:count]) for weight in SCALE_WEIGHTS[:count]]


def _similarities(truth, image):
    """Luminance and contrast-structure terms of every window, each `(N, ..., C)`."""
    products = [truth, image, truth**2, image**2, truth * image]
    # All at once: fewer passes, and a depthwise convolution of a single channel
    # would be an ordinary one, which some GPUs compute to 10 bits (TF32).
    means = tf.split(_window_means(tf.concat(products, -1)), len(products), -1)
    true, made, true_square, made_square, product = means
    covariance = product - true * made
    variances = true_square - true**2 + made_square - made**2
    luminance = (2 * true * made + _C1) / (true**2 + made**2 + _C1)
    return luminance, (2 * covariance + _C2) / (variances + _C2)


def _window_means(maps):
    """Means of `(N, ..., K)` under the Gaussian window, 10 pixels less along every axis."""
    channels = maps.shape[-1]
    kernel = tf.constant(np.tile(_TAPS[:, None, None, None], (1, 1, channels, 1)), maps.dtype)
    for axis in range(1, len(maps.shape) - 1):
        shape = tf.shape(maps)
        # What lies before and after the axis, each as one axis.
        rows, columns = tf.reduce_prod(shape[:axis]), tf.reduce_prod(shape[axis + 1 : -1])
        flat = tf.reshape(maps, [rows, shape[axis], columns, channels])
        flat = tf.nn.depthwise_conv2d(flat, kernel, [1, 1, 1, 1], "VALID")
        length = shape[axis : axis + 1] - (WINDOW - 1)
        maps = tf.reshape(flat, tf.concat([shape[:axis], length, shape[axis + 1 :]], 0))
    return maps


def _halved(images):
    """Means over 2x2 (2x2x2) pixels; an odd last line or plane is left out."""
    # TensorFlow's pooling of volumes is not for float64.
    for axis in range(1, len(images.shape) - 1):
        even, odd = ([slice(None)] * len(images.shape) for _ in range(2))
        even[axis] = slice(0, images.shape[axis] // 2 * 2, 2)
        odd[axis] = slice(1, None, 2)
        images = (images[tuple(even)] + images[tuple(odd)]) / 2
    return images


def _check_sizes(image, loss, known=False):
    sizes = image.shape[1:-1]
    if any(size is not None and size < WINDOW for size in sizes):
        raise GanMriError(
            f"{loss}: expected images of at least {WINDOW} pixels along every spatial axis (the "
            f"size of its window). Received: spatial shape {tuple(sizes)}"
        )
    if known and not sizes.is_fully_defined():
        raise GanMriError(
            f"{loss}: expected images of a fixed size, on which the number of its scales "
            f"depends. Received: spatial shape {tuple(sizes)}"
        )
