from types import SimpleNamespace

import nibabel as nib
import numpy as np
import pytest
import volumes_on_disk

from gan_mri.data.images.scaling import IntensityScaling
from gan_mri.errors import GanMriError
from gan_mri.trust.lesions.cases import ReportCase
from gan_mri.trust.lesions.volumes import read_real

CARD = SimpleNamespace(
    inputs={"image": "T1w"},
    scalings={"image": IntensityScaling("volume")},
    target_scaling=IntensityScaling("window", (0.0, 500.0)),
)


@pytest.fixture
def case(tmp_path):
    """Images on one grid, and a mask of a few voxels."""
    makers = {"T1w": volumes_on_disk.head, "T2w": lambda seed: volumes_on_disk.head(seed + 10)}
    folder = volumes_on_disk.write(tmp_path / "bids", makers, ("01",)) / "sub-01" / "anat"
    mask = np.zeros((22, 20, 24), "uint8")
    mask[8:11, 9:11, 12] = 1
    nib.save(nib.Nifti1Image(mask, volumes_on_disk.AFFINE), tmp_path / "mask.nii.gz")
    truth = folder / "sub-01_T2w.nii.gz"
    sources = {"T1w": folder / "sub-01_T1w.nii.gz"}
    return ReportCase("sub-01", "sub-01", sources, truth, tmp_path / "mask.nii.gz")


def moved(case, path, affine, array=None):
    """Write a file of the case anew, with another affine."""
    image = nib.load(path)
    values = np.asarray(image.dataobj) if array is None else array
    nib.save(nib.Nifti1Image(values, affine), path)


def test_everything_lies_along_ras_in_the_window_of_its_contrast(case):
    real = read_real(case, CARD, "none")
    t2w = nib.as_closest_canonical(nib.load(case.truth)).get_fdata()
    np.testing.assert_allclose(real.truth, 2 * t2w / 500 - 1, atol=1e-5)
    assert real.truth.max() > 1  # beyond the window, and not clipped
    mask = nib.as_closest_canonical(nib.load(case.mask)).get_fdata() > 0
    np.testing.assert_array_equal(real.lesions, mask)
    assert real.sources["T1w"].max() == 1 and real.sizes.tolist() == [2, 1.5, 3]
    assert real.head[real.lesions].all() and not real.head[0].any()


def test_a_mask_elsewhere_is_refused_or_brought_by_its_header(case):
    shifted = volumes_on_disk.AFFINE.copy()
    shifted[0, 3] -= 4  # two voxels to the left
    moved(case, case.mask, shifted)
    with pytest.raises(GanMriError, match="mask.nii.gz: expected the grid of .*--align headers"):
        read_real(case, CARD, "none")
    found, array = read_real(case, CARD, "headers"), np.zeros((22, 20, 24), bool)
    array[10:13, 9:11, 12] = True  # LAS: stored index grows to the left
    expected = nib.as_closest_canonical(nib.Nifti1Image(array.astype("uint8"), shifted))
    np.testing.assert_array_equal(found.lesions, expected.get_fdata() > 0)
    shifted[0, 3] += 1000
    moved(case, case.mask, shifted)
    with pytest.raises(GanMriError, match="same place .* covers 0%"):
        read_real(case, CARD, "headers")


def test_a_true_image_of_larger_voxels_is_brought_to_the_source(case):
    image = nib.load(case.truth)
    coarse = volumes_on_disk.AFFINE @ np.diag([2.0, 2, 2, 1])
    coarse[:3, 3] = (volumes_on_disk.AFFINE @ [0.5, 0.5, 0.5, 1])[:3]
    values = image.get_fdata().reshape(11, 2, 10, 2, 12, 2).mean(axis=(1, 3, 5))
    fine = 2 * nib.as_closest_canonical(image).get_fdata() / 500 - 1
    nib.save(nib.Nifti1Image(values.astype("float32"), coarse), case.truth)
    real = read_real(case, CARD, "headers")
    assert real.truth.shape == (22, 20, 24)
    assert np.corrcoef(real.truth[real.head], fine[real.head])[0, 1] > 0.8


def test_a_subject_may_have_no_lesion_but_a_mask_must_be_one(case):
    empty = np.zeros((22, 20, 24), "uint8")
    moved(case, case.mask, volumes_on_disk.AFFINE, empty)
    assert not read_real(case, CARD, "none").lesions.any()
    moved(case, case.mask, volumes_on_disk.AFFINE, empty.astype("float32") - 1)
    with pytest.raises(GanMriError, match="expected a mask from 0 on.*from -1"):
        read_real(case, CARD, "none")
    moved(case, case.mask, volumes_on_disk.AFFINE, np.full(empty.shape, np.nan, "float32"))
    with pytest.raises(GanMriError, match="one finite number a voxel"):
        read_real(case, CARD, "none")
