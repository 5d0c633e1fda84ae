"""Losses on histograms: of the colors of one image, and of two images together."""

import tensorflow as tf

from gan_mri.histogram.joint import joint_histogram, mutual_information
from gan_mri.losses.checks import wide_pair

#: Of the joint histogram, along either axis.
BINS = 32
#: In the unit of the images: a bin's width over 2.5, as paper 000's histograms have it.
BANDWIDTH = 2 / BINS / 2.5


def histogram_distance(truth, histogram):
    """Sum over channels of the L2 norms between histograms, mean over images, a scalar.

    Parameters
    ----------
    truth, histogram : tensor
        `(N, C, K)`, from `gan_mri.histogram.color_histogram`.

    References
    ----------
    Wada and Kobayashi (paper 000), equation 7.
    """
    squares = tf.reduce_sum(tf.square(histogram - truth), axis=-1)
    # The gradient of a norm has no value at 0, where an image meets its reference.
    norms = tf.sqrt(tf.maximum(squares, 1e-16))
    return tf.reduce_mean(tf.reduce_sum(norms, axis=-1))


def negative_mutual_information(truth, image):
    """Minus the mutual information of two images in nats, a scalar.

    Any one-to-one map of intensities leaves it as it is: it asks that equal
    tissue be equally bright, not how bright. So it is for contrasts that differ,
    and, where the truth is of the same contrast, beside another loss.

    Parameters
    ----------
    truth, image : tensor `(N, X, Y, C)` or `(N, X, Y, Z, C)`
        In [-1, 1]; values beyond count less the further out they are.

    Returns
    -------
    scalar tensor
        From -log(32) to 0; for equal images about minus their entropy. Mean
        over images and channels, each by a joint histogram of 32 x 32 bins.

    References
    ----------
    Viola and Wells 1997; the histogram is that of Avi-Aharon et al. 2020 (see
    `gan_mri.histogram.joint`).
    """
    truth, image = (_by_channel(one) for one in wide_pair(truth, image, "mutual_information"))
    return -tf.reduce_mean(mutual_information(joint_histogram(truth, image, BINS, BANDWIDTH)))


def _by_channel(images):
    """`(N, ..., C)` as `(N C, ..., 1)`: every channel an image."""
    if images.shape[-1] == 1:
        return images
    axes = len(images.shape)
    images = tf.transpose(images, (0, axes - 1, *range(1, axes - 1)))
    shape = tf.shape(images)
    return tf.reshape(images, tf.concat([[shape[0] * shape[1]], shape[2:], [1]], 0))
