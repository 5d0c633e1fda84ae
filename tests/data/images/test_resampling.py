import tracemalloc

import nibabel as nib
import numpy as np
import pytest
from scipy import ndimage
from skimage.transform import resize

from gan_mri.data import phantom
from gan_mri.data.images.grid import Grid, canonical_grid
from gan_mri.data.images.resampling import coverage, resample, spaced_grid
from gan_mri.errors import GanMriError

OBLIQUE = nib.affines.from_matvec(
    nib.eulerangles.euler2mat(0.3, -0.2, 0.25) @ np.diag([0.9, 1.1, 1.3]), (-9, 4, 7)
)


def axes(*columns, origin=(0, 0, 0)):
    """The affine whose voxel axes run along `columns`, in mm."""
    return nib.affines.from_matvec(np.array(columns, float).T, origin)


def millimeters(grid):
    """Coordinates (X, Y, Z, 3) of all voxels."""
    return nib.affines.apply_affine(grid.affine, np.moveaxis(np.indices(grid.shape), 0, -1))


def ramp(grid):
    """A function of the place that is linear in millimetres, so that interpolation is exact."""
    return millimeters(grid) @ [0.7, -1.3, 2.1] + 5


# Values

ROTATED = nib.eulerangles.euler2mat(0.4, 0.1, -0.3)
TARGETS = {
    "shifted": axes((1, 0, 0), (0, 1, 0), (0, 0, 1), origin=(0.3, -2.4, 1.5)),
    "finer": axes((0.4, 0, 0), (0, 0.6, 0), (0, 0, 0.5), origin=(1, 2, 3)),
    "coarser": axes((2, 0, 0), (0, 1.7, 0), (0, 0, 3.3), origin=(1, 2, 1)),
    "flipped": axes((-1.2, 0, 0), (0, 0.8, 0), (0, 0, -1), origin=(20, 1, 18)),
    "other order": axes((0, 0, 0.9), (-0.9, 0, 0), (0, 1.4, 0), origin=(17, 0, 0)),
    "oblique": nib.affines.from_matvec(ROTATED, (3, 4, 0)),
    "oblique and coarser": nib.affines.from_matvec(ROTATED @ np.diag([1.5, 1, 2.5]), (3, 4, 0)),
    "oblique and flipped": nib.affines.from_matvec(ROTATED @ np.diag([-1, 1, -0.6]), (19, 1, 16)),
}


@pytest.mark.parametrize("layout", "CF")
@pytest.mark.parametrize("source_affine", [np.eye(4), axes((-1, 0, 0), (0, 0, 1), (0, 1.2, 0))])
@pytest.mark.parametrize("name", TARGETS)
def test_a_ramp_in_millimeters_is_reproduced(name, source_affine, layout):
    if source_affine[0, 0] < 0:
        source_affine = nib.affines.from_matvec(source_affine[:3, :3], (21, 0, 0))
    source, target = Grid((22, 24, 20), source_affine), Grid((18, 16, 17), TARGETS[name])
    volume = np.asarray(ramp(source), np.float32, order=layout)
    result = resample(volume, source, target, background=-99)
    assert result.shape == target.shape and result.dtype == np.float32
    # Away from the source's border, where smoothing meets repeated values, and of its outside.
    places = nib.affines.apply_affine(
        np.linalg.inv(source.affine) @ target.affine, np.moveaxis(np.indices(target.shape), 0, -1)
    )
    margin = 5 if "coarser" in name else 0
    inside = ((places >= margin) & (places <= np.array(source.shape) - 1 - margin)).all(axis=-1)
    assert inside.sum() > 30
    np.testing.assert_allclose(result[inside], ramp(target)[inside], atol=2e-5)
    outside = ((places < -0.76) | (places > np.array(source.shape) - 0.24)).any(axis=-1)
    np.testing.assert_array_equal(result[outside], -99)


@pytest.mark.parametrize("target_affine", TARGETS.values(), ids=list(TARGETS))
def test_values_are_scipys(target_affine):
    """Against smoothing and interpolation in float64, at the places found by affines."""
    volume = np.random.default_rng(0).normal(size=(14, 12, 13))
    source, target = Grid(volume.shape, OBLIQUE), Grid((9, 11, 10), OBLIQUE @ target_affine)
    sigma = np.maximum(np.sqrt((target_affine[:3, :3] ** 2).sum(axis=1)) - 1, 0) / 2
    smooth = ndimage.gaussian_filter(volume, sigma, mode="nearest")
    places = nib.affines.apply_affine(target_affine, np.moveaxis(np.indices(target.shape), 0, -1))
    expected = ndimage.map_coordinates(smooth, np.moveaxis(places, -1, 0), order=1, mode="nearest")
    inside = ((places > -0.75) & (places < np.array(source.shape) - 0.25)).all(axis=-1)
    result = resample(volume, source, target, background=7)
    np.testing.assert_allclose(result, np.where(inside, expected, 7), atol=2e-6)


