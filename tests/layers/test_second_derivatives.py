"""Gradients of gradients, as the penalty of a Wasserstein GAN takes them, against differences.

The penalty is a function of the first derivative, and its own gradient is the
second: with respect to the images and to the weights.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf
import tiny

from gan_mri.backend import precision, tf_variables
from gan_mri.layers import (
    BatchStatistics,
    InstanceNormalization,
    LeakyReLU,
    Recomputed,
    ReflectionPadding2D,
    SelfAttention,
    SpectralNormalization,
    attention,
)

CASES = {
    "InstanceNormalization": InstanceNormalization,
    "BatchStatistics": BatchStatistics,
    "LeakyReLU": LeakyReLU,
    "ReflectionPadding2D": ReflectionPadding2D,
    "SpectralNormalization": lambda: SpectralNormalization(keras.layers.Conv2D(3, 2)),
    "SpectralNormalization, transposed": lambda: SpectralNormalization(
        keras.layers.Conv2DTranspose(3, 3, strides=2, padding="same")
    ),
    "SelfAttention": lambda: SelfAttention(reduction=2),
    "Recomputed": lambda: Recomputed(
        [keras.layers.Conv2D(4, 3, padding="same"), InstanceNormalization(), LeakyReLU()],
        residual=True,
    ),
}


def network_of(layer):
    """The layer between two convolutions, with weights that are not special."""
    image = keras.Input((None, None, 2))
    x = keras.layers.Conv2D(4, 3, padding="same", activation="tanh")(image)
    x = layer(x)
    network = keras.Model(image, keras.layers.Conv2D(1, 3, activation="tanh")(x))
    random = np.random.default_rng(4)
    network.set_weights([random.uniform(-1, 1, w.shape) for w in network.get_weights()])
    return network


def penalty_and_gradients(network):
    """A function of images: the penalty, and its gradients by images and weights."""
    variables = tf_variables(network.trainable_variables)

    @tf.function
    def compute(images):
        with tf.GradientTape() as outer:
            outer.watch(images)
            with tf.GradientTape() as inner:
                inner.watch(images)
                judged = tf.reduce_sum(network(images))
            slopes = inner.gradient(judged, images)
            lengths = tf.sqrt(tf.reduce_sum(slopes**2, [1, 2, 3]))
            penalty = tf.reduce_mean((lengths - 1) ** 2)
        gradients = outer.gradient(
            penalty, [images, *variables], unconnected_gradients=tf.UnconnectedGradients.ZERO
        )
        return penalty, gradients

    return lambda images: compute(tf.constant(images))


def check(network, images):
    compute = penalty_and_gradients(network)
    _, gradients = compute(images)
    assert all(np.all(np.isfinite(gradient)) for gradient in gradients)
    random = np.random.default_rng(6)
    variables = tf_variables(network.trainable_variables)
    step = 1e-5
    for index, gradient in enumerate(gradients):
        direction = random.normal(size=gradient.shape)
        around = []
        for sign in (1, -1):
            if index == 0:
                around.append(float(compute(images + sign * step * direction)[0]))
                continue
            variable = variables[index - 1]
            before = variable.numpy()
            variable.assign(before + sign * step * direction)
            around.append(float(compute(images)[0]))
            variable.assign(before)
        expected = (around[0] - around[1]) / (2 * step)
        np.testing.assert_allclose(np.sum(gradient * direction), expected, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("name", CASES)
def test_layers(name, monkeypatch):
    monkeypatch.setattr(attention, "SCORES_AT_ONCE", 500)  # several blocks
    with precision("float64"):
        network = network_of(CASES[name]())
    images = tiny.images(2, 5, 4, 2)
    if "pectral" in name:
        # u and v are constants for the gradient: exact once they are singular vectors.
        settle = tf.function(lambda: network(images, training=True))
        for _ in range(100):
            settle()
    check(network, images)


@pytest.mark.parametrize("value", [0.0, 0.3])
def test_a_constant_channel_has_a_finite_second_derivative(value):
    """What lies around a head: the standard deviation is 0, where a square root has no slope."""
    image = tiny.images(1, 5, 4, 2)
    image[..., 1] = value
    layer = InstanceNormalization(dtype="float64")
    with tf.GradientTape() as outer:
        tensor = tf.constant(image)
        outer.watch(tensor)
        with tf.GradientTape() as inner:
            inner.watch(tensor)
            outputs = layer(tensor)
            total = tf.reduce_sum((outputs + outputs**2) * tiny.images(*image.shape, seed=1))
        slopes = inner.gradient(total, tensor)
        penalty = tf.reduce_sum(slopes * tiny.images(*image.shape, seed=2))
    assert np.all(np.isfinite(outer.gradient(penalty, tensor)))
