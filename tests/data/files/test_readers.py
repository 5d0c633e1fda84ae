import os

import nibabel as nib
import numpy as np
import pytest
from data_samples import LAS, head, write_nifti, write_png

from gan_mri.data.files import readers
from gan_mri.data.files.readers import read_image
from gan_mri.data.files.writers import write_like
from gan_mri.errors import GanMriError


def test_a_volume_and_a_picture(tmp_path):
    volume = read_image(write_nifti(tmp_path / "v.nii.gz", head()))
    assert volume.is_volume and volume.channels == 1
    np.testing.assert_array_equal(volume.affine, LAS)
    np.testing.assert_array_equal(volume.array, head())
    picture = read_image(
        write_png(tmp_path / "p.png", np.arange(60, dtype=np.uint8).reshape(4, 5, 3))
    )
    assert not picture.is_volume and picture.channels == 3 and picture.affine is None


@pytest.mark.parametrize("name", ["missing.nii.gz", "missing.png"])
def test_missing_file(tmp_path, name):
    with pytest.raises(GanMriError, match=f"{name}: expected an image file, received no such file"):
        read_image(tmp_path / name)


def test_folder_and_unknown_suffix(tmp_path):
    (tmp_path / "x.nii").mkdir()
    with pytest.raises(GanMriError, match="received a folder"):
        read_image(tmp_path / "x.nii")
    with pytest.raises(GanMriError, match=r"\.nii\.gz.*received 'scan.dcm'"):
        read_image(tmp_path / "scan.dcm")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_counted(tmp_path, bad):
    array = head(dtype=np.float32)
    array[3, 4, 5] = array[1, 1, 1] = bad
    path = write_nifti(tmp_path / "hole.nii.gz", array)
    with pytest.raises(GanMriError, match=r"hole\.nii\.gz: .*2 NaN or infinite voxels of 960"):
        read_image(path)


def test_a_constant_volume_is_refused_a_black_picture_is_not(tmp_path):
    with pytest.raises(GanMriError, match=r"flat\.nii: .*constant volume \(every voxel is 7\)"):
        read_image(write_nifti(tmp_path / "flat.nii", np.full((4, 4, 4), 7, np.int16)))
    assert (
        read_image(write_png(tmp_path / "black.png", np.zeros((4, 4), np.uint8))).array.max() == 0
    )


def test_a_header_that_lies_about_its_size_allocates_nothing(tmp_path):
    path = write_nifti(tmp_path / "lie.nii", head())
    raw = bytearray(path.read_bytes())
    raw[40:48] = np.array([3, 1200, 1200, 1200], "<i2").tobytes()  # dim[0..3], 3.2 GiB
    path.write_bytes(raw)
    assert nib.load(path).shape == (1200, 1200, 1200)
    with pytest.raises(GanMriError, match=r"lie\.nii: expected 3456000000 bytes of voxels"):
        read_image(path)


def test_values_are_checked_part_by_part(tmp_path, monkeypatch):
    monkeypatch.setattr(readers, "_PART", 50)
    array = head(dtype=np.float32)
    read_image(write_nifti(tmp_path / "v.nii", array))
    array[0, 0, 0] = array[-1, -1, -1] = np.nan
    with pytest.raises(GanMriError, match="2 NaN or infinite voxels of 960"):
        read_image(write_nifti(tmp_path / "hole.nii", array))
    # Each part is constant, the volume is not.
    steps = np.broadcast_to(np.arange(8, dtype=np.int16), (12, 10, 8))
    assert read_image(write_nifti(tmp_path / "steps.nii", steps)).array.max() == 7
    with pytest.raises(GanMriError, match="constant"):
        read_image(write_nifti(tmp_path / "flat.nii", steps * 0 + 7))


def test_what_a_damaged_slope_makes_infinite_is_refused(tmp_path):
    image = nib.Nifti1Image(head(), LAS)
    image.header.set_slope_inter(3e38, 0)
    nib.save(image, tmp_path / "slope.nii.gz")
    with pytest.raises(GanMriError, match=r"slope\.nii\.gz: .*NaN or infinite"):
        read_image(tmp_path / "slope.nii.gz")


@pytest.mark.parametrize(
    "name", [b"caf\xe9.nii.gz", b"caf\xe9.nii", b"caf\xe9.png", b"caf\xe9.npy"]
)
def test_a_name_that_is_not_utf8_is_read_and_written(tmp_path, name):
    """One file that is named may have it; folders refuse such, because tables name theirs."""
    source, output = (tmp_path / os.fsdecode(start + name) for start in (b"", b"out-"))
    array = head() if b"nii" in name else head()[..., 4].astype(np.uint8)
    if b"nii" in name:
        write_nifti(source, array)
    elif b"png" in name:
        write_png(source, array)
    else:
        np.save(source, array)
    image = read_image(source)
    write_like(output, image.array.astype(np.float32), image, (0, 1000))
    np.testing.assert_array_equal(read_image(output).array, array)
