import numpy as np
import tensorflow as tf

from gan_mri.layers import LeakyReLU


def test_exact_in_float64():
    x = np.array([-3.0, -1e-9, 0.0, 1e-9, 2.0])
    layer = LeakyReLU(0.2, dtype="float64")
    # In float32, 0.2 is off by 3e-9.
    np.testing.assert_array_equal(layer(x), np.where(x > 0, x, 0.2 * x))


def test_gradient():
    for dtype in ("float32", "float64"):
        x = tf.constant([-3.0, -0.5, 2.0], dtype)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = LeakyReLU(0.2, dtype=dtype)(x)
        np.testing.assert_allclose(tape.gradient(y, x), [0.2, 0.2, 1.0], rtol=1e-7)


def test_slope_is_the_one_asked_for():
    np.testing.assert_allclose(LeakyReLU(0.5)(tf.constant([-2.0, 4.0])), [-1.0, 4.0])
