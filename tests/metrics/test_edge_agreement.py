import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.stats import pearsonr

from gan_mri.errors import GanMriError
from gan_mri.metrics import blur_ratio, edge_agreement


def magnitude(volume):
    """Central differences inside, one-sided at the border, written out."""
    total = np.zeros(volume.shape)
    for axis in range(volume.ndim):
        v = np.moveaxis(volume, axis, 0)
        slope = np.empty_like(v)
        slope[1:-1], slope[0], slope[-1] = (v[2:] - v[:-2]) / 2, v[1] - v[0], v[-1] - v[-2]
        total += np.moveaxis(slope, 0, axis) ** 2
    return np.sqrt(total)


@pytest.mark.parametrize("shape", [(30, 26), (14, 12, 16)])
def test_edges_are_those_of_plain_differences(shape):
    rng = np.random.default_rng(0)
    a, b, mask = rng.random(shape), rng.random(shape), rng.random(shape) < 0.4
    first, second = magnitude(a)[mask], magnitude(b)[mask]
    expected = second.mean() / first.mean()
    assert blur_ratio(a, b, mask=mask) == pytest.approx(expected, rel=1e-12)
    assert edge_agreement(a, b, mask=mask) == pytest.approx(pearsonr(first, second)[0], abs=1e-12)
    assert blur_ratio(a, 3 - 0.25 * a) == pytest.approx(0.25)
    assert edge_agreement(a, 3 - 0.25 * a) == pytest.approx(1)


def test_blur_lowers_the_ratio_and_a_shift_the_agreement():
    a = gaussian_filter(np.random.default_rng(1).random((64, 64)), 1.0, mode="wrap")
    ratios = [blur_ratio(a, gaussian_filter(a, s, mode="wrap")) for s in (0.5, 1.0, 2.0)]
    assert 1 > ratios[0] > ratios[1] > ratios[2] > 0
    agreements = [edge_agreement(a, np.roll(a, s, axis=0)) for s in (0, 1, 4)]
    assert agreements[0] == pytest.approx(1) and agreements[1] > 0.2 > agreements[2]


def test_images_without_edges_are_refused():
    flat, ramp = np.ones((8, 8)), np.arange(64.0).reshape(8, 8)
    with pytest.raises(GanMriError, match="blur_ratio: expected 'reference' to vary"):
        blur_ratio(flat, ramp)
    assert blur_ratio(ramp, flat) == 0
    with pytest.raises(GanMriError, match="expected 'image' to vary"):
        edge_agreement(np.square(ramp), flat)
