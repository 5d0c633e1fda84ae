"""`Geometry` of rank 3; what both ranks have in common is in test_geometry.py."""

import numpy as np
import pytest
from data_samples import Given
from scipy import ndimage

from gan_mri.data.images.geometry import Geometry

SIZE = (20, 24, 18)


def places(*shape):
    """A volume of three channels: where each voxel is, along X, Y and Z."""
    return np.stack(np.indices(shape), axis=-1).astype(np.float32)


def test_crop_takes_the_window_as_it_is():
    geometry, volume = Geometry(SIZE, "crop"), places(30, 31, 32)
    assert geometry.rank == 3
    cropped = geometry.training(Given([volume]), 0, (5, 7, 11))
    assert cropped.dtype == np.float32 and cropped.shape == (*SIZE, 3)
    np.testing.assert_array_equal(cropped - places(*SIZE), np.broadcast_to((5, 7, 11), (*SIZE, 3)))


@pytest.mark.parametrize("shape", [(18, 21, 17), (40, 21, 30), (20, 50, 9)])
def test_a_smaller_volume_is_padded_with_its_border(shape):
    geometry, volume = Geometry(SIZE, "crop"), places(*shape)
    window = geometry.window(shape, np.random.default_rng(0))
    padded = geometry.training(Given([volume]), 0, window)
    for axis, (have, want, first) in enumerate(zip(shape, SIZE, window)):
        before = max(want - have, 0) // 2
        expected = np.clip(first + np.arange(want) - before, 0, have - 1)
        found = np.moveaxis(padded[..., axis], axis, -1)
        np.testing.assert_array_equal(found, np.broadcast_to(expected, found.shape))


def test_windows_lie_mostly_where_there_is_tissue():
    shape, mask = (60, 60, 60), np.zeros((60, 60, 60), bool)
    mask[42:52, 8:18, 40:50] = True  # 0.5 %: without the mask one center in 216 would lie there
    geometry, rng = Geometry(SIZE, "crop"), np.random.default_rng(1)
    centers = [np.add(geometry.window(shape, rng, mask), np.array(SIZE) // 2) for _ in range(400)]
    inside = np.mean([mask[tuple(center)] for center in centers])
    # Nine of ten are drawn from 100 voxels, of which one at least hits with 1 - 0.9954^100.
    expected = 0.9 * (1 - (1 - mask.mean()) ** 100)
    assert abs(inside - expected) < 4 * np.sqrt(expected * (1 - expected) / 400)
    assert Geometry(SIZE, "resize").window(shape, rng, mask) == (0, 0, 0)


def test_resize_keeps_the_aspect_and_centers():
    volume = np.zeros((40, 24, 18, 1), np.float32)
    volume[1:-1, 1:-1, 1:-1] = 1
    geometry = Geometry((32, 32, 32), "resize")
    whole = geometry.whole(volume)
    assert whole.shape == (32, 32, 32, 1) and whole.dtype == np.float32
    np.testing.assert_array_equal(geometry.training(Given([volume]), 0, (0, 0, 0)), whole)
    for axis, length in enumerate((32, 19, 14)):  # x 0.8
        others = tuple(other for other in range(3) if other != axis)
        found = np.flatnonzero((whole[..., 0] > 0.4).any(axis=others))
        assert 0 <= length - len(found) <= 4  # the border of zeros is left out
        assert abs(found[0] + found[-1] - 31) <= (length % 2)


def test_resize_keeps_places_where_they_are():
    """A ramp is a ramp at any size: voxel i of n lies at (i + 1/2) / n of the way."""
    ramp = (places(21, 21, 21) + 0.5) / 21
    whole = Geometry((63, 63, 63), "resize").whole(ramp)
    expected = (places(63, 63, 63) + 0.5) / 63
    inside = (slice(3, -3),) * 3
    np.testing.assert_allclose(whole[inside], expected[inside], atol=1e-6)


@pytest.mark.parametrize("shape", [(32, 32, 32), (48, 40, 30), (37, 61, 20), (24, 18, 22)])
def test_restore_undoes_whole(shape):
    waves = np.stack(np.meshgrid(*[np.linspace(0, 2, n) for n in shape], indexing="ij"))
    volume = (0.8 * np.sin(np.pi * waves[0]) * np.cos(np.pi * waves[1:]).prod(axis=0))[..., None]
    volume = volume.astype(np.float32)
    geometry = Geometry((32, 32, 32), "resize")
    restored = geometry.restore(geometry.whole(volume), shape)
    assert restored.shape == volume.shape
    # The shortest wave has 10 samples a period here; linear interpolation flattens its crests.
    assert np.abs(restored - volume).max() < 0.3
    assert np.corrcoef(restored.ravel(), volume.ravel())[0, 1] > 0.99
    np.testing.assert_allclose(
        ndimage.center_of_mass(restored + 1.0), ndimage.center_of_mass(volume + 1.0), atol=0.05
    )


def test_a_mask_is_true_where_half_of_the_voxel_is():
    mask = np.zeros((40, 40, 40), bool)
    mask[10:30, 6:14, 4:36] = True
    whole = Geometry((20, 20, 20), "resize").whole_mask(mask)
    expected = np.zeros((20, 20, 20), bool)
    expected[5:15, 3:7, 2:18] = True
    assert whole.dtype == bool
    # The smoothing before sampling rounds edges off, where a quarter of a voxel is left.
    faces = expected & ~ndimage.binary_erosion(expected, iterations=1)
    np.testing.assert_array_equal(whole[~faces], expected[~faces])
    assert (whole != expected).sum() <= faces.sum() // 3


def test_crop_shows_translation_the_whole_volume():
    geometry, volume = Geometry(SIZE, "crop"), places(33, 17, 20)
    assert geometry.whole(volume) is volume and geometry.restore(volume, (33, 17, 20)) is volume


def test_config_comes_back():
    geometry = Geometry(SIZE)
    assert geometry.to_config() == {"size": [20, 24, 18], "fit": "resize"}
    assert Geometry.from_config(geometry.to_config()) == geometry
