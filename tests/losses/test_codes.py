import numpy as np
import tensorflow as tf
import tiny

from gan_mri import losses


def test_mean_square():
    code = 3 * tiny.images(2, 4, 5, 8)
    np.testing.assert_allclose(losses.mean_square(code), (code**2).mean(), rtol=1e-12)
    half = tf.cast(code, tf.bfloat16)
    wide = tf.cast(half, tf.float64).numpy()
    assert losses.mean_square(half).dtype == tf.float32
    np.testing.assert_allclose(losses.mean_square(half), (wide**2).mean(), rtol=1e-6)
