import numpy as np
import pytest
from skimage.measure import block_reduce

from gan_mri.errors import GanMriError
from gan_mri.synthetic.knees.raster import FIELD_OF_VIEW, raster


@pytest.mark.parametrize("shape", [(16, 16), (64, 48), (48, 100), (256, 256)])
def test_samples_lie_evenly_around_the_middle(shape):
    cells = raster(shape)
    assert cells.right.size == shape[1] * cells.factor and cells.up.size == shape[0] * cells.factor
    np.testing.assert_allclose(cells.right, -cells.right[::-1], atol=1e-4)
    assert (np.diff(cells.right) > 0).all() and (
        np.diff(cells.up) < 0
    ).all()  # the first row is the top
    shorter = cells.right if shape[1] < shape[0] else cells.up
    assert np.ptp(shorter) + cells.step == pytest.approx(FIELD_OF_VIEW, rel=1e-4)
    assert cells.pixel == pytest.approx(cells.step * cells.factor)


@pytest.mark.parametrize("channels", [(), (3,)])
def test_pooling_is_the_mean_of_each_pixel(channels):
    cells = raster((32, 20))
    samples = np.random.default_rng(0).normal(size=(64, 40, *channels)).astype(np.float32)
    expected = block_reduce(samples, (2, 2, *(1 for _ in channels)), np.mean)
    np.testing.assert_allclose(cells.pool(samples), expected, atol=1e-6)


def test_fine_pixels_are_one_sample():
    cells = raster((256, 256))
    samples = np.zeros((256, 256), np.float32)
    assert cells.factor == 1 and cells.pool(samples) is samples


@pytest.mark.parametrize(
    "shape",
    [64, (64,), (64, 64, 3), (8, 64), (64, 2000), (64.5, 64), "64", (64, None), (64, np.inf)],
)
def test_bad_shapes(shape):
    with pytest.raises(GanMriError, match="shape: expected .H, W."):
        raster(shape)
