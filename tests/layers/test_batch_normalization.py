import keras
import numpy as np
import pytest
import tensorflow as tf
import tiny

from gan_mri.backend import precision, tf_variables
from gan_mri.layers import BatchNormalization


def layer_with_weights(channels=3, dtype="float64", **options):
    """A layer whose four weights are all different, and those weights."""
    with precision(dtype):
        layer = BatchNormalization(**options)
    layer.build((None, None, None, channels))
    weights = [tiny.images(channels, seed=seed) + 2 for seed in range(4)]
    layer.set_weights(weights)
    return layer, weights


@pytest.mark.parametrize("shape", [(4, 5, 6, 3), (4, 3, 5, 6, 3), (7, 3)])
def test_in_training_by_the_batch_and_elsewhere_by_running_averages(shape):
    x = tiny.images(*shape) + np.arange(len(range(shape[0]))).reshape(-1, *[1] * (len(shape) - 1))
    layer, (gamma, beta, mean, variance) = layer_with_weights(momentum=0.8, epsilon=1e-3)
    axes = tuple(range(len(shape) - 1))

    def expected(mean, variance):
        return gamma * (x - mean) / np.sqrt(variance + 1e-3) + beta

    np.testing.assert_allclose(layer(x), expected(mean, variance), rtol=1e-12)
    np.testing.assert_array_equal(layer.get_weights()[2], mean)
    for _ in range(2):
        made = layer(x, training=True)
        np.testing.assert_allclose(made, expected(x.mean(axes), x.var(axes)), atol=1e-12)
        mean = 0.8 * mean + 0.2 * x.mean(axes)
        variance = 0.8 * variance + 0.2 * x.var(axes)
        for ours, theirs in zip(layer.get_weights(), (gamma, beta, mean, variance), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    np.testing.assert_allclose(layer(x), expected(mean, variance), rtol=1e-12)


def test_the_gradient_is_that_of_statistics_of_the_batch():
    """As Keras's own layer has it, whose averages differ in nothing that trains."""
    x = tiny.images(4, 5, 6, 3)
    upstream = tiny.images(4, 5, 6, 3, seed=1)
    layer, (gamma, beta, *_) = layer_with_weights(epsilon=1e-2)
    with precision("float64"):
        keras_layer = keras.layers.BatchNormalization(epsilon=1e-2)
    keras_layer.build((None, None, None, 3))
    keras_layer.set_weights([gamma, beta, np.zeros(3), np.ones(3)])
    found = []
    for one in (layer, keras_layer):
        with tf.GradientTape() as tape:
            images = tf.constant(x)
            tape.watch(images)
            loss = tf.reduce_sum(one(images, training=True) * upstream)
        found.append(tape.gradient(loss, [images, *tf_variables(one.trainable_variables)]))
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


def test_sixteen_bits_keep_wide_averages():
    layer, _ = layer_with_weights(dtype="bfloat16")
    x = tf.cast(tiny.images(2, 5, 6, 3), tf.bfloat16)
    assert layer(x, training=True).dtype == tf.bfloat16
    assert {tf.as_dtype(weight.dtype) for weight in layer.weights} == {tf.float32}


def test_a_copy_has_its_settings():
    layer = BatchNormalization(momentum=0.7, epsilon=1e-4)
    copy = BatchNormalization.from_config(layer.get_config())
    assert (copy.momentum, copy.epsilon) == (0.7, 1e-4)
    with pytest.raises(ValueError, match="momentum must be from 0 to below 1. Received: 1"):
        BatchNormalization(momentum=1)
