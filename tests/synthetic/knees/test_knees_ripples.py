import numpy as np
import pytest

from gan_mri.synthetic.knees.raster import raster
from gan_mri.synthetic.knees.ripples import Ripples


def waves(ripples, right, up):
    """The sum of cosines, one after the other, in float64."""
    total = 0
    for k, m, phase, size in zip(ripples.right, ripples.up, ripples.phase, ripples.amplitude):
        total = total + size * np.cos(k * right + m * up + phase)
    return total


def test_a_sample_is_the_mean_over_its_square():
    cells = raster((32, 24))
    ripples = Ripples(np.random.default_rng(0), 9, (9, 40))
    offsets = (np.arange(30) + 0.5) / 30 - 0.5
    expected = np.zeros((64, 48))
    for right in offsets:
        for up in offsets:
            expected += waves(
                ripples,
                cells.right[None, :] + right * cells.step,
                cells.up[:, None] + up * cells.step,
            )
    values = ripples(cells)
    assert values.dtype == np.float32
    np.testing.assert_allclose(values, expected / 900, atol=2e-3)


@pytest.mark.parametrize("rough", [0, 0.7])
def test_variance_is_one(rough):
    values = [
        Ripples(np.random.default_rng(n), 60, (4, 30), rough=rough)(raster((256, 256)))
        for n in range(4)
    ]
    assert np.mean(values) == pytest.approx(0, abs=0.05)
    assert np.std(values) == pytest.approx(1, abs=0.12)


def test_waves_too_short_for_a_raster_fade():
    ripples = Ripples(np.random.default_rng(0), 60, (1.5, 3))
    assert ripples(raster((16, 16))).std() < 0.15 < 0.6 < ripples(raster((512, 512))).std()


def test_direction():
    values = Ripples(np.random.default_rng(0), 30, (5, 30), along=np.pi / 2, spread=0.02)(
        raster((256, 256))
    )
    along, across = (np.abs(np.diff(values, axis=axis)).mean() for axis in (0, 1))
    assert along > 10 * across
