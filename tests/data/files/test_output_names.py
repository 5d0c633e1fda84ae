import nibabel as nib
import numpy as np
import pytest
from data_samples import LAS

from gan_mri.data.files.image_file import ImageFile
from gan_mri.data.files.writers import (
    check_suffix,
    name_of_output,
    names_of_outputs,
    write_like,
)
from gan_mri.errors import GanMriError


@pytest.mark.parametrize(
    "source, output",
    [("a.nii.gz", "a.nii.gz"), ("b.JPG", "b.png"), ("c.jpeg", "c.png"), ("d.tif", "d.tif")],
)
def test_name_of_output(source, output):
    assert name_of_output(f"folder/{source}") == output


@pytest.mark.parametrize(
    "source, window, channels, output",
    [
        ("a.png", (0, 255), 1, "a.png"),
        ("a.png", (0, 255), 3, "a.png"),
        ("a.png", (0, 4000), 1, "a.png"),
        ("a.png", (0, 4000), 3, "a.npy"),
        ("a.jpg", (0, 1), 1, "a.tif"),
        ("a.png", (-1000, 2000), 1, "a.tif"),
        ("a.TIFF", (-1000, 2000), 1, "a.tiff"),
        ("a.tif", (0, 1), 3, "a.npy"),
        ("a.npy", (0, 1), 3, "a.npy"),
        ("a.nii.gz", (0, 1), 1, "a.nii.gz"),
    ],
)
def test_an_output_has_a_suffix_that_holds_the_window(tmp_path, source, window, channels, output):
    name = name_of_output(tmp_path / source, window, channels=channels)
    assert name == output
    if not name.endswith(".nii.gz"):
        shape = (9, 7) if channels == 1 else (9, 7, 3)
        image = ImageFile("in.png", np.zeros(shape, np.uint8))
        check_suffix(name, image, window)


def test_two_files_of_one_name_are_refused(tmp_path):
    paths = [tmp_path / "a.png", tmp_path / "b.png", tmp_path / "a.tif"]
    assert names_of_outputs(paths, (0, 255)) == ["a.png", "b.png", "a.tif"]
    with pytest.raises(GanMriError, match=r"a\.png and .*a\.tif would both be written as a\.tif"):
        names_of_outputs(paths, (0, 1))


@pytest.mark.parametrize(
    "shape, window, good, bad, holders",
    [
        ((9, 7), (0, 255), "x.png", "x.jpg", r"\.png or \.tif or \.tiff or \.npy"),
        ((9, 7, 3), (0, 255), "x.tif", "x.nii.gz", r"\.png or \.tif or \.tiff or \.npy"),
        ((9, 7), (0, 65535), "x.PNG", "x.jpeg", r"\.png or \.tif or \.tiff or \.npy"),
        ((9, 7, 3), (0, 65535), "x.npy", "x.png", r"\.npy"),
        ((9, 7), (0, 1), "x.TIF", "x.png", r"\.tif or \.tiff or \.npy"),
        ((9, 7), (-1000, 2000), "x.npy", "x.png", r"\.tif or \.tiff or \.npy"),
        ((9, 7, 3), (-1, 1), "x.npy", "x.tif", r"\.npy"),
        ((9, 7), (0, 255), "x.npy", "x", r"\.png or \.tif or \.tiff or \.npy"),
    ],
)
def test_names_that_cannot_hold_a_picture(tmp_path, shape, window, good, bad, holders):
    image = ImageFile("in.png", np.zeros(shape, np.uint8))
    check_suffix(good, image, window)
    with pytest.raises(GanMriError, match=f"expected a name that ends in {holders}, as in.png"):
        check_suffix(bad, image, window)
    with pytest.raises(GanMriError, match="expected a name that ends in"):
        write_like(tmp_path / bad, np.zeros(shape, np.float32), image, window)
    assert not (tmp_path / bad).exists()


def test_names_that_cannot_hold_a_volume():
    image = ImageFile("in.nii", np.zeros((4, 4, 4), np.int16), LAS, nib.Nifti1Header())
    check_suffix("x.nii", image, (0, 1))
    check_suffix("x.nii.gz", image, (0, 1))
    for name in ("x.png", "x.img", "x.gz"):
        with pytest.raises(GanMriError, match=r"ends in \.nii\.gz or \.nii, as in\.nii asks for"):
            check_suffix(name, image, (0, 1000))


def test_colors_of_a_volume_have_8_bits():
    image = ImageFile("in.nii", np.zeros((4, 4, 4, 3), np.uint8), LAS, nib.Nifti1Header())
    check_suffix("x.nii", image, (0, 255))
    for window in ((0, 1000), (-5, 200), (0, 1)):
        with pytest.raises(GanMriError, match=r"x\.nii: expected intensities from 0 to 255"):
            check_suffix("x.nii", image, window)
