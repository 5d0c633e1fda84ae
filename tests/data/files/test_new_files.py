"""Files without a source, read back by nibabel and Pillow."""

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from gan_mri.data.files.new_files import new_type, write_new
from gan_mri.data.files.readers import read_image
from gan_mri.data.images.sampling import Sampling
from gan_mri.errors import GanMriError


def image(*shape, high=200):
    rng = np.random.default_rng(0)
    return rng.integers(0, high, shape).astype(np.float32)


@pytest.mark.parametrize(
    ("window", "labels", "picture", "expected"),
    [
        ((0, 13), [0, 3, 13], True, "uint8"),
        ((0, 13), [0, 3, 13], False, "uint8"),
        ((-5, 300), [-5, 300], False, "int16"),
        ((-5, 300), [-5, 300], True, None),
        ((0, 1), [0, 0.5, 1], False, "float32"),
        ((0, 13), None, True, None),
        ((0, 13), None, False, "float32"),
        ((0, 255), None, True, "uint8"),
        ((20.5, 1200), None, True, "uint16"),
        ((-1000, 2000), None, True, None),
        ((-1000, 2000), None, False, "int16"),
    ],
)
def test_types(window, labels, picture, expected):
    found = new_type(window, 1, labels=labels, picture=picture)
    assert found == (expected and np.dtype(expected)), found


def test_types_of_colours():
    assert new_type((0, 255), 3, picture=True) == np.uint8
    assert new_type((0, 255), 3, picture=False) == np.uint8
    assert new_type((0, 5000), 3, picture=True) is None
    assert new_type((0, 1), 3, picture=False) is None
    # The labels of a colour are no labels of a pixel.
    assert new_type((0, 4000), 3, labels=[0, 1], picture=True) is None


@pytest.mark.parametrize("channels", [1, 3])
def test_pictures(tmp_path, channels):
    made = image(7, 5, channels)
    write_new(tmp_path / "a.png", made, np.dtype(np.uint8))
    with Image.open(tmp_path / "a.png") as opened:
        np.testing.assert_array_equal(np.array(opened).reshape(made.shape), made)


@pytest.mark.parametrize("plane", ["axial", "coronal", "sagittal"])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_slice_is_read_as_it_was_made(tmp_path, plane, channels):
    made = image(7, 5, channels)
    path = tmp_path / "a.nii.gz"
    write_new(path, made, np.dtype(np.uint8), plane=plane, spacing=(2.0, 0.0, 3.0))
    read = read_image(path)
    stack = Sampling(plane).see(read).stack(plane)
    np.testing.assert_array_equal(stack.reshape(1, *made.shape)[0], made)
    header = nib.load(path).header
    np.testing.assert_allclose(header.get_zooms()[:3], (2, 1, 3))
    assert header["sform_code"] > 0 and b"synthetic" in bytes(header["descrip"])


def test_a_volume_lies_in_the_middle_of_its_space(tmp_path):
    made = image(5, 6, 4, 1)
    write_new(tmp_path / "a.nii", made, np.dtype(np.float32), plane="volume")
    read = nib.load(tmp_path / "a.nii")
    np.testing.assert_array_equal(read.get_fdata(), made[..., 0])
    assert read.get_data_dtype() == np.float32
    middle = read.affine @ [2, 2.5, 1.5, 1]
    np.testing.assert_allclose(middle[:3], 0, atol=1e-6)
    assert nib.aff2axcodes(read.affine) == ("R", "A", "S")


def test_what_is_not_finite_is_not_written(tmp_path):
    made = image(5, 6, 1)
    made[2, 3] = np.nan
    with pytest.raises(GanMriError, match="a.png: expected finite intensities"):
        write_new(tmp_path / "a.png", made, np.dtype(np.uint8))
    assert not list(tmp_path.iterdir())
