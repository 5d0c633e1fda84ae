"""`spacing` in `load`: volumes come to a voxel size before they are cut."""

import nibabel as nib
import numpy as np
import pytest
from data_samples import write_nifti
from scipy import ndimage

from gan_mri.data import load
from gan_mri.data.images.planes import to_stack
from gan_mri.errors import GanMriError
from gan_mri.prepare import prepare

SIZES, SHAPE = (2.0, 1.0, 4.0), (20, 44, 12)
AFFINE = nib.affines.from_matvec(np.diag([-2.0, 1, 4]), (19, -20, -10))  # LAS
OPTIONS = {"contrasts": ("T1w", "T2w"), "split": (1, 0, 0), "scaling": "window:0:1000"}


def bump(grid_shape, sizes):
    """A broad Gaussian about the center of the field of view, in mm."""
    squares = [
        (((np.arange(n) + 0.5) * size - full * edge / 2) / width) ** 2
        for n, size, full, edge, width in zip(grid_shape, sizes, SHAPE, SIZES, (9, 11, 12))
    ]
    x, y, z = np.meshgrid(*squares, indexing="ij")
    return 900 * np.exp(-(x + y + z) / 2)


@pytest.fixture
def folder(tmp_path):
    for contrast in ("T1w", "T2w"):
        path = tmp_path / "in" / "sub-01" / "anat" / f"sub-01_{contrast}.nii.gz"
        write_nifti(path, bump(SHAPE, SIZES).astype(np.float32), AFFINE)
    return tmp_path / "in"


@pytest.mark.parametrize(
    "spacing, shape, sizes",
    [
        (2, (20, 22, 24), (2, 2, 2)),
        ((4, 2, 4), (10, 22, 12), (4, 2, 4)),
        ((0, 2, 0), (20, 22, 12), (2, 2, 4)),
        ((2, 1, 4), (20, 44, 12), (2, 1, 4)),
    ],
)
@pytest.mark.parametrize("plane", ["volume", "axial", "sagittal"])
def test_images_have_the_voxel_size(folder, spacing, shape, sizes, plane):
    data = load(folder, **OPTIONS, plane=plane, spacing=spacing)
    truth = bump(shape, sizes)
    expected = to_stack(truth, np.eye(4), plane)  # in RAS+ order: the bump is symmetric
    samples = data.train.A
    numbers = [key.number for key in samples.keys]
    assert len(numbers) > 0.7 * len(expected)
    for sample, number in zip(samples, numbers):
        assert sample.shape == (*expected[number].shape, 1)
        np.testing.assert_allclose((sample[..., 0] + 1) * 500, expected[number], atol=25)
    if plane == "volume":
        np.testing.assert_allclose(samples.spacing(0), sizes)
    spacing = [float(s) for s in (spacing if isinstance(spacing, tuple) else [spacing] * 3)]
    assert data.describe()["spacing"] == list(spacing)
    assert data.sampling.spacing == tuple(spacing)


def test_values_against_scipy(folder):
    """Along each axis a Gaussian of half the missing width, then linear interpolation."""
    volume = bump(SHAPE, SIZES)[::-1]  # RAS+ of the LAS file
    smooth = ndimage.gaussian_filter(volume, ((2 - 1) / 2, 0.5, 0), mode="nearest", truncate=4)
    at = np.meshgrid(np.arange(10) * 2 + 0.5, np.arange(22) * 2 + 0.5, np.arange(12), indexing="ij")
    expected = ndimage.map_coordinates(smooth, at, order=1, mode="nearest")
    sample = load(folder, **OPTIONS, plane="volume", spacing=(4, 2, 0)).train.A[0]
    np.testing.assert_allclose((sample[..., 0] + 1) * 500, expected, atol=0.05)


def test_slices_are_counted_on_the_new_grid(folder):
    data = load(folder, **OPTIONS, spacing=2, slices="10:14")
    assert [key.number for key in data.train.A.keys] == [10, 11, 12, 13]
    assert data.train.A.shape(0) == (22, 20)
    with pytest.raises(GanMriError, match="slices 10:30 in the axial plane.*0:24"):
        load(folder, **OPTIONS, spacing=2, slices="10:30")


@pytest.mark.parametrize("plane", ["axial", "volume"])
def test_a_prepared_file_remembers_the_voxel_size(folder, tmp_path, plane):
    direct = load(folder, **OPTIONS, plane=plane, spacing=2)
    path = prepare(folder, tmp_path / "s.h5", **OPTIONS, plane=plane, spacing=2)
    stored = load(path, spacing=2)
    assert stored.sampling == direct.sampling
    for one, other in zip(direct.train.B, stored.train.B, strict=True):
        np.testing.assert_array_equal(one, other)
    with pytest.raises(GanMriError, match=r"s\.h5: expected spacing \(2\.0, 2\.0, 2\.0\), .*3\.0"):
        load(path, spacing=3)


def test_the_scaling_is_that_of_the_file(folder):
    """Smoothing lowers the highest values: windows must not depend on the voxel size."""
    windows = [
        load(folder, **OPTIONS | {"scaling": "volume"}, spacing=spacing).train.A.window(0)
        for spacing in (None, 4)
    ]
    assert windows[0] == windows[1]
