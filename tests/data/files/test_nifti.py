import gzip

import nibabel as nib
import numpy as np
import pytest
from data_samples import LAS, head, write_nifti

from gan_mri.data.files.nifti import read_nifti
from gan_mri.errors import GanMriError


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.int32, np.float32, np.float64])
def test_native_dtype(tmp_path, suffix, dtype):
    array = head().astype(dtype)
    read, affine, header = read_nifti(write_nifti(tmp_path / f"v{suffix}", array))
    assert read.dtype == dtype
    np.testing.assert_array_equal(read, array)
    np.testing.assert_array_equal(affine, LAS)
    assert header["pixdim"][3] == 3


def test_big_endian_becomes_native(tmp_path):
    image = nib.Nifti1Image(head(), LAS, header=nib.Nifti1Header(endianness=">"), dtype=np.int16)
    nib.save(image, tmp_path / "big.nii")
    assert nib.load(tmp_path / "big.nii").get_data_dtype() == np.dtype(">i2")
    array = read_nifti(tmp_path / "big.nii")[0]
    assert array.dtype.isnative
    np.testing.assert_array_equal(array, head())


def test_slope_and_intercept(tmp_path):
    image = nib.Nifti1Image(head(), LAS)
    image.header.set_slope_inter(0.5, -100)
    nib.save(image, tmp_path / "scaled.nii.gz")
    array = read_nifti(tmp_path / "scaled.nii.gz")[0]
    assert array.dtype == np.float32
    np.testing.assert_allclose(array, nib.load(tmp_path / "scaled.nii.gz").get_fdata(), rtol=1e-6)


def test_rgb(tmp_path):
    colors = np.random.default_rng(0).integers(0, 255, (5, 4, 3, 3), dtype=np.uint8)
    rgb = np.zeros((5, 4, 3), nib.nifti1.data_type_codes.dtype["RGB"])
    for i, name in enumerate("RGB"):
        rgb[name] = colors[..., i]
    array = read_nifti(write_nifti(tmp_path / "rgb.nii.gz", rgb))[0]
    np.testing.assert_array_equal(array, colors)


def test_trailing_axis_of_one_is_dropped(tmp_path):
    path = write_nifti(tmp_path / "v.nii.gz", head()[..., np.newaxis])
    assert read_nifti(path)[0].shape == (12, 10, 8)


def test_4d_is_refused(tmp_path):
    path = write_nifti(tmp_path / "bold.nii.gz", np.stack([head(), head()], -1))
    with pytest.raises(
        GanMriError, match=r"bold\.nii\.gz: .*3D.*\(12, 10, 8, 2\).*slicer\[:, :, :, 0\]"
    ):
        read_nifti(path)


def test_2d_and_complex_are_refused(tmp_path):
    with pytest.raises(
        GanMriError, match=r"flat\.nii: expected a 3D volume, received shape \(12, 10\)"
    ):
        read_nifti(write_nifti(tmp_path / "flat.nii", head()[..., 4]))
    with pytest.raises(GanMriError, match=r"k\.nii: .*received NIfTI data type complex64"):
        read_nifti(write_nifti(tmp_path / "k.nii", head().astype(np.complex64)))


@pytest.mark.parametrize("keep", [0, 3, 200, 500, 0.5, 0.98])
@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_truncated(tmp_path, suffix, keep):
    path = write_nifti(tmp_path / f"cut{suffix}", head())
    raw = path.read_bytes()
    path.write_bytes(raw[: int(keep * len(raw)) if isinstance(keep, float) else keep])
    with pytest.raises(GanMriError, match=r"cut\.nii.*: expected"):
        read_nifti(path)


def test_not_a_nifti(tmp_path):
    path = tmp_path / "fake.nii.gz"
    path.write_bytes(b"hello" * 100)
    with pytest.raises(GanMriError, match=r"fake\.nii\.gz: expected a NIfTI volume"):
        read_nifti(path)
    path.write_bytes(gzip.compress(b"hello" * 100))
    with pytest.raises(GanMriError, match=r"fake\.nii\.gz: expected a NIfTI volume"):
        read_nifti(path)


def test_unknown_data_type_code(tmp_path):
    path = write_nifti(tmp_path / "code.nii", head())
    raw = bytearray(path.read_bytes())
    raw[70:72] = np.array([77], "<i2").tobytes()
    path.write_bytes(raw)
    with pytest.raises(GanMriError, match=r"code\.nii: expected a NIfTI volume, could not read it"):
        read_nifti(path)


def test_an_affine_that_cannot_be_inverted(tmp_path):
    path = write_nifti(tmp_path / "v.nii", head())
    raw = bytearray(path.read_bytes())
    raw[280:328] = np.zeros(12, "<f4").tobytes()  # srow_x, srow_y, srow_z; sform_code stays
    path.write_bytes(raw)
    with pytest.raises(GanMriError, match=r"v\.nii: .*not invertible"):
        read_nifti(path)
