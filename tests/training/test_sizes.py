"""Images of one pixel across, and images smaller than the networks' borders."""

import nibabel as nib
import numpy as np
import pytest
import runs

import gan_mri
from gan_mri.data.dataset import load
from gan_mri.data.sides import check_sides_of
from gan_mri.errors import GanMriError
from gan_mri.training.sizes import natural_size

DOMAINS = ("A", "B")


def pictures(folder, size):
    """A GAN-MRI folder of two pictures of noise in either domain."""
    rng = np.random.default_rng(0)
    for domain in DOMAINS:
        (folder / f"train{domain}").mkdir(parents=True)
        for number in range(2):
            np.save(folder / f"train{domain}" / f"{number}.npy", rng.uniform(0, 9, size))
    return folder


def volumes(folder, shape):
    """A BIDS folder of four subjects with T1w and T2w."""
    rng = np.random.default_rng(0)
    for number in range(4):
        for contrast in ("T1w", "T2w"):
            anat = folder / f"sub-{number}" / "anat"
            anat.mkdir(parents=True, exist_ok=True)
            image = nib.Nifti1Image(rng.uniform(10, 99, shape).astype(np.float32), np.eye(4))
            nib.save(image, anat / f"sub-{number}_{contrast}.nii.gz")
    return folder


@pytest.mark.parametrize("size", [(1, 24), (24, 1)])
def test_a_picture_one_pixel_across(tmp_path, size):
    data = load(pictures(tmp_path, size))
    message = f"expected a picture with at least two sides of 2 or more, received {size[0]} x "
    with pytest.raises(GanMriError, match=rf"0\.npy: {message}{size[1]}\.$"):
        check_sides_of(data.train)


@pytest.mark.parametrize(
    "shape, plane, received",
    [
        ((1, 20, 20), "axial", "20 x 1"),
        ((20, 1, 18), "axial", "1 x 20"),
        ((20, 1, 18), "sagittal", "18 x 1"),
        ((20, 18, 1), "coronal", "1 x 20"),
    ],
)
def test_slices_one_voxel_across(tmp_path, shape, plane, received):
    data = load(volumes(tmp_path, shape), contrasts=("T1w", "T2w"), plane=plane)
    message = f"T1w.nii.gz: expected a {plane} slice with .* received {received}. Cut it in another"
    with pytest.raises(GanMriError, match=message):
        check_sides_of(data.train)


def test_a_volume_of_one_slice_is_one(tmp_path):
    volumes(tmp_path, (20, 18, 1))
    data = load(tmp_path, contrasts=("T1w", "T2w"))
    check_sides_of(data.train)
    assert natural_size(data) == (18, 20)


def test_a_volume_that_is_a_line(tmp_path):
    data = load(volumes(tmp_path, (1, 1, 20)), contrasts=("T1w", "T2w"), plane="volume")
    with pytest.raises(GanMriError, match="a volume with at least two sides .* 1 x 1 x 20"):
        check_sides_of(data.train)


def test_the_largest_of_every_side(tmp_path):
    pictures(tmp_path, (20, 30))
    for number in range(2):
        path = tmp_path / "trainB" / f"{number}.npy"
        np.save(path, np.load(path).reshape(30, 20)[:25, :18])
    assert natural_size(load(tmp_path)) == (25, 30)


def test_images_smaller_than_the_networks_take(tmp_path):
    data = load(pictures(tmp_path, (24, 16)))
    message = f"^{tmp_path}: expected training images of at least 17 pixels .*24 x 16 at most"
    with pytest.raises(GanMriError, match=message):
        natural_size(data)


def test_training_says_so_and_leaves_nothing(tmp_path):
    arguments = {**runs.QUICK, "image_size": None, "split": None}
    with pytest.raises(GanMriError, match="at least 17 pixels .*--image-size"):
        gan_mri.train(**arguments, data=pictures(tmp_path / "a", (24, 10)), out=tmp_path / "run")
    with pytest.raises(GanMriError, match="two sides of 2 or more, received 1 x 24"):
        arguments["image_size"] = (20, 20)
        gan_mri.train(**arguments, data=pictures(tmp_path / "b", (1, 24)), out=tmp_path / "run")
    assert not (tmp_path / "run").exists()
