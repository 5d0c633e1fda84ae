"""Difference maps against closed forms, and what is written of them."""

import nibabel as nib
import numpy as np
import pytest
import volumes_on_disk

from gan_mri.trust.detection.maps import SCORES, difference_map, write_maps
from gan_mri.trust.lesions.cases import ReportCase

SIZES = (1.0, 2.0, 3.0)


def test_a_constant_difference_stays_up_to_the_rim_of_the_head():
    head = np.zeros((12, 10, 8), bool)
    head[2:9, 3:8, :6] = True
    real, synthetic = np.where(head, 0.75, -1.0), np.where(head, 0.5, 1.0)
    found = difference_map(real, synthetic, head, SIZES)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[head], 0.25, rtol=1e-5)
    assert not found[~head].any()


def test_a_point_becomes_a_gaussian_in_mm():
    head = np.ones((41, 31, 25), bool)
    real = np.zeros(head.shape)
    real[20, 15, 12] = 1.0
    found = difference_map(real, np.zeros(head.shape), head, SIZES, width=3.0)
    steps = [size * (np.arange(n) - n // 2) for size, n in zip(SIZES, head.shape)]
    expected = np.exp(-sum(one**2 for one in np.meshgrid(*steps, indexing="ij")) / (2 * 9.0))
    expected /= expected.sum()
    # SciPy cuts off at four standard deviations.
    np.testing.assert_allclose(found[14:27, 12:19, 10:15], expected[14:27, 12:19, 10:15], rtol=2e-3)


def test_without_smoothing_it_is_the_difference_of_what_can_be_drawn():
    real, synthetic = np.array([[[1.5, -0.5, 0.5]]]), np.array([[[0.0, 0.25, 0.5]]])
    found = difference_map(real, synthetic, np.ones((1, 1, 3), bool), SIZES, width=0)
    np.testing.assert_array_equal(found, [[[1.0, -0.75, 0.0]]])
    assert [float(of(found[0, 0, 1])) for of in SCORES.values()] == [0.75, -0.75, 0.75]


def test_maps_are_written_on_the_grid_of_the_source(tmp_path):
    # Integers, stored from right to left.
    make = {"T1w": lambda seed: volumes_on_disk.head(seed).astype("int16")}
    bids = volumes_on_disk.write(tmp_path / "bids", make, subjects=("01",))
    source = bids / "sub-01" / "anat" / "sub-01_T1w.nii.gz"
    case = ReportCase("sub-01", "sub-01 ses-a", {"T1w": source}, None, None)
    signed = np.random.default_rng(0).uniform(-2, 2, (22, 20, 24)).astype("float32")
    paths = write_maps(tmp_path, case, {"cycle": signed})
    assert [path.name for path in paths] == [
        "sub-01_ses-a_map-cycle_signed.nii.gz",
        "sub-01_ses-a_map-cycle_absolute.nii.gz",
    ]
    for path, expected in zip(paths, (signed, np.abs(signed))):
        written = nib.load(path)
        np.testing.assert_array_equal(written.affine, nib.load(source).affine)
        assert written.get_data_dtype() == np.float32
        canonical = nib.as_closest_canonical(written).get_fdata()
        assert canonical == pytest.approx(expected, abs=1e-6)
