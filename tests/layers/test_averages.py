import numpy as np
import pytest
import tensorflow as tf
import tiny

from gan_mri.layers import BatchStatistics, InstanceNormalization
from gan_mri.layers.averages import mean_over


@pytest.mark.parametrize("shape", [(2, 4, 5, 3), (2, 3, 4, 5, 3)])
@pytest.mark.parametrize("batch", [False, True])
def test_over_space_and_over_the_batch_too(shape, batch):
    axes = [0] * batch + list(range(1, len(shape) - 1))
    images = tiny.images(*shape)
    expected = images.mean(tuple(axes), keepdims=True)
    np.testing.assert_allclose(mean_over(tf.constant(images), axes), expected, rtol=0, atol=1e-15)


@pytest.fixture(scope="module")
def head():
    """Four maps that are mostly background, in float32 and the same values in float64."""
    maps = np.full((128, 128, 128, 4), -0.7, np.float32)
    maps[32:96, 32:96, 32:96] = np.random.default_rng(3).normal(3, 2, (64, 64, 64, 4))
    return tf.constant(maps[np.newaxis]), maps.astype(np.float64)


def test_the_mean_of_a_volume(head):
    maps, exact = head
    expected = exact.mean((0, 1, 2))
    one_call, ours = (
        np.abs(np.reshape(mean, -1) - expected).max()
        for mean in (tf.reduce_mean(maps, [1, 2, 3]), mean_over(maps, [1, 2, 3]))
    )
    assert ours < 1e-6 and one_call > 1e-4


@pytest.mark.parametrize("layer", [InstanceNormalization, BatchStatistics])
def test_layers_of_volumes(head, layer):
    maps, exact = head
    expected = (exact - exact.mean((0, 1, 2))) / exact.std((0, 1, 2))
    # Both epsilons are 1e-5, and the largest values 9.
    np.testing.assert_allclose(layer()(maps)[0], expected, rtol=0, atol=1e-4)
