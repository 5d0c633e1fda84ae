"""Errors where there is something to see, in the truth or in the image.

Half of a slice through a head is air (of the phantom 50 to 56 %). Averaged over
the whole image, errors in the head are divided by the air around it. Averaged
over the true head alone, nothing would keep the air dark. So the mean is over
all voxels where the truth *or* the image is foreground: errors in the head
count in full, and so does brightness that has no business in the air.

Foreground is what is above -0.9 in images in [-1, 1]: the package's rule (a
twentieth of the range above its lower end, `gan_mri.data.images.foreground`),
read off the scaled image. In RGB images it is the mean of the channels that
has to be above. Where voxels lie is decided without a gradient. What is below
-0.9 in both costs nothing, whatever it is.
"""

import tensorflow as tf

from gan_mri.losses.checks import wide_pair

#: Foreground of images in [-1, 1] lies above: -1 and a twentieth of the range.
THRESHOLD = -0.9


def foreground_l1(truth, image):
    """Mean of `|image - truth|` over the foreground of either, a scalar.

    Parameters
    ----------
    truth, image : tensor `(N, X, Y, C)` or `(N, X, Y, Z, C)`
        In [-1, 1].

    Returns
    -------
    scalar tensor
        0 where neither has a foreground. One mean over the batch: every voxel
        counts alike, whichever image it is of.

    Raises
    ------
    GanMriError
        If the shapes differ.

    References
    ----------
    After the winner of SynthRAD2025 (MR to CT), which is trained with squared
    errors in a mask; this mask is this project's.
    """
    return _mean(tf.abs, truth, image, "foreground_l1")


def foreground_l2(truth, image):
    """Mean of `(image - truth)^2` over the foreground of either, a scalar.

    Everything else is as in `foreground_l1`.
    """
    return _mean(tf.square, truth, image, "foreground_l2")


def _mean(penalty, truth, image, loss):
    truth, image = wide_pair(truth, image, loss)
    counted = tf.logical_or(_foreground(truth), _foreground(image))
    # Of every channel of such a voxel.
    counted = tf.cast(tf.broadcast_to(counted, tf.shape(image)), image.dtype)
    errors = counted * penalty(image - truth)
    return tf.math.divide_no_nan(tf.reduce_sum(errors), tf.reduce_sum(counted))


def _foreground(image):
    gray = tf.reduce_mean(tf.stop_gradient(image), axis=-1, keepdims=True)
    return gray > tf.constant(THRESHOLD, image.dtype)
