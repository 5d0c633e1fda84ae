"""Pixel by pixel: how far an image is from its truth.

Parity with the 2018 code rests on the first two, which compute in the dtype
they are given.
"""

import tensorflow as tf


def mean_absolute_error(truth, image):
    """Mean of `|image - truth|`, a scalar."""
    return tf.reduce_mean(tf.abs(image - truth))


def mean_squared_error(truth, image):
    """Mean of `(image - truth)^2`, a scalar."""
    return tf.reduce_mean(tf.square(image - truth))


def charbonnier(epsilon=1e-3):
    """The Charbonnier penalty, a mean absolute error that is smooth at 0.

    Parameters
    ----------
    epsilon : float
        Errors much smaller are penalised by their square, larger ones by their
        absolute value.

    Returns
    -------
    callable
        `loss(truth, image)`: mean of `sqrt((image - truth)^2 + epsilon^2)`, a
        scalar; `epsilon` for equal images.

    References
    ----------
    Charbonnier et al. 1994; Maheshwari and Pant (paper 002), section 4, which
    gives no epsilon. 1e-3 is that of Lai et al. 2017 (LapSRN).
    """

    def loss(truth, image):
        return tf.reduce_mean(tf.sqrt(tf.square(image - truth) + epsilon**2))

    return loss