@pytest.mark.parametrize("shape", [(15, 10, 12), (40, 30, 20), (60, 10, 6), (7, 40, 24)])
def test_other_sizes_of_one_field_of_view_are_scikit_images(shape):
    volume = np.random.default_rng(1).random((30, 20, 24))
    factors = np.array(volume.shape) / shape
    affine = np.diag([*factors, 1.0])
    affine[:3, 3] = (factors - 1) / 2
    result = resample(volume, Grid(volume.shape, np.eye(4)), Grid(shape, affine))
    expected = resize(volume, shape, order=1, mode="edge", anti_aliasing=True)
    np.testing.assert_allclose(result, expected, atol=1e-6)


def test_thick_slices():
    """0.7 x 0.7 x 3 mm onto 0.5 x 0.5 x 4 mm, as scanners deliver them, tilted and not."""
    tilt = nib.affines.from_matvec(nib.eulerangles.euler2mat(0, 0, 0.1))
    source = Grid((40, 44, 12), np.diag([0.7, 0.7, 3, 1]))
    for turn in (np.eye(4), tilt):
        target = Grid(
            (30, 30, 5), turn @ axes((0.5, 0, 0), (0, 0.5, 0), (0, 0, 4), origin=(5, 5, 8))
        )
        result = resample(ramp(source).astype(np.float32), source, target)
        np.testing.assert_allclose(result, ramp(target), atol=1e-4)


def test_labels_are_of_the_nearest_voxel():
    labels = np.random.default_rng(2).integers(0, 9, (10, 11, 12)).astype(np.int16)
    source = Grid(labels.shape, OBLIQUE)
    for matrix in (TARGETS["coarser"], TARGETS["oblique"], TARGETS["other order"]):
        target = Grid((6, 5, 4), OBLIQUE @ matrix)
        places = nib.affines.apply_affine(matrix, np.moveaxis(np.indices(target.shape), 0, -1))
        nearest = np.rint(places).astype(int)
        inside = ((places > -0.75) & (places < np.array(labels.shape) - 0.25)).all(axis=-1)
        nearest = np.clip(nearest, 0, np.array(labels.shape) - 1)
        expected = np.where(inside, labels[tuple(np.moveaxis(nearest, -1, 0))], 0)
        result = resample(labels, source, target, order=0, background=0)
        assert result.dtype == np.float32
        np.testing.assert_array_equal(result, expected)


def test_channels_are_resampled_one_by_one():
    volume = np.random.default_rng(3).random((8, 9, 7, 3)).astype(np.float32)
    source = Grid((8, 9, 7), np.eye(4))
    for matrix in (TARGETS["finer"], TARGETS["oblique"]):
        target = Grid((6, 5, 4), matrix)
        result = resample(volume, source, target, background=0)
        assert result.shape == (6, 5, 4, 3)
        for channel in range(3):
            one = resample(volume[..., channel], source, target, background=0)
            np.testing.assert_array_equal(result[..., channel], one)


@pytest.mark.parametrize("dtype", [bool, np.uint16, ">f4", np.float64, np.float16])
def test_types_of_files(dtype):
    volume = (np.random.default_rng(4).random((8, 9, 7)) * 3).astype(dtype)
    source = Grid(volume.shape, np.eye(4))
    for matrix in (TARGETS["coarser"], TARGETS["oblique"]):
        target = Grid((3, 3, 2), matrix)
        result = resample(volume, source, target)
        expected = resample(volume.astype(np.float64), source, target)
        np.testing.assert_allclose(result, expected, atol=1e-6)


def test_outside_stands_the_half_percentile():
    """One bad voxel is the minimum, and does not fill the outside."""
    volume = np.random.default_rng(5).permutation(8000).reshape(20, 20, 20).astype(np.float32)
    volume[volume == 0] = -1e6
    source, target = Grid((20, 20, 20), np.eye(4)), Grid((2, 2, 2), np.diag([50.0, 50, 50, 1]))
    result = resample(volume, source, target, order=0)
    assert (result == 39).sum() == 7 and result[0, 0, 0] == volume[0, 0, 0]
    assert (resample(volume, source, target, order=0, background=-3) == -3).sum() == 7


@pytest.mark.parametrize("turn", [0, 1e-5, 0.01])
def test_axes_that_are_nearly_parallel_give_what_oblique_ones_give(turn):
    """Whichever way is taken, the values are those at the places of the affines."""
    source = Grid((60, 60, 60), np.eye(4))
    target = Grid((50, 50, 50), nib.affines.from_matvec(nib.eulerangles.euler2mat(turn), (5, 4, 3)))
    result = resample(ramp(source).astype(np.float32), source, target)
    np.testing.assert_allclose(result, ramp(target), atol=2e-3)


def test_a_volume_of_another_shape_or_an_unknown_order_is_refused():
    grid = Grid((4, 5, 6), np.eye(4))
    with pytest.raises(GanMriError, match=r"shape \(4, 5, 6\).* received one of \(4, 6, 5\)"):
        resample(np.zeros((4, 6, 5)), grid, grid)
    with pytest.raises(GanMriError, match="order: expected 0 .* received 3"):
        resample(np.zeros((4, 5, 6)), grid, grid, order=3)


# There and back


