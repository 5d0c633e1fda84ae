import json

import nibabel as nib
import numpy as np
import pytest
from scipy import ndimage

from gan_mri.data.files.image_file import ImageFile
from gan_mri.data.images.grid import Grid, canonical_grid
from gan_mri.data.images.planes import to_stack
from gan_mri.data.images.sampling import Sampling, parse_spacing
from gan_mri.errors import GanMriError

CODES = ("RAS", "LPI", "PSR", "IRA")
SHAPE, SIZES = (24, 30, 20), (2.0, 1.5, 3.0)


def stored_as(code, volume, sizes=SIZES):
    """A RAS+ volume as a file in another orientation, first voxel at (7, -5, 3) mm."""
    affine = nib.affines.from_matvec(np.diag(sizes), (7, -5, 3))
    ras, wanted = nib.orientations.axcodes2ornt("RAS"), nib.orientations.axcodes2ornt(code)
    image = nib.Nifti1Image(volume, affine)
    image = image.as_reoriented(nib.orientations.ornt_transform(ras, wanted))
    return ImageFile(f"{code}.nii", np.asarray(image.dataobj), image.affine)


def random(*shape):
    return np.random.default_rng(0).random(shape).astype(np.float32)


def wave(grid):
    """One period over 120 mm, along all three axes, at the places of a grid."""
    places = np.stack(np.indices(grid.shape)).reshape(3, -1).T
    x, y, z = nib.affines.apply_affine(grid.affine, places).T / 120 * 2 * np.pi
    return (np.sin(x) + np.cos(y) * np.sin(z)).reshape(grid.shape)


@pytest.mark.parametrize("plane", ["axial", "coronal", "sagittal", "all", "volume"])
@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("channels", [(), (3,)])
def test_without_resampling_the_way_back_is_exact(code, plane, channels):
    image, sampling = stored_as(code, random(*SHAPE, *channels)), Sampling(plane)
    seen = sampling.see(image)
    assert seen.grid.shape == SHAPE and np.shares_memory(seen.array, image.array)
    results = {name: seen.stack(name) for name in sampling.planes}
    for name, stack in results.items():
        np.testing.assert_array_equal(stack, to_stack(image.array, image.affine, name))
    restored = sampling.restore(image, results)
    # Of three planes the mean is taken: (a + a + a) / 3 rounds once.
    exact = {"rtol": 2e-7} if plane == "all" else {"rtol": 0}
    np.testing.assert_allclose(restored, image.array, **exact)


@pytest.mark.parametrize("code", CODES)
def test_a_voxel_size_that_the_file_has_resamples_nothing(code):
    image, sampling = stored_as(code, random(*SHAPE)), Sampling("axial", SIZES)
    seen = sampling.see(image)
    assert np.shares_memory(seen.array, image.array)
    restored = sampling.restore(image, {"axial": seen.stack("axial")})
    np.testing.assert_array_equal(restored, image.array)


@pytest.mark.parametrize("plane", ["coronal", "all", "volume"])
@pytest.mark.parametrize("code", CODES)
def test_with_resampling_the_way_back_is_close(code, plane):
    grid = Grid(SHAPE, nib.affines.from_matvec(np.diag(SIZES), (7, -5, 3)))
    image, sampling = stored_as(code, wave(grid).astype(np.float32)), Sampling(plane, (3, 3, 3))
    seen = sampling.see(image)
    assert seen.grid.shape == (16, 15, 20)
    np.testing.assert_allclose(nib.affines.voxel_sizes(seen.grid.affine), 3)
    # What is seen is the wave at the new places, a little flattened by the smoothing ...
    inside = (slice(2, -2),) * 3
    np.testing.assert_allclose(seen.stack("volume")[0][inside], wave(seen.grid)[inside], atol=0.03)
    # ... and what comes back is the wave where it was, in the orientation of the file.
    restored = sampling.restore(image, {name: seen.stack(name) for name in sampling.planes})
    assert restored.shape == image.array.shape
    np.testing.assert_allclose(
        to_stack(restored, image.affine, "volume")[0][inside], wave(grid)[inside], atol=0.05
    )


def test_the_mean_of_three_planes():
    image, sampling = stored_as("LPI", random(*SHAPE)), Sampling("all")
    seen = sampling.see(image)
    results = {
        name: seen.stack(name) + shift for name, shift in zip(sampling.planes, (0.0, 3.0, 9.0))
    }
    np.testing.assert_allclose(sampling.restore(image, results), image.array + 4, rtol=1e-6)


