import nibabel as nib
import numpy as np
import pytest

from gan_mri.data.images.grid import Grid
from gan_mri.data.images.resampling import spaced_grid
from gan_mri.errors import GanMriError

OBLIQUE = nib.affines.from_matvec(
    nib.eulerangles.euler2mat(0.3, -0.2, 0.25) @ np.diag([0.9, 1.1, 1.3]), (-9, 4, 7)
)


def field_of_view(grid):
    """The eight outer corners in mm, half a voxel beyond the outermost centers."""
    signs = np.array([[i, j, k] for i in (0, 1) for j in (0, 1) for k in (0, 1)])
    return nib.affines.apply_affine(grid.affine, signs * np.array(grid.shape) - 0.5)


@pytest.mark.parametrize("affine", [np.diag([0.9, 1.1, 1.3, 1]), OBLIQUE])
def test_a_spaced_grid_has_the_voxels_the_directions_and_the_center(affine):
    grid = Grid((30, 41, 23), affine)
    spaced = spaced_grid(grid, (2, 0.5, 3))
    np.testing.assert_allclose(nib.affines.voxel_sizes(spaced.affine), (2, 0.5, 3))
    assert spaced.shape == (14, 90, 10)  # 27 / 2 = 13.5, 45.1 / 0.5 = 90.2, 29.9 / 3 = 9.97
    np.testing.assert_allclose(
        spaced.affine[:3, :3] / [2, 0.5, 3], affine[:3, :3] / [0.9, 1.1, 1.3]
    )
    np.testing.assert_allclose(
        field_of_view(spaced).mean(axis=0), field_of_view(grid).mean(axis=0), atol=1e-12
    )


def test_a_whole_number_of_voxels_covers_the_same_field_of_view():
    grid = Grid((30, 40, 24), OBLIQUE)
    spaced = spaced_grid(grid, (1.8, 0.55, 3.9))
    assert spaced.shape == (15, 80, 8)
    np.testing.assert_allclose(field_of_view(spaced), field_of_view(grid), atol=1e-12)


def test_axes_that_are_left_alone():
    grid = Grid((30, 40, 20), OBLIQUE)
    assert spaced_grid(grid, (0, 0, 0)) is grid
    assert spaced_grid(grid, (0.9, 1.1, 1.3)) is grid
    assert spaced_grid(grid, (0.907, 1.091, 0)) is grid  # to 0.8 %
    spaced = spaced_grid(grid, (0.9, 0, 2.6))
    assert spaced.shape == (30, 40, 10)
    np.testing.assert_array_equal(spaced.affine[:3, :2], OBLIQUE[:3, :2])
    # 2 % is another size.
    assert spaced_grid(grid, (0.882, 0, 0)).shape == (31, 40, 20)


def test_a_slice_stays_a_slice_and_nothing_vanishes():
    grid = Grid((1, 40, 3), np.eye(4))
    assert spaced_grid(grid, (10, 10, 10)).shape == (1, 4, 1)


def test_the_last_digits_of_a_header_do_not_change_the_shape():
    for error in (-1e-6, 0, 1e-6):
        grid = Grid((181, 181, 181), np.diag([1 + error, 1 + error, 1 + error, 1]))
        assert spaced_grid(grid, (2, 2, 2)).shape == (91, 91, 91)


def test_a_spacing_that_would_fill_the_memory_is_refused():
    with pytest.raises(GanMriError, match=r"0.01 x 0.01 x 0.01 mm for a volume of shape \(182"):
        spaced_grid(Grid((182, 218, 182), np.eye(4)), (0.01, 0.01, 0.01))
