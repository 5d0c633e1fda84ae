import keras
import numpy as np
import pytest
import tensorflow as tf
import tiny

from gan_mri.backend import precision, tf_variables
from gan_mri.layers import BatchStatistics

# TensorFlow 1 made this of the 1e-5 that the 2018 code asks for.
EPSILON = 1.001e-5


def layer_with_weights(channels=3, dtype="float64"):
    """A layer whose four weights are all different, and those weights."""
    with precision(dtype):
        layer = BatchStatistics()
    layer.build((None, None, None, channels))
    weights = [tiny.images(channels, seed=seed) + 2 for seed in range(4)]
    layer.set_weights(weights)
    return layer, weights


def normalized(x, axes, gamma, beta, epsilon=EPSILON):
    mean = x.mean(axis=axes, keepdims=True)
    variance = x.var(axis=axes, keepdims=True)
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta


@pytest.mark.parametrize("shape", [(4, 5, 6, 3), (4, 3, 5, 6, 3)])
def test_in_training_over_the_batch_otherwise_over_each_image(shape):
    # Images of different means, so that the two differ by far.
    x = tiny.images(*shape) + np.arange(4).reshape(-1, *[1] * (len(shape) - 1))
    layer, (gamma, beta, *_) = layer_with_weights()
    space = tuple(range(1, len(shape) - 1))
    over_batch = normalized(x, (0, *space), gamma, beta)
    over_image = normalized(x, space, gamma, beta)
    assert np.abs(over_batch - over_image).max() > 0.5
    np.testing.assert_allclose(layer(x, training=True), over_batch, rtol=0, atol=1e-12)
    np.testing.assert_allclose(layer(x), over_image, rtol=0, atol=1e-12)
    np.testing.assert_allclose(layer(x, training=False), over_image, rtol=0, atol=1e-12)


def test_a_batch_of_one_is_the_same_in_both_modes():
    x = tiny.images(1, 5, 6, 3)
    layer, _ = layer_with_weights()
    np.testing.assert_allclose(layer(x, training=True), layer(x), rtol=0, atol=1e-14)


def test_a_batch_translates_as_its_images_one_by_one():
    x = tiny.images(3, 5, 6, 3)
    layer, _ = layer_with_weights()
    one_by_one = np.concatenate([layer(x[i : i + 1]) for i in range(3)])
    np.testing.assert_allclose(layer(x), one_by_one, rtol=0, atol=1e-14)


def test_epsilon_counts_where_the_variance_is_small():
    # The variance of early activations of UNIT is about 2e-4.
    x = 1e-3 * tiny.images(1, 8, 8, 1)
    layer = BatchStatistics(epsilon=1e-3, dtype="float64")
    np.testing.assert_allclose(layer(x), normalized(x, (1, 2), 1, 0, 1e-3), rtol=1e-10, atol=1e-14)
    assert BatchStatistics().epsilon == EPSILON


def test_moving_statistics_are_kept_and_never_used():
    x = tiny.images(2, 5, 6, 3)
    layer, weights = layer_with_weights()
    before = np.asarray(layer(x, training=True))
    for kept, weight in zip(layer.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(kept, weight)
    assert len(layer.trainable_weights) == 2
    layer.set_weights([*weights[:2], weights[2] + 100, weights[3] + 100])
    np.testing.assert_array_equal(layer(x, training=True), before)


@pytest.mark.parametrize("training", [True, False])
def test_a_constant_image_becomes_beta_with_a_finite_gradient(training):
    x = tf.constant(np.full((2, 5, 6, 3), -1.0))
    layer, (_, beta, *_) = layer_with_weights()
    with tf.GradientTape() as tape:
        tape.watch(x)
        output = layer(x, training=training)
        loss = tf.reduce_sum(output * tiny.images(*output.shape))
    np.testing.assert_allclose(output, np.broadcast_to(beta, x.shape), rtol=0, atol=1e-12)
    gradients = tape.gradient(loss, [x, *tf_variables(layer.trainable_weights)])
    assert all(np.all(np.isfinite(gradient)) for gradient in gradients)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_statistics_are_wide_under_mixed_precision(dtype):
    """Sums of 16-bit numbers would overflow (float16) or be wrong by percents (bfloat16)."""
    x = tf.cast(200 + 50 * tiny.images(1, 64, 64, 2), dtype)
    exact = normalized(tf.cast(x, tf.float64).numpy(), (1, 2), 1.0, 0.0)
    with precision(dtype):
        layer = BatchStatistics()
    output = layer(x)
    assert output.dtype == dtype
    rounding = {"bfloat16": 2**-8, "float16": 2**-11}[dtype]
    np.testing.assert_allclose(tf.cast(output, tf.float64), exact, rtol=rounding, atol=1e-4)


def test_batch_normalization_of_keras_agrees():
    x = tiny.images(3, 5, 6, 2, dtype="float32")
    expected = keras.layers.BatchNormalization(epsilon=EPSILON)(x, training=True)
    np.testing.assert_allclose(BatchStatistics()(x, training=True), expected, atol=1e-5)
