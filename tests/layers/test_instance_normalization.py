"""Against the formula in NumPy and its gradient by automatic differentiation."""

import numpy as np
import pytest
import tensorflow as tf
import tiny

from gan_mri.backend import tf_variables
from gan_mri.layers import InstanceNormalization
from gan_mri.networks import resnet_generator

SHAPES = {2: (2, 5, 4, 3), 3: (2, 3, 4, 5, 3)}


def formula(x, gamma, beta, epsilon):
    axes = tuple(range(1, x.ndim - 1))
    mean, std = x.mean(axes, keepdims=True), x.std(axes, keepdims=True)
    return gamma * (x - mean) / (std + epsilon) + beta


def layer_with(gamma, beta, epsilon=1e-5, dtype="float64"):
    layer = InstanceNormalization(epsilon, dtype=dtype)
    layer.build((None, None, None, len(gamma)))
    layer.set_weights([np.array(gamma), np.array(beta)])
    return layer


@pytest.fixture(params=SHAPES)
def problem(request):
    x = 0.02 * tiny.images(*SHAPES[request.param])
    return x, np.array([0.5, 1.0, -2.0]), np.array([0.1, -0.2, 0.3])


@pytest.mark.parametrize("epsilon", [1e-5, 1e-2])
def test_values(problem, epsilon):
    x, gamma, beta = problem
    output = layer_with(gamma, beta, epsilon)(x)
    expected = formula(x, gamma, beta, epsilon)
    np.testing.assert_allclose(output, expected, rtol=0, atol=1e-13)


def test_divides_by_std_plus_epsilon():
    # FACTS of the two conventions: 0.990 here, 0.304 with sqrt(var + epsilon).
    x = 1e-3 * np.array([-1.0, 1.0]).reshape(1, 2, 1, 1)
    output = layer_with([1.0], [0.0])(x)
    np.testing.assert_allclose(np.std(output), 1e-3 / (1e-3 + 1e-5), rtol=1e-12)


def test_gradient_is_that_of_the_formula(problem):
    x, gamma, beta = problem
    layer = layer_with(gamma, beta, 1e-3)
    inputs, upstream = tf.constant(x), tf.constant(tiny.images(*x.shape, seed=7))
    plain = [tf.constant(gamma), tf.constant(beta)]
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([inputs, *plain])
        ours = tf.reduce_sum(upstream * layer(inputs))
        axes = list(range(1, x.ndim - 1))
        mean = tf.reduce_mean(inputs, axes, keepdims=True)
        std = tf.math.reduce_std(inputs, axes, keepdims=True)
        theirs = plain[0] * (inputs - mean) / (std + 1e-3) + plain[1]
        theirs = tf.reduce_sum(upstream * theirs)
    assert len(layer.trainable_variables) == 2
    for ours_of, theirs_of in zip(
        tape.gradient(ours, [inputs, *tf_variables(layer.trainable_variables)]),
        tape.gradient(theirs, [inputs, *plain]),
    ):
        np.testing.assert_allclose(ours_of, theirs_of, rtol=1e-10, atol=1e-12)


def test_gradient_is_that_of_differences(problem):
    x, gamma, beta = problem
    layer, upstream = layer_with(gamma, beta, 1e-3), tiny.images(*x.shape, seed=7)
    inputs = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        total = tf.reduce_sum(upstream * layer(inputs))
    gradient = tape.gradient(total, inputs).numpy()
    for index in np.random.default_rng(1).choice(x.size, 20, replace=False):
        shift = np.zeros(x.size)
        shift[index] = 1e-6
        shift = shift.reshape(x.shape)
        up, down = (
            np.sum(upstream * formula(x + sign * shift, gamma, beta, 1e-3)) for sign in (1, -1)
        )
        np.testing.assert_allclose(
            gradient.ravel()[index], (up - down) / 2e-6, rtol=1e-6, atol=1e-6
        )


@pytest.mark.parametrize("value", [-1.0, 0.0, 0.3])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_constant_image(value, dtype):
    x = tf.fill((1, 4, 4, 2), tf.constant(value, dtype))
    layer = layer_with([1.5, 2.0], [0.25, -0.5], dtype=dtype)
    with tf.GradientTape() as tape:
        tape.watch(x)
        output = layer(x)
        total = tf.reduce_sum(output * tf.cast(tiny.images(1, 4, 4, 2), dtype))
    # 0.3 has no exact mean in binary: rounding over (std + epsilon) remains.
    expected = np.broadcast_to([0.25, -0.5], x.shape)
    np.testing.assert_allclose(output, expected, rtol=0, atol=1e-2 if value == 0.3 else 0)
    gradients = tape.gradient(total, [x, *tf_variables(layer.trainable_variables)])
    assert all(np.all(np.isfinite(gradient)) for gradient in gradients)


def test_black_image_through_a_generator():
    generator = resnet_generator((20, 20, 1), filters=2, residual_blocks=1)
    black = tf.fill((2, 20, 20, 1), -1.0)
    with tf.GradientTape() as tape:
        tape.watch(black)
        total = tf.reduce_mean(generator(black))
    gradients = tape.gradient(total, [black, *tf_variables(generator.trainable_variables)])
    assert all(np.all(np.isfinite(gradient)) for gradient in gradients)


def test_statistics_are_float32_in_mixed_precision():
    # Mean 100, deviation 1: bfloat16 has steps of 0.5 there, but the inputs are
    # on its grid, so that only the statistics could lose them.
    x = 100.0 + np.array([-1.0, 1.0] * 8).reshape(1, 4, 4, 1)
    layer = layer_with([1.0], [0.0], dtype="mixed_bfloat16")
    np.testing.assert_allclose(np.asarray(tf.cast(layer(x), tf.float32)), x - 100, rtol=2**-8)


def test_unknown_channels():
    with pytest.raises(ValueError, match="channels"):
        InstanceNormalization().build((None, 8, 8, None))
