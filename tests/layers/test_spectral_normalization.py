"""Against power iteration and singular values in NumPy."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import tiny

from gan_mri.backend import tf_variables
from gan_mri.layers import SpectralNormalization

# Layer, shape of an input, output axis of the kernel.
CASES = {
    "Conv2D": (lambda: keras.layers.Conv2D(4, 3, dtype="float64"), (6, 5, 3), -1),
    "Conv3D": (lambda: keras.layers.Conv3D(4, 2, dtype="float64"), (3, 4, 5, 3), -1),
    "Conv2DTranspose": (
        lambda: keras.layers.Conv2DTranspose(4, 3, strides=2, dtype="float64"),
        (6, 5, 3),
        -2,
    ),
    "Conv3DTranspose": (
        lambda: keras.layers.Conv3DTranspose(4, 2, dtype="float64"),
        (3, 4, 5, 3),
        -2,
    ),
    "Dense": (lambda: keras.layers.Dense(4, dtype="float64"), (7,), -1),
}


@pytest.fixture(params=CASES)
def case(request):
    """(layer, inputs, output axis), with a bias that is not 0."""
    make, shape, axis = CASES[request.param]
    layer = SpectralNormalization(make(), dtype="float64")
    inputs = tiny.images(2, *shape)
    layer(inputs)
    layer.layer.bias.assign(tiny.images(4, seed=3))
    return layer, inputs, axis


def as_matrix(kernel, axis):
    kernel = np.moveaxis(np.asarray(kernel), axis, -1)
    return kernel.reshape(-1, kernel.shape[-1])


def state(layer):
    """(kernel, u) as NumPy arrays."""
    return np.array(layer.layer.kernel), np.array(layer.u)


def power_iteration(matrix, u, times):
    """u, v after some iterations from u."""
    u = u.ravel() / np.linalg.norm(u)
    v = matrix @ u / np.linalg.norm(matrix @ u)
    for _ in range(times):
        v = matrix @ u / np.linalg.norm(matrix @ u)
        u = matrix.T @ v / np.linalg.norm(matrix.T @ v)
    return u, v


def with_kernel(layer, kernel, inputs):
    """The wrapped layer's output with another kernel."""
    plain = type(layer.layer).from_config(layer.layer.get_config())
    plain.build(inputs.shape)
    plain.set_weights([kernel, np.array(layer.layer.bias)])
    return plain(inputs)


@pytest.mark.parametrize("training", [False, True])
def test_output_is_that_of_the_normalised_kernel(case, training):
    layer, inputs, axis = case
    kernel, u = state(layer)
    matrix = as_matrix(kernel, axis)
    expected_u, v = power_iteration(matrix, u, times=1 if training else 0)
    sigma = v @ matrix @ expected_u
    output = layer(inputs, training=training)
    expected = with_kernel(layer, kernel / sigma, inputs)
    np.testing.assert_allclose(output, expected, rtol=0, atol=1e-12)


def test_u_moves_once_for_each_training_call(case):
    layer, inputs, axis = case
    kernel, u = state(layer)
    layer(inputs)
    layer(inputs, training=False)
    np.testing.assert_array_equal(layer.u, u)
    for calls in (1, 2, 3):
        layer(inputs, training=True)
        expected, _ = power_iteration(as_matrix(kernel, axis), u, times=calls)
        np.testing.assert_allclose(np.ravel(layer.u), expected, atol=1e-12)
    np.testing.assert_array_equal(layer.layer.kernel, kernel)


def test_several_power_iterations_a_call():
    layer = SpectralNormalization(
        keras.layers.Dense(4), power_iterations=5, dtype="float64"
    )
    inputs = tiny.images(2, 7)
    layer(inputs)
    kernel, u = state(layer)
    layer(inputs, training=True)
    expected, _ = power_iteration(kernel, u, times=5)
    np.testing.assert_allclose(np.ravel(layer.u), expected, atol=1e-6)


def test_largest_singular_value_settles_at_1(case):
    layer, inputs, axis = case
    for _ in range(100):
        layer(inputs, training=True)
    singular_values = np.linalg.svd(
        as_matrix(layer.normalized_kernel(), axis), compute_uv=False
    )
    np.testing.assert_allclose(singular_values[0], 1, rtol=0, atol=1e-3)


@pytest.mark.parametrize("training", [False, True])
def test_gradient_is_orthogonal_to_the_kernel(case, training):
    # A step along the kernel does not change W / sigma(W).
    layer, inputs, _ = case
    (kernel,) = tf_variables([layer.layer.kernel])
    with tf.GradientTape() as tape:
        output = layer(inputs, training=training)
        loss = tf.reduce_sum(output * tiny.images(*output.shape, seed=9))
    gradient, kernel = tape.gradient(loss, kernel).numpy().ravel(), kernel.numpy().ravel()
    norms = np.linalg.norm(gradient) * np.linalg.norm(kernel)
    assert np.linalg.norm(gradient) > 1e-3
    assert abs(gradient @ kernel) / norms < 1e-5


def test_in_a_graph():
    layer = SpectralNormalization(keras.layers.Conv2D(4, 3))
    inputs = tiny.images(2, 6, 5, 3, dtype="float32")
    layer(inputs)
    twin = SpectralNormalization(keras.layers.Conv2D(4, 3))
    twin(inputs)
    twin.set_weights(layer.get_weights())
    step = tf.function(lambda images: layer(images, training=True))
    for _ in range(2):
        np.testing.assert_allclose(
            step(inputs), twin(inputs, training=True), rtol=0, atol=1e-5
        )
    np.testing.assert_allclose(layer.u, twin.u, atol=1e-5)


def test_unknown_layer():
    with pytest.raises(ValueError, match="Conv2D.*Received: LayerNormalization"):
        SpectralNormalization(keras.layers.LayerNormalization())


@pytest.mark.parametrize("iterations", [0, -1])
def test_wrong_power_iterations(iterations):
    with pytest.raises(ValueError, match="power_iterations"):
        SpectralNormalization(keras.layers.Dense(2), power_iterations=iterations)