@pytest.mark.parametrize("length", range(30, 50, 3))
@pytest.mark.parametrize("spacing", [0.7, 1.9, 2.5, 4.1])
def test_there_and_back_leaves_no_rim(length, spacing):
    """No voxel of a constant volume meets the background, whatever the rounding of the shape."""
    grid = Grid((length, length + 1, length + 2), OBLIQUE)
    coarse = spaced_grid(grid, (spacing,) * 3)
    ones = resample(np.ones(grid.shape, np.float32), grid, coarse, background=0)
    np.testing.assert_allclose(ones, 1, atol=1e-6)
    np.testing.assert_allclose(resample(ones, coarse, grid, background=0), 1, atol=1e-6)


def test_a_head_comes_back():
    (subject,) = phantom(1, shape=(48, 56, 48), noise=0, bias_field=0)
    grid = canonical_grid((48, 56, 48), subject.affine)
    volume = ndimage.gaussian_filter(subject.images["T1w"], 1.5)
    sizes = nib.affines.voxel_sizes(grid.affine)
    for factor, error in ((0.5, 0.03), (2, 0.06)):
        other = spaced_grid(grid, factor * sizes)
        back = resample(resample(volume, grid, other), other, grid)
        inner = (slice(2, -2),) * 3
        head = volume[inner] > 50
        assert np.abs(back - volume)[inner][head].mean() < error * volume[inner][head].mean()
        assert np.corrcoef(back.ravel(), volume.ravel())[0, 1] > 0.99


def test_a_head_does_not_move():
    """0.5 mm to 1 mm and back: the center of mass stays to a hundredth of a voxel."""
    (subject,) = phantom(1, shape=(48, 56, 48))
    volume = np.maximum(subject.images["T1w"] - 100, 0)
    volume[[0, -1]], volume[:, [0, -1]], volume[..., [0, -1]] = 0, 0, 0
    grid = Grid(volume.shape, nib.affines.from_matvec(0.5 * ROTATED, (10, -20, 30)))
    coarse = spaced_grid(grid, (1, 1, 1))
    small = resample(volume, grid, coarse)
    center = np.array(ndimage.center_of_mass(volume))
    in_mm = nib.affines.apply_affine(grid.affine, center)
    moved = nib.affines.apply_affine(coarse.affine, ndimage.center_of_mass(small))
    np.testing.assert_allclose(moved, in_mm, atol=0.005)
    back = ndimage.center_of_mass(resample(small, coarse, grid))
    np.testing.assert_allclose(back, center, atol=0.01)


# Memory, coverage, a real head


@pytest.mark.parametrize("turn", [0, 0.1])
@pytest.mark.parametrize("shape, factor", [((64, 70, 66), 0.5), ((128, 120, 124), 2)])
def test_memory_is_the_result_and_one_copy_of_the_source(shape, factor, turn):
    volume = np.zeros(shape, np.uint16, order="F")
    source = Grid(shape, np.eye(4))
    target = spaced_grid(source, (factor,) * 3)
    target = Grid(
        target.shape, nib.affines.from_matvec(nib.eulerangles.euler2mat(turn)) @ target.affine
    )
    resample(volume[:4, :4, :4], Grid((4, 4, 4), np.eye(4)), target)  # imports and caches
    tracemalloc.start()
    resample(volume, source, target)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * (np.prod(target.shape) + volume.size) + 2**20


def test_coverage_is_the_share_of_the_target_that_is_covered():
    source = Grid((16, 16, 16), np.diag([2.0, 2, 2, 1]))
    assert coverage(source, source) == 1
    half = Grid((32, 32, 32), axes((1, 0, 0), (0, 1, 0), (0, 0, 1), origin=(15.5, -0.5, -0.5)))
    assert coverage(source, half) == 0.5
    assert coverage(half, source) == 0.5
    far = Grid((8, 8, 8), axes((1, 0, 0), (0, 1, 0), (0, 0, 1), origin=(200, 0, 0)))
    assert coverage(source, far) == 0


@pytest.mark.parametrize("contrast", ["T2w", "FLAIR"])
def test_headers_align_contrasts_of_a_visit(shared, contrast):
    """Edges of thick slices, each contrast on a grid of its own, meet those of the T1w."""
    folder = shared / "thick_bids" / "sub-01" / "ses-1" / "anat"
    if not folder.is_dir():
        pytest.skip(f"no images at {folder}")
    volumes, grids = [], []
    for name in ("T1w", contrast):
        image = nib.as_closest_canonical(nib.load(folder / f"sub-01_ses-1_{name}.nii.gz"))
        volumes.append(np.asarray(image.dataobj, np.float32))
        grids.append(canonical_grid(image.shape, image.affine))
    naive = resize(volumes[1], grids[0].shape, order=1, mode="edge", anti_aliasing=True)
    aligned = resample(volumes[1], grids[1], grids[0])
    edges = [
        np.hypot(ndimage.sobel(volume, axis=0), ndimage.sobel(volume, axis=1)).ravel()
        for volume in (volumes[0], naive, aligned)
    ]
    before, after = (np.corrcoef(edges[0], other)[0, 1] for other in edges[1:])
    assert after > 0.4 and after > before + 0.1
