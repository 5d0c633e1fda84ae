import numpy as np
import pytest
import tensorflow as tf
import tiny

from gan_mri.backend import tf_variables
from gan_mri.errors import GanMriError
from gan_mri.networks.segmenter import segmenter


@pytest.mark.parametrize("shape", [(2, 13, 18, 1), (1, 9, 12, 10, 3)])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float64"])
def test_probabilities_of_any_size(shape, dtype):
    free = (*[None] * (len(shape) - 2), shape[-1])
    network = segmenter(free, classes=4, filters=2, dtype=dtype)
    images = tiny.images(*shape, dtype="float64" if dtype == "float64" else "float32")
    with tf.GradientTape() as tape:
        found = network(images, training=True)
        loss = -tf.reduce_mean(tf.math.log(found[..., 1]))
    assert found.shape == (*shape[:-1], 4)
    assert found.dtype == ("float64" if dtype == "float64" else "float32")
    np.testing.assert_allclose(np.sum(found, axis=-1), 1, atol=1e-6)
    assert np.min(found) >= 0
    for gradient in tape.gradient(loss, tf_variables(network.trainable_variables)):
        assert np.isfinite(gradient).all()


def test_parameters_are_those_of_its_convolutions():
    """Two 3x3 convolutions at each of three sizes down, and up two after a 2x2 one."""
    network = segmenter((32, 32, 1), classes=5, filters=4, normalization="none")

    def convolution(size, a, b):
        return size * size * a * b + b

    down = [(1, 4), (4, 4), (4, 8), (8, 8), (8, 16), (16, 16)]
    up = [(16, 8), (8, 8), (8, 4), (4, 4)]
    expected = sum(convolution(3, *pair) for pair in down + up)
    expected += convolution(2, 16, 8) + convolution(2, 8, 4) + convolution(1, 4, 5)
    assert network.count_params() == expected


def test_it_learns_which_pixels_are_bright():
    rng = np.random.default_rng(0)
    images = rng.uniform(-1, 1, (4, 16, 16, 1)).astype(np.float32)
    truth = (images[..., 0] > 0.2).astype(np.int32)
    network = segmenter((16, 16, 1), classes=2, filters=4, levels=2)
    network.compile("adam", "sparse_categorical_crossentropy")
    network.optimizer.learning_rate.assign(0.01)
    for _ in range(60):
        network.train_on_batch(images, truth)
    found = np.argmax(network(images), axis=-1)
    assert np.mean(found == truth) > 0.9


@pytest.mark.parametrize(("settings", "named"), [({"classes": 1}, "classes"), ({"levels": 0}, "l")])
def test_too_few(settings, named):
    with pytest.raises(GanMriError, match=f"^{named}.*expected a whole number from"):
        segmenter((16, 16, 1), **{"classes": 2, **settings})
