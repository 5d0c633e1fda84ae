from collections import Counter

import numpy as np
import pytest

from gan_mri.data.images.windows import FOREGROUND_SHARE, random_window


def drawn(count, *arguments, **options):
    rng = np.random.default_rng(0)
    return Counter(random_window(*arguments, rng, **options) for _ in range(count))


def test_without_a_mask_every_place_is_as_likely():
    windows = drawn(3000, (5, 9, 4), (3, 8, 4))
    assert set(windows) == {(i, j, 0) for i in range(3) for j in range(2)}
    # 500 expected, standard deviation 20.
    assert all(400 < count < 600 for count in windows.values())


@pytest.mark.parametrize("shape, size", [((30, 20), (8, 9)), ((12, 14, 16), (4, 20, 5))])
@pytest.mark.parametrize("with_mask", [False, True])
def test_windows_lie_inside(shape, size, with_mask):
    mask = np.ones(shape, bool) if with_mask else None
    for window in drawn(300, shape, size, mask=mask):
        for start, have, want in zip(window, shape, size):
            assert 0 <= start <= max(have - want, 0)


@pytest.mark.parametrize("shape", [(6, 5), (6, 5, 4)])
@pytest.mark.parametrize("mask", [None, True])
def test_an_image_smaller_than_the_window_is_taken_whole(shape, mask):
    mask = None if mask is None else np.ones(shape, bool)
    assert set(drawn(20, shape, (6, 7, 8)[: len(shape)], mask=mask)) == {(0,) * len(shape)}


def test_nine_of_ten_centers_lie_in_the_foreground_evenly():
    """Windows of one voxel are their own centers."""
    mask = np.zeros((6, 7, 8), bool)
    foreground = [(0, 0, 0), (5, 6, 7), (2, 3, 4), (2, 3, 5)]
    for voxel in foreground:
        mask[voxel] = True
    count = 4000
    windows = drawn(count, mask.shape, (1, 1, 1), mask=mask, tries=2000)
    # A tenth lies anywhere, on 336 voxels.
    expected = count * (FOREGROUND_SHARE / 4 + (1 - FOREGROUND_SHARE) / mask.size)
    for voxel in foreground:
        assert abs(windows[voxel] - expected) < 4 * np.sqrt(expected)
    elsewhere = sum(windows.values()) - sum(windows[voxel] for voxel in foreground)
    assert abs(elsewhere - 0.1 * count) < 4 * np.sqrt(0.1 * count)


@pytest.mark.parametrize("size, start", [(4, 8), (5, 8)])
def test_a_foreground_voxel_is_in_the_middle_of_its_window(size, start):
    mask = np.zeros((20, 21), bool)
    mask[10, 10] = True
    windows = drawn(400, mask.shape, (size, size), mask=mask, tries=5000)
    assert windows.most_common(1)[0][0] == (start, start)
    assert windows[start, start] > 0.8 * 400


def test_at_the_border_a_window_is_moved_inside():
    mask = np.zeros((20, 20, 20), bool)
    mask[0, 19, 1] = True
    windows = drawn(100, mask.shape, (8, 8, 8), mask=mask, tries=50000)
    assert windows.most_common(1)[0][0] == (0, 12, 0)


def test_without_foreground_a_window_lies_anywhere():
    windows = drawn(300, (4, 3), (2, 2), mask=np.zeros((4, 3), bool), tries=5)
    assert set(windows) == {(i, j) for i in range(3) for j in range(2)}


class Asked:
    """A mask that is no array, and what it was asked for."""

    def __init__(self, mask):
        self.mask, self.places = mask, []

    def __getitem__(self, place):
        self.places.append(place)
        return bool(self.mask[place])


@pytest.mark.parametrize("share", [0.3, 0.02])
def test_a_mask_may_be_asked_voxel_by_voxel(share):
    mask = np.random.default_rng(2).random((20, 21, 22)) < share
    asked = Asked(mask)
    windows = [
        [random_window(mask.shape, (8, 8, 8), rng, one) for _ in range(60)]
        for one, rng in ((mask, np.random.default_rng(3)), (asked, np.random.default_rng(3)))
    ]
    assert windows[0] == windows[1]
    # No voxel after the first hit: 1 / share of them a window, 100 at most.
    assert len(asked.places) < 1.6 * 60 * min(1 / share, 100)


def test_one_state_gives_one_window():
    mask = np.random.default_rng(1).random((30, 30)) < 0.3
    for options in ({}, {"mask": mask}):
        first, second = (
            [random_window((30, 30), (8, 8), rng, **options) for _ in range(50)]
            for rng in (np.random.default_rng(7), np.random.default_rng(7))
        )
        assert first == second and len(set(first)) > 30
        assert all(type(index) is int for window in first for index in window)
