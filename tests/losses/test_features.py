import numpy as np
import pytest
import tensorflow as tf
import tiny

from gan_mri import losses
from gan_mri.errors import GanMriError


def test_layers_are_averaged_and_truths_get_no_gradient():
    truth = [tf.constant(tiny.images(2, 8, 6, 3)), tf.constant(tiny.images(2, 4, 3, 5, seed=1))]
    image = [tf.constant(tiny.images(*one.shape, seed=2)) for one in truth]
    with tf.GradientTape() as tape:
        tape.watch([*truth, *image])
        found = losses.feature_difference(truth, image)
    expected = np.mean([np.abs(true - made).mean() for true, made in zip(truth, image)])
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    gradients = tape.gradient(found, [*truth, *image])
    assert gradients[0] is gradients[1] is None
    for gradient, true, made in zip(gradients[2:], truth, image):
        signs = np.sign(made - true)
        np.testing.assert_allclose(gradient, signs / signs.size / 2, rtol=1e-12)


def test_one_tensor_of_half_precision():
    truth, image = (tf.cast(one, tf.bfloat16) for one in tiny.pair(2, 5, 4, 3, 2))
    found = losses.feature_difference(truth, image)
    exact = (tf.cast(one, tf.float64).numpy() for one in (truth, image))
    assert found.dtype == tf.float32
    np.testing.assert_allclose(found, np.abs(np.subtract(*exact)).mean(), rtol=1e-6)


def test_layers_must_fit():
    one, other = tf.zeros((1, 4, 4, 2)), tf.zeros((1, 4, 4, 3))
    with pytest.raises(GanMriError, match="Received: 1 and 2"):
        losses.feature_difference([one], [one, one])
    with pytest.raises(GanMriError, match="Received: 0 and 0"):
        losses.feature_difference([], [])
    with pytest.raises(GanMriError, match=r"\(1, 4, 4, 2\) and \(1, 4, 4, 3\)"):
        losses.feature_difference(one, other)
