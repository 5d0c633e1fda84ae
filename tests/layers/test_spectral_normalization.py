"""Against power iteration and singular values in NumPy."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import tiny

from gan_mri.backend import tf_variables
from gan_mri.layers import SpectralNormalization, one_power_iteration

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
    # Of kernels with two nearly equal singular values, 100 iterations do not find the larger one.
    keras.utils.set_random_seed(1)
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
def test_output_is_that_of_the_normalized_kernel(case, training):
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
    layer = SpectralNormalization(keras.layers.Dense(4), power_iterations=5, dtype="float64")
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
    singular_values = np.linalg.svd(as_matrix(layer.normalized_kernel(), axis), compute_uv=False)
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
        np.testing.assert_allclose(step(inputs), twin(inputs, training=True), rtol=0, atol=1e-5)
    np.testing.assert_allclose(layer.u, twin.u, atol=1e-5)


def test_unknown_layer():
    with pytest.raises(ValueError, match="Conv2D.*Received: LayerNormalization"):
        SpectralNormalization(keras.layers.LayerNormalization())


@pytest.mark.parametrize("iterations", [0, -1])
def test_wrong_power_iterations(iterations):
    with pytest.raises(ValueError, match="power_iterations"):
        SpectralNormalization(keras.layers.Dense(2), power_iterations=iterations)


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("strides", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 2, 4])
def test_transposed_convolutions_of_every_geometry(padding, strides, size):
    options = {"strides": strides, "padding": padding, "activation": "tanh"}
    layer = SpectralNormalization(
        keras.layers.Conv2DTranspose(4, size, dtype="float64", **options), dtype="float64"
    )
    inputs = tiny.images(2, 5, 3, 3)
    output = layer(inputs)
    expected = with_kernel(layer, np.asarray(layer.normalized_kernel()), inputs)
    np.testing.assert_allclose(output, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("options", [{"dilation_rate": 2}, {"output_padding": 1, "strides": 2}])
def test_transposed_convolutions_that_are_not_supported(options):
    with pytest.raises(ValueError, match="without dilation and output padding"):
        SpectralNormalization(keras.layers.Conv2DTranspose(4, 3, **options))


def test_convolutions_keep_their_options():
    options = {"dilation_rate": 2, "groups": 2, "activation": "relu", "use_bias": False}
    layer = SpectralNormalization(keras.layers.Conv2D(4, 3, **options))
    inputs = tiny.images(1, 9, 8, 2, dtype="float32")
    output = layer(inputs)
    plain = keras.layers.Conv2D(4, 3, **options)
    plain.build(inputs.shape)
    plain.set_weights([np.asarray(layer.normalized_kernel())])
    np.testing.assert_allclose(output, plain(inputs), rtol=0, atol=1e-6)


def test_a_kernel_of_zeros_stays_one(case):
    layer, inputs, _ = case
    layer.layer.kernel.assign(np.zeros(layer.layer.kernel.shape))
    (kernel,) = tf_variables([layer.layer.kernel])
    with tf.GradientTape() as tape:
        output = layer(inputs, training=True)
        loss = tf.reduce_sum(output)
    assert np.isfinite(output).all()
    assert np.isfinite(tape.gradient(loss, kernel)).all()


def test_within_one_power_iteration_only_the_first_call_counts():
    layers = [SpectralNormalization(keras.layers.Dense(4)) for _ in range(2)]
    inputs = tiny.images(2, 7, dtype="float32")
    for layer in layers:
        layer(inputs)
    before = [state(layer) for layer in layers]

    @tf.function
    def step():
        with one_power_iteration():
            for layer in layers:
                for training in (True, False, True):
                    layer(inputs, training=training)

    for steps in (1, 2):
        step()
        for layer, (kernel, u) in zip(layers, before):
            expected, _ = power_iteration(kernel, u, times=steps)
            np.testing.assert_allclose(np.ravel(layer.u), expected, atol=1e-5)
    # Outside of it every call counts again.
    for call in (3, 4):
        layers[0](inputs, training=True)
        expected, _ = power_iteration(*before[0], times=call)
        np.testing.assert_allclose(np.ravel(layers[0].u), expected, atol=1e-5)


def test_one_power_iteration_ends_with_an_error():
    layer = SpectralNormalization(keras.layers.Dense(4))
    inputs = tiny.images(2, 7, dtype="float32")
    layer(inputs)
    with pytest.raises(RuntimeError), one_power_iteration():
        layer(inputs, training=True)
        raise RuntimeError
    _, u = state(layer)
    layer(inputs, training=True)
    layer(inputs, training=True)
    assert not np.array_equal(layer.u, u)
