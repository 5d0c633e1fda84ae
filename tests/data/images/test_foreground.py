import numpy as np
import pytest
from data_samples import head

from gan_mri.data.images import foreground
from gan_mri.data.images.foreground import foreground_mask, kept_slices, statistics


def test_statistics_against_numpy():
    array = head((20, 20, 20), dtype=np.float32) - 3
    facts = statistics(array)
    low, high = np.percentile(array, [0.5, 99.9])
    assert facts.threshold == pytest.approx(low + 0.05 * (high - low))
    foreground = array[array > facts.threshold].astype(np.float64)
    assert facts.low == -3
    assert facts.high == pytest.approx(np.percentile(foreground, 99.5))
    assert facts.mean == pytest.approx(foreground.mean())
    assert facts.deviation == pytest.approx(foreground.std())


def test_the_deviation_of_many_parts_is_that_of_the_whole(monkeypatch):
    monkeypatch.setattr(foreground, "_PART", 50)
    volume = head(dtype=np.float32) + np.float32(3e4)  # in float32 squares would not do
    inside = volume[volume > 3e4].astype(np.float64)
    assert statistics(volume).deviation == pytest.approx(inside.std(), rel=1e-12)


def test_foreground_is_the_object():
    array = head()
    np.testing.assert_array_equal(foreground_mask(array, statistics(array).threshold), array > 0)


def test_small_negative_values_of_a_skull_stripped_volume_are_background():
    array = head((30, 30, 30)).astype(np.float32)
    outside = array == 0
    array[outside] = np.random.default_rng(1).normal(0, 5, outside.sum())
    mask = foreground_mask(array, statistics(array).threshold)
    assert (mask == ~outside).mean() > 0.999


def test_a_picture_without_background_is_foreground():
    photo = np.random.default_rng(0).integers(60, 200, (50, 50, 3), dtype=np.uint8)
    facts = statistics(photo, channels=3)
    assert foreground_mask(photo, facts.threshold, channels=3).mean() > 0.9


def test_rgb_uses_the_mean_of_the_channels_for_the_mask_and_every_channel_for_the_range():
    picture = np.zeros((20, 20, 3), np.uint8)
    picture[5:15, 5:15, 0] = 240
    facts = statistics(picture, channels=3)
    assert facts.threshold == pytest.approx(0.05 * 80)
    assert facts.high == 240
    mask = foreground_mask(picture, facts.threshold, channels=3)
    assert mask.shape == (20, 20) and mask.sum() == 100


def test_nothing_above_the_background():
    assert statistics(np.full((5, 5), 9)) is None
    dark_dot = np.full((100, 100), 9)
    dark_dot[0, 0] = 0
    assert statistics(dark_dot) is None


def test_slices_under_one_percent_are_empty():
    stack = np.zeros((3, 20, 20))
    stack[0, 0, :4] = 10  # exactly 1 %
    stack[1, 0, :3] = 10
    stack[2, 5:9] = 10
    np.testing.assert_array_equal(kept_slices(stack, 5.0), [0, 2])
