"""Losses on the codes of an encoder."""

import tensorflow as tf

from gan_mri.losses.checks import wide


def mean_square(code):
    """Mean of `code^2`, a scalar: what GAN-MRI's UNIT calls its KL term.

    Up to constants, the Kullback-Leibler divergence of Gaussians of unit
    variance around `code` from the standard normal distribution.
    """
    # Codes are of 16 bits under mixed precision.
    return tf.reduce_mean(tf.square(wide(code)))
