import heads
import numpy as np
import pytest

from gan_mri.trust.checks.overview import overview
from gan_mri.trust.checks.symmetry import symmetry


def of(array, affine=heads.AFFINE):
    return symmetry(overview(heads.image(array, affine)))


def test_across_left_and_right():
    alike = of(heads.head())
    assert alike[0] > 0.97 and alike[0] > alike[1:].max() + 0.03


@pytest.mark.parametrize("order", [(1, 0, 2), (2, 1, 0)])
def test_it_moves_with_the_axes(order):
    moved = of(heads.head().transpose(order))
    assert int(np.argmax(moved)) == order.index(0) and np.sort(moved)[1] < moved.max() - 0.03


def test_a_stored_orientation_does_not_count():
    flipped = heads.AFFINE @ np.diag([-1.0, 1, 1, 1])
    flipped[0, 3] = -heads.AFFINE[0, 3]
    np.testing.assert_allclose(of(heads.head()[::-1], flipped), of(heads.head()), atol=0.01)


def test_a_few_slices_tell_nothing():
    assert of(heads.head()[:, :, 30:36]) is None
