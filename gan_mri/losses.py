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
