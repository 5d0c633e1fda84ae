"""Adversarial losses by name, as (discriminator, generator) pairs.

Judgements are what a discriminator returns: a tensor, or a list of one tensor
a scale. Each tensor is averaged, then they are summed. They are taken as the
discriminator's last convolution gives them, without a sigmoid: the
cross-entropy has its own.
"""

import inspect
from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from gan_mri.errors import GanMriError
from gan_mri.losses.checks import wide
from gan_mri.losses.pixelwise import mean_squared_error

#: Of the discriminator's loss, in the pairs that halve it: GAN-MRI's least
#: squares and pix2pix's cross-entropy, to slow the discriminator down. Under
#: Adam, which divides by the size of gradients, it hardly does.
DISCRIMINATOR_FACTOR = 0.5


class Adversarial(NamedTuple):
    """What a discriminator and a generator play for.

    Attributes
    ----------
    name : str
    discriminator : callable
        `discriminator(judgements, real)`, a scalar, for judgements of real
        images if `real`, else of synthetic ones. The discriminator's loss is
        the sum of the two.
    generator : callable
        `generator(judgements)`, a scalar, for judgements of synthetic images.
    penalty_weight : float
        Of `gradient_penalty` in the discriminator's loss; 0: none.
    """

    name: str
    discriminator: Callable
    generator: Callable
    penalty_weight: float = 0.0


def adversarial(name, **options):
    """The pair of this name.

    Parameters
    ----------
    name : str
        * "least_squares": LSGAN (Mao et al. 2017) as GAN-MRI weighs it, see
          `least_squares`. Option `real_label`, 1.0.
        * "bce": cross-entropy of logits (Goodfellow et al. 2014, the generator
          with the non-saturating form), the discriminator's halved as pix2pix
          does (Isola et al. 2017). Option `discriminator_factor`, 0.5.
        * "hinge": `max(0, 1 - real)` and `max(0, 1 + synthetic)`; the generator
          raises its judgements (Lim and Ye 2017, Miyato et al. 2018).
        * "absolute": the mean absolute distance to 1 of real and to 0 of synthetic
          images (Pan et al. 2018).
        * "wgan-gp": the difference of mean judgements, with a penalty on the
          discriminator's gradient (Gulrajani et al. 2017). Option
          `penalty_weight`, 10.0.

        Capitals, hyphens and underscores do not matter.
    **options
        Of that pair.

    Returns
    -------
    Adversarial

    Raises
    ------
    GanMriError
        For an unknown name or option.

    Examples
    --------
    >>> pair = adversarial("hinge")
    >>> float(pair.discriminator(tf.constant([0.25, 3.0]), real=True))
    0.375
    """
    pairs = {_plain(known): (known, build) for known, build in _PAIRS.items()}
    if not isinstance(name, str) or _plain(name) not in pairs:
        raise GanMriError(f"adversarial: expected one of {', '.join(_PAIRS)}. Received: {name!r}")
    name, build = pairs[_plain(name)]
    known = list(inspect.signature(build).parameters)
    unknown = [option for option in options if option not in known]
    if unknown:
        raise GanMriError(
            f"adversarial: expected for {name!r} {_listed(known)}. Received: {', '.join(unknown)}"
        )
    return Adversarial(name, *build(**options))


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
        return DISCRIMINATOR_FACTOR * distance(judgements, real_label if real else 0.0)

    def generator(judgements):
        return distance(judgements, real_label)

    return discriminator, generator


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


def gradient_penalty(discriminator, real, fake, seed):
    """How far the length of the discriminator's gradient is from 1, a scalar.

    Mean over images of `(|gradient| - 1)^2`, at one random point a pair on the
    line between a real and a synthetic image, with respect to that point. What
    is differentiated is what the losses see: judgements averaged over the
    positions of a scale, scales summed.

    Its own gradient, a second derivative, is exact with "instance", "batch" and
    no normalisation. With "addons" it is off by 2 to 30 %: `tf.nn.moments`,
    which those layers use, holds the mean fixed when it is derived twice.

    Parameters
    ----------
    discriminator : callable
        `discriminator(images)`, judgements. Where it takes a second image as
        well (pix2pix), a function that adds it.
    real, fake : tensor
        `(N, ..., C)`, of one shape; neither gets a gradient.
    seed : int64 tensor (2,)
        Of the stateless random numbers, from
        `gan_mri.layers.RandomStream.next()`. The same gives the same points.

    Returns
    -------
    scalar tensor
        Differentiable in the discriminator's weights.

    References
    ----------
    Gulrajani et al. 2017, "Improved training of Wasserstein GANs", algorithm 1.
    """
    real, fake = (tf.stop_gradient(wide(images)) for images in (real, fake))
    if not real.shape.is_compatible_with(fake.shape):
        raise GanMriError(
            "gradient_penalty: expected real and synthetic images of one shape. "
            f"Received: {real.shape} and {fake.shape}"
        )
    images = tf.shape(real)[:1]
    ones = tf.ones(len(real.shape) - 1, tf.int32)
    share = tf.random.stateless_uniform(tf.concat([images, ones], 0), seed, dtype=real.dtype)
    points = fake + share * (real - fake)
    with tf.GradientTape() as tape:
        tape.watch(points)
        # Sums, as the gradient of each image's judgement is wanted by itself.
        judged = tf.add_n([_sum_of_means(scale) for scale in _scales(discriminator(points))])
    gradients = tape.gradient(judged, points)
    squares = tf.reduce_sum(tf.square(gradients), list(range(1, len(real.shape))))
    # The gradient of a length has no value at 0.
    return tf.reduce_mean(tf.square(tf.sqrt(tf.maximum(squares, 1e-16)) - 1))


def _bce(discriminator_factor=DISCRIMINATOR_FACTOR):
    def discriminator(judgements, real):
        return discriminator_factor * binary_cross_entropy(_scales(judgements), real)

    def generator(judgements):
        return binary_cross_entropy(_scales(judgements), True)

    return discriminator, generator


def _hinge():
    def discriminator(judgements, real):
        sign = 1.0 if real else -1.0
        scales = _scales(judgements)
        return tf.add_n([tf.reduce_mean(tf.nn.relu(1 - sign * scale)) for scale in scales])

    return discriminator, _raise_judgements


def _wasserstein(penalty_weight=10.0):
    def discriminator(judgements, real):
        return _raise_judgements(judgements) if real else -_raise_judgements(judgements)

    return discriminator, _raise_judgements, penalty_weight


def _absolute():
    def distance(judgements, label):
        return tf.add_n([tf.reduce_mean(tf.abs(scale - label)) for scale in _scales(judgements)])

    def discriminator(judgements, real):
        return distance(judgements, 1.0 if real else 0.0)

    def generator(judgements):
        return distance(judgements, 1.0)

    return discriminator, generator


_PAIRS = {
    "least_squares": least_squares,
    "bce": _bce,
    "hinge": _hinge,
    "absolute": _absolute,
    "wgan-gp": _wasserstein,
}


def _raise_judgements(judgements):
    return -tf.add_n([tf.reduce_mean(scale) for scale in _scales(judgements)])


def _scales(judgements):
    return [wide(scale) for scale in tf.nest.flatten(judgements)]


def _sum_of_means(judgements):
    """Sum over images of each one's mean judgement."""
    images = tf.cast(tf.shape(judgements)[0], judgements.dtype)
    return tf.reduce_mean(judgements) * images


def _plain(name):
    return name.lower().replace("-", "_")


def _listed(options):
    return f"the options {', '.join(options)}" if options else "no options"
