import numpy as np
import pytest
import tensorflow as tf
import tiny

from gan_mri import losses
from gan_mri.backend import tf_variables
from gan_mri.errors import GanMriError
from gan_mri.networks import patch_discriminator

SEED = tf.constant([3, 5], tf.int64)


@pytest.mark.parametrize("space", [(4, 5), (3, 4, 2), ()])
def test_of_linear_judgements(space):
    """The gradient of a weighted sum is the weights, wherever the points lie."""
    weights = tiny.images(*space, 3, seed=7)

    def judge(images):
        axes = list(range(1, len(images.shape)))
        return tf.reduce_sum(images * weights, axes)[:, tf.newaxis]

    expected = (np.sqrt((weights**2).sum()) - 1) ** 2
    real, fake = tiny.pair(4, *space, 3)
    np.testing.assert_allclose(losses.gradient_penalty(judge, real, fake, SEED), expected)
    # Scales are summed before: that of twice the weights.
    twice = losses.gradient_penalty(lambda x: [judge(x), judge(x)], real, fake, SEED)
    np.testing.assert_allclose(twice, (2 * np.sqrt((weights**2).sum()) - 1) ** 2)


def test_positions_are_averaged():
    real, fake = tiny.pair(2, 4, 5, 1)
    found = losses.gradient_penalty(lambda images: 3 * images, real, fake, SEED)
    # Every pixel's own judgement, 20 of them: a gradient of 3 / 20 each.
    np.testing.assert_allclose(found, (3 / np.sqrt(20) - 1) ** 2)


def test_points_lie_between_each_pair():
    """Half the square of an image has the image as gradient, whose length tells where it is."""
    real, fake = np.ones((500, 1, 1, 1)), np.zeros((500, 1, 1, 1))
    real[250:] = 3
    seen = []

    def judge(images):
        seen.append(images.numpy().ravel())
        return tf.square(images) / 2

    found = losses.gradient_penalty(judge, real, fake, SEED)
    np.testing.assert_allclose(found, ((seen[0] - 1) ** 2).mean())
    share = seen[0] / real.ravel()
    # Uniform: mean 1/2 and variance 1/12, to four standard errors of 500 draws.
    assert np.all((share > 0) & (share < 1))
    assert abs(share.mean() - 1 / 2) < 4 * np.sqrt(1 / 12 / 500)
    assert abs(share.var() - 1 / 12) < 4 * np.sqrt(1 / 180 / 500)
    losses.gradient_penalty(judge, real, fake, SEED)
    losses.gradient_penalty(judge, real, fake, SEED + 1)
    np.testing.assert_array_equal(seen[0], seen[1])
    assert np.any(seen[0] != seen[2])


@pytest.mark.parametrize("shape", [(2, 16, 18, 1), (1, 16, 12, 9, 1)])
@pytest.mark.parametrize("spectral_normalization", [False, True])
def test_gradient_in_the_weights_of_a_discriminator(shape, spectral_normalization):
    judge = patch_discriminator(
        (*[None] * (len(shape) - 2), 1),
        filters=2,
        levels=2,
        # TensorFlow cannot average volumes of float64.
        scales=2 if len(shape) == 4 else 1,
        spectral_normalization=spectral_normalization,
        dtype="float64",
    )
    real, fake = tiny.pair(*shape)
    variables = tf_variables(judge.trainable_variables)
    random = np.random.default_rng(2)
    for variable in variables:
        variable.assign(random.normal(0.1, 0.3, variable.shape))

    @tf.function
    def value_and_gradients():
        with tf.GradientTape() as tape:
            value = losses.gradient_penalty(judge, real, fake, SEED)
        return value, tape.gradient(value, variables, unconnected_gradients="zero")

    value, gradients = value_and_gradients()
    directions = [random.standard_normal(variable.shape) for variable in variables]
    slope = sum(np.sum(one * two) for one, two in zip(gradients, directions))
    ends = []
    # So short a step passes no kink of a leaky rectifier, where slopes jump.
    for sign in (1, -2):
        for variable, direction in zip(variables, directions):
            variable.assign_add(sign * 1e-8 * direction)
        ends.append(float(value_and_gradients()[0]))
    np.testing.assert_allclose(slope, (ends[0] - ends[1]) / 2e-8, rtol=1e-5)
    assert abs(slope) > 1e-4


def test_constant_judgements_have_finite_gradients():
    weight = tf.Variable(0.0)
    real, fake = tiny.pair(2, 4, 4, 1, dtype="float32")
    with tf.GradientTape() as tape:
        value = losses.gradient_penalty(lambda images: weight * images, real, fake, SEED)
    assert np.isfinite(tape.gradient(value, weight))
    np.testing.assert_allclose(value, 1, rtol=1e-6)


def test_different_shapes():
    with pytest.raises(GanMriError, match=r"\(2, 4, 4, 1\) and \(2, 4, 5, 1\)"):
        losses.gradient_penalty(tf.identity, tf.zeros((2, 4, 4, 1)), tf.zeros((2, 4, 5, 1)), SEED)
