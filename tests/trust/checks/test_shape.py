import numpy as np
import pytest

from gan_mri.trust.checks import shape

ROWS, COLUMNS = np.mgrid[-1:1:200j, -1:1:200j]
DISC = np.hypot(ROWS, COLUMNS) < 0.6


def test_a_disc():
    assert shape.fraction(DISC) == pytest.approx(np.pi * 0.36 / 4, rel=0.02)
    assert shape.border(DISC) == 0
    rows, columns = shape.extents(DISC)
    assert rows == columns == pytest.approx(120, abs=2)
    # Symmetrical above and below.
    assert shape.front(DISC) == pytest.approx(0, abs=1e-9)


def test_a_disc_cut_in_half():
    half = DISC[:, 100:]
    assert shape.border(half) == pytest.approx(0.6, abs=0.02)
    assert shape.extents(half)[1] == pytest.approx(60, abs=2)


def test_a_triangle_that_widens_downwards():
    """Of three equal heights it has 1 / 9, 3 / 9 and 5 / 9 of its area."""
    triangle = np.tri(300, 300, dtype=bool)
    assert shape.front(triangle) == pytest.approx(np.log(1 / 5), rel=0.02)
    assert shape.front(triangle[::-1]) == pytest.approx(np.log(5), rel=0.02)
    assert shape.front(np.ones((5, 5), bool)) is None


def test_the_largest_part_is_taken_without_holes():
    mask = DISC & (np.hypot(ROWS, COLUMNS) > 0.2)
    mask[2:5, 2:5] = True
    np.testing.assert_array_equal(shape.largest_part(mask), DISC)
    assert not shape.largest_part(np.zeros((4, 4), bool)).any()


def test_a_thread_does_not_make_it_longer():
    part = np.zeros((100, 100), bool)
    part[30:70, 20:80] = True
    part[:, 50] = True
    assert shape.extents(part) == (40, 60)