def test_one_plane_of_integers_stays_what_it_is():
    image = stored_as("PSR", (random(*SHAPE) * 900).astype(np.int16))
    restored = Sampling("axial").restore(
        image, {"axial": Sampling("axial").see(image).stack("axial")}
    )
    assert restored.dtype == np.int16
    np.testing.assert_array_equal(restored, image.array)


@pytest.mark.parametrize("spacing", [None, (5.0, 5.0, 5.0)])
def test_onto_another_grid(spacing):
    """A ramp in mm is the same ramp on every grid, whatever the spacing says."""
    image = stored_as("LPI", ramp(canonical_grid(SHAPE, affine_of(SIZES, (7, -5, 3)))))
    other = Grid((14, 12, 9), affine_of((2.2, 3.1, 4.0), (14, 0, 8)))
    seen = Sampling("volume", spacing).see(image, other)
    assert seen.grid is other and seen.array.dtype == np.float32
    np.testing.assert_allclose(seen.stack("volume")[0], ramp(other), atol=1e-3)
    # SciPy, voxel by voxel: where other's voxels lie in the image as it is stored.
    places = np.indices(other.shape).reshape(3, -1)
    matrix = np.linalg.inv(image.affine) @ other.affine
    at = matrix[:3, :3] @ places + matrix[:3, 3:]
    expected = ndimage.map_coordinates(image.array.astype(np.float64), at, order=1)
    found = Sampling("volume").see(image, Grid(other.shape, other.affine)).array
    smooth = np.abs(found.ravel() - expected)  # a ramp is its own smoothed self
    assert smooth.max() < 1e-3
    back = Sampling("volume").restore(image, {"volume": seen.stack("volume")}, other)
    assert back.shape == image.array.shape


def test_onto_its_own_grid_is_as_it_is():
    image = stored_as("IRA", random(*SHAPE))
    grid = canonical_grid(image.array.shape, image.affine)
    seen = Sampling("coronal", (1, 1, 1)).see(image, Grid(grid.shape, grid.affine + 1e-7))
    assert np.shares_memory(seen.array, image.array)


def affine_of(sizes, origin):
    return nib.affines.from_matvec(np.diag(sizes), origin)


def ramp(grid):
    """3 x - 2 y + z in mm."""
    places = np.indices(grid.shape).reshape(3, -1).T
    x, y, z = nib.affines.apply_affine(grid.affine, places).T
    return (3 * x - 2 * y + z).reshape(grid.shape).astype(np.float32)


@pytest.mark.parametrize(
    "plane, rank, planes",
    [
        ("axial", 2, ("axial",)),
        ("all", 2, ("sagittal", "coronal", "axial")),
        ("volume", 3, ("volume",)),
    ],
)
def test_ranks_and_planes(plane, rank, planes):
    sampling = Sampling(plane)
    assert sampling.rank == rank and sorted(sampling.planes) == sorted(planes)


@pytest.mark.parametrize("sampling", [Sampling(), Sampling("volume", (1.0, 0.0, 2.5))])
def test_config_comes_back(sampling):
    assert Sampling.from_config(json.loads(json.dumps(sampling.to_config()))) == sampling


def test_an_unknown_plane():
    with pytest.raises(GanMriError, match="plane: expected one of all, axial, .* received 'top'"):
        Sampling("top")


@pytest.mark.parametrize(
    "spacing, expected",
    [
        (None, None),
        (2, (2, 2, 2)),
        (0.8, (0.8, 0.8, 0.8)),
        ([2], (2, 2, 2)),
        ((1, 0, 2.5), (1, 0, 2.5)),
        ("1.5", (1.5, 1.5, 1.5)),
        (np.float32(2), (2, 2, 2)),
    ],
)
def test_spellings_of_a_voxel_size(spacing, expected):
    assert parse_spacing(spacing) == expected


@pytest.mark.parametrize(
    "spacing", [0, -1, (1, 2), (1, 2, -3), "fine", np.nan, np.inf, (0, 0, 0), (1, 2, 3, 4), [], {}]
)
def test_voxel_sizes_that_are_refused(spacing):
    with pytest.raises(GanMriError, match="spacing: expected a voxel size in mm.* Received: "):
        parse_spacing(spacing)
