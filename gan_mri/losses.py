"""Losses: small pure functions of tensors, mean over everything.

Adversarial losses come as (discriminator, generator) pairs. Judgements are
what a discriminator returns: a tensor, or a list of one tensor a scale, which
is summed over.
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
        scalar.

    References
    ----------
    Charbonnier et al. 1994; Maheshwari and Pant (paper 002), section 4, which
    gives no epsilon. 1e-3 is that of Lai et al. 2017 (LapSRN).
    """

    def loss(truth, image):
        return tf.reduce_mean(tf.sqrt(tf.square(image - truth) + epsilon**2))

    return loss


def mean_square(code):
    """Mean of `code^2`, a scalar: what GAN-MRI's UNIT calls its KL term.

    Up to constants, the Kullback-Leibler divergence of Gaussians of unit
    variance around `code` from the standard normal distribution.
    """
    # Codes are of 16 bits under mixed precision; a loss never is.
    wide = code if code.dtype == tf.float64 else tf.cast(code, tf.float32)
    return tf.reduce_mean(tf.square(wide))


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


def binary_cross_entropy(logits, real):
    """Cross-entropy against real (1) or synthetic (0), from logits.

    Parameters
    ----------
    logits : tensor or list of tensor
        One a scale; each is averaged, then they are summed.
    real : bool

    Returns
    -------
    scalar tensor
        Finite for any logits (the 2018 code clips sigmoids at 1e-7 instead).
    """
    sign = -1.0 if real else 1.0
    return tf.add_n(
        [tf.reduce_mean(tf.nn.softplus(sign * scale)) for scale in tf.nest.flatten(logits)]
    )


def least_squares(real_label=1.0):
    """The least-squares pair (LSGAN, Mao et al. 2017), as GAN-MRI weighs it.

    Parameters
    ----------
    real_label : float
        What real images should be judged as, and what the generators aim at;
        below 1 is one-sided label smoothing. Synthetic images are 0.

    Returns
    -------
    discriminator : callable
        `discriminator(judgements, real)`: half the mean squared distance to
        `real_label` if `real`, else to 0.
    generator : callable
        `generator(judgements)`: mean squared distance to `real_label`, not
        halved.
    """

    def distance(judgements, label):
        return tf.add_n(
            [mean_squared_error(label, judged) for judged in tf.nest.flatten(judgements)]
        )

    def discriminator(judgements, real):
        return 0.5 * distance(judgements, real_label if real else 0.0)

    def generator(judgements):
        return distance(judgements, real_label)

    return discriminator, generator
