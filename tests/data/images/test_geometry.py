import numpy as np
import pytest
from data_samples import Given
from scipy import ndimage

from gan_mri.data.images.geometry import Geometry, common_size
from gan_mri.errors import GanMriError


def ramp(rows, columns):
    """Rises by 1 a row and by 100 a column: every pixel says where it is."""
    return (np.arange(rows)[:, None] + 100.0 * np.arange(columns))[..., None].astype(np.float32)


def smooth(rows, columns):
    """Two periods of a wave in either direction."""
    i, j = np.meshgrid(np.linspace(0, 2, rows), np.linspace(0, 2, columns), indexing="ij")
    return (0.8 * np.sin(np.pi * i) * np.cos(np.pi * j))[..., None].astype(np.float32)


def test_crop_takes_the_window_as_it_is():
    geometry, image = Geometry((17, 20), "crop"), ramp(30, 40)
    cropped = geometry.training(Given([image]), 0, (5, 11))
    assert cropped.dtype == np.float32
    np.testing.assert_array_equal(cropped, image[5:22, 11:31])


def test_windows_reach_every_place_and_no_further():
    geometry, rng = Geometry((17, 20), "crop"), np.random.default_rng(0)
    windows = [geometry.window((19, 23), rng) for _ in range(300)]
    assert set(windows) == {(top, left) for top in range(3) for left in range(4)}
    assert geometry.window((17, 20), rng) == (0, 0)
    assert geometry.window((5, 6), rng) == (0, 0)
    assert Geometry((17, 20), "resize").window((99, 99), rng) == (0, 0)


@pytest.mark.parametrize("rows, columns", [(18, 21), (18, 40), (40, 21)])
def test_a_smaller_image_is_padded_with_its_border(rows, columns):
    size = (24, 24)
    geometry, image = Geometry(size, "crop"), ramp(rows, columns)
    window = geometry.window((rows, columns), np.random.default_rng(3))
    padded = geometry.training(Given([image]), 0, window)
    assert padded.shape == (24, 24, 1)
    # Where a pixel comes from, by index arithmetic: window, then half of the rest before.
    sources = []
    for axis, have in enumerate((rows, columns)):
        before = max(size[axis] - have, 0) // 2
        sources.append(np.clip(window[axis] + np.arange(size[axis]) - before, 0, have - 1))
    np.testing.assert_array_equal(padded, image[np.ix_(*sources)])


def test_crop_shows_translation_the_whole_image():
    geometry, image = Geometry((20, 20), "crop"), ramp(33, 17)
    assert geometry.whole(image) is image
    assert geometry.restore(image, (33, 17)) is image
    mask = image[..., 0] > 500
    assert geometry.whole_mask(mask) is mask


@pytest.mark.parametrize(
    "image_size, inner", [((40, 20), (32, 16)), ((20, 40), (16, 32)), ((16, 8), (32, 16))]
)
def test_resize_keeps_the_aspect_and_centers(image_size, inner):
    geometry = Geometry((32, 32), "resize")
    image = np.zeros((*image_size, 1), np.float32)
    image[1:-1, 1:-1] = 1
    whole = geometry.whole(image)
    assert whole.shape == (32, 32, 1) and whole.dtype == np.float32
    np.testing.assert_array_equal(geometry.training(Given([image]), 0, (0, 0)), whole)
    rows, columns = (np.flatnonzero((whole[..., 0] > 0.4).any(axis=1 - axis)) for axis in (0, 1))
    for found, length in ((rows, inner[0]), (columns, inner[1])):
        assert 0 <= length - len(found) <= 4  # the border of zeros is left out
        assert found[0] + found[-1] == 31  # as far from one border as from the other


def test_resize_keeps_places_where_they_are():
    """A ramp is a ramp at any size: pixel i of n lies at (i + 1/2) / n of the way."""
    image = np.linspace(0, 1, 21, endpoint=False, dtype=np.float32) + 0.5 / 21
    image = np.repeat(image[:, None, None], 21, axis=1)
    whole = Geometry((63, 63), "resize").whole(image)
    expected = (np.arange(63) + 0.5) / 63
    np.testing.assert_allclose(whole[3:-3, 30, 0], expected[3:-3], atol=1e-6)


@pytest.mark.parametrize("image_size", [(64, 64), (80, 50), (37, 61), (30, 24), (32, 32)])
def test_restore_undoes_whole(image_size):
    geometry, image = Geometry((32, 32), "resize"), smooth(*image_size)
    restored = geometry.restore(geometry.whole(image), image_size)
    assert restored.shape == image.shape
    # Two linear interpolations at 16 samples a period lose a few per cent at the crests.
    assert np.abs(restored - image).max() < 0.12
    drift = ndimage.center_of_mass(restored + 1.0)
    np.testing.assert_allclose(drift, ndimage.center_of_mass(image + 1.0), atol=0.05)


def test_resize_works_on_colors():
    image = np.concatenate([smooth(50, 40), -smooth(50, 40), 0.5 * smooth(50, 40)], axis=-1)
    whole = Geometry((32, 32), "resize").whole(image)
    assert whole.shape == (32, 32, 3)
    np.testing.assert_allclose(whole[..., 1], -whole[..., 0], atol=1e-6)


def test_a_mask_is_true_where_half_of_the_pixel_is():
    geometry = Geometry((20, 20), "resize")
    mask = np.zeros((40, 40), bool)
    mask[10:30, 6:14] = True
    whole = geometry.whole_mask(mask)
    assert whole.dtype == bool and whole.shape == (20, 20)
    expected = np.zeros((20, 20), bool)
    expected[5:15, 3:7] = True
    np.testing.assert_array_equal(whole, expected)


@pytest.mark.parametrize("fit", ["crop", "resize"])
def test_config_comes_back(fit):
    geometry = Geometry((24, 32), fit)
    assert geometry.to_config() == {"size": [24, 32], "fit": fit}
    assert Geometry.from_config(geometry.to_config()) == geometry


@pytest.mark.parametrize(
    "size", [(16, 20), (20, 0), (20,), (20, 20, 16), (20, 20, 20, 20), 64, "64", (20.0, 20), None]
)
def test_sizes_that_are_refused(size):
    with pytest.raises(GanMriError, match="image size must be two numbers"):
        Geometry(size)


def test_without_a_word_images_are_resized():
    assert Geometry((20, 20)) == Geometry((20, 20), "resize")


def test_an_unknown_fit_is_refused():
    with pytest.raises(GanMriError, match="fit must be resize or crop. Received: 'stretch'"):
        Geometry((20, 20), "stretch")


def test_common_size_is_the_largest_of_either_axis():
    assert common_size([(20, 31), (25, 18), (19, 19)]) == (25, 31)
    assert common_size([(20, 31, 17), (25, 18, 30)]) == (25, 31, 30)
