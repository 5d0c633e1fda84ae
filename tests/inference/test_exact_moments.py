import numpy as np
import pytest
import tensorflow as tf
import tiny

from gan_mri.inference.volumes.moments import Moments, slab_moments


@pytest.mark.parametrize("heights", [[10], [1, 9], [3, 3, 3, 1]])
def test_slabs_give_the_moments_of_the_whole(heights):
    volume = tiny.images(10, 7, 5, 3) * [1, 1e-3, 40] + [0, 100, -3]
    moments, start = Moments(), 0
    for height in heights:
        slab = volume[start : start + height]
        mean, variance = slab_moments(tf.constant(slab))
        moments.merge(mean.numpy(), variance.numpy(), slab.size // 3)
        start += height
    assert moments.count == 350
    np.testing.assert_allclose(moments.mean, volume.mean((0, 1, 2)), rtol=1e-14)
    # Of a mean of 100, 1e-3 are 11 digits behind the first.
    np.testing.assert_allclose(moments.variance, volume.var((0, 1, 2)), rtol=1e-9)


def test_float32_background():
    """Half a million voxels, most of them equal: sums in float32 lose four digits there."""
    slab = np.full((64, 96, 90, 2), -0.8765432, np.float32)
    slab[:8] += tiny.images(8, 96, 90, 2, dtype="float32") * [1, 1e-2]
    mean, variance = slab_moments(tf.constant(slab))
    wide = slab.astype(np.float64)
    np.testing.assert_allclose(mean, wide.mean((0, 1, 2)), rtol=1e-6)
    np.testing.assert_allclose(variance, wide.var((0, 1, 2)), rtol=1e-5)
