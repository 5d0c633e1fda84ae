import numpy as np
import pytest
import tensorflow as tf
import tiny

from gan_mri import losses


def test_errors():
    truth, image = tiny.pair(2, 4, 5, 1)
    difference = image - truth
    np.testing.assert_allclose(
        losses.mean_absolute_error(truth, image), np.abs(difference).mean(), rtol=1e-12
    )
    np.testing.assert_allclose(
        losses.mean_squared_error(truth, image), (difference**2).mean(), rtol=1e-12
    )


@pytest.mark.parametrize("real_label", [1.0, 0.9])
def test_least_squares(real_label):
    discriminator, generator = losses.least_squares(real_label)
    judged = tiny.images(2, 8, 8, 1)
    to_real, to_fake = ((judged - real_label) ** 2).mean(), (judged**2).mean()
    np.testing.assert_allclose(discriminator(judged, True), to_real / 2, rtol=1e-12)
    np.testing.assert_allclose(discriminator(judged, False), to_fake / 2, rtol=1e-12)
    # The generators aim at the real label too, at full weight.
    np.testing.assert_allclose(generator(judged), to_real, rtol=1e-12)


def test_scales_are_summed():
    discriminator, generator = losses.least_squares()
    scales = [tiny.images(2, 8, 8, 1), tiny.images(2, 4, 4, 1, seed=1)]
    np.testing.assert_allclose(
        discriminator(scales, False),
        sum((scale**2).mean() for scale in scales) / 2,
        rtol=1e-12,
    )
    np.testing.assert_allclose(
        generator(scales), sum(((scale - 1) ** 2).mean() for scale in scales), rtol=1e-12
    )


def test_mean_square():
    code = 3 * tiny.images(2, 4, 5, 8)
    np.testing.assert_allclose(losses.mean_square(code), (code**2).mean(), rtol=1e-12)
    half = tf.cast(code, tf.bfloat16)
    wide = tf.cast(half, tf.float64).numpy()
    assert losses.mean_square(half).dtype == tf.float32
    np.testing.assert_allclose(losses.mean_square(half), (wide**2).mean(), rtol=1e-6)


def test_binary_cross_entropy():
    scales = [5 * tiny.images(2, 8, 8, 1), 5 * tiny.images(2, 4, 4, 1, seed=1)]
    probabilities = [1 / (1 + np.exp(-logits)) for logits in scales]
    for real in (True, False):
        expected = sum(-np.log(p if real else 1 - p).mean() for p in probabilities)
        found = losses.binary_cross_entropy(scales, real)
        np.testing.assert_allclose(found, expected, rtol=1e-12)
    one = losses.binary_cross_entropy(scales[0], True)
    np.testing.assert_allclose(one, -np.log(probabilities[0]).mean(), rtol=1e-12)


def test_binary_cross_entropy_of_judgements_that_are_sure():
    """Where a sigmoid is 0 or 1 to the last bit, loss and gradient are those of the logit."""
    logits = tf.constant([[-2000.0], [2000.0]])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = losses.binary_cross_entropy(logits, True)
    assert float(loss) == 1000
    np.testing.assert_allclose(tape.gradient(loss, logits), [[-0.5], [0]], atol=1e-30)
