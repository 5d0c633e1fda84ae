import nibabel as nib
import numpy as np
import pytest

from gan_mri.data.files.image_file import ImageFile
from gan_mri.trust.checks.overview import overview


def test_it_is_every_few_voxels_along_ras():
    array = np.random.default_rng(0).uniform(0, 1, (30, 250, 97)).astype(np.float32)
    affine = np.array([[0, -1.0, 0, 3], [2, 0, 0, 5], [0, 0, 3, 7], [0, 0, 0, 1]])
    seen = overview(ImageFile("x", array, affine))
    canonical = nib.as_closest_canonical(nib.Nifti1Image(array, affine))
    assert seen.steps == (3, 1, 2) and seen.grid.shape == canonical.shape
    np.testing.assert_array_equal(seen.values, canonical.get_fdata()[::3, ::1, ::2])
    np.testing.assert_allclose(seen.grid.affine, canonical.affine)


def test_colors_are_seen_as_their_mean():
    array = np.random.default_rng(0).integers(0, 255, (8, 9, 10, 3)).astype(np.uint8)
    seen = overview(ImageFile("x", array, np.eye(4)))
    np.testing.assert_allclose(seen.values, array.mean(axis=-1), rtol=1e-6)


def test_slices_with_a_head():
    array = np.zeros((10, 12, 300), np.float32)
    array[2:8, 2:8, 100:201] = 1
    seen = overview(ImageFile("x", array, np.eye(4)))
    kept = seen.kept(2, 0.01)
    # Every fourth slice was looked at.
    assert kept[0] == pytest.approx(100, abs=2) and kept[-1] == pytest.approx(200, abs=2)
    assert len(kept) == pytest.approx(101, abs=3) and kept[-1] < 300
    np.testing.assert_array_equal(seen.kept(0, 0.01), np.arange(2, 8))


def test_nothing_rises_above_the_background():
    array = np.zeros((20, 20, 20), np.float32)
    array[0, 0, 0] = -1
    assert overview(ImageFile("x", array, np.eye(4))).facts is None
