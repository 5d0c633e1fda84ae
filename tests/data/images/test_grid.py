import nibabel as nib
import numpy as np
import pytest
from data_samples import LAS

from gan_mri.data.images.grid import TOLERANCE, canonical_grid, describe_grid, same_grid

OBLIQUE = nib.affines.from_matvec(
    nib.eulerangles.euler2mat(0.2, -0.15, 0.1) @ np.diag([1, 1.2, 3.0]), (-20, 13, 4)
)


@pytest.mark.parametrize("affine", [np.eye(4), LAS, OBLIQUE])
def test_canonical_grid_is_nibabels(affine):
    image = nib.Nifti1Image(np.zeros((5, 6, 7), np.int16), affine)
    canonical = nib.as_closest_canonical(image)
    grid = canonical_grid(image.shape, affine)
    assert grid.shape == canonical.shape
    np.testing.assert_allclose(grid.affine, canonical.affine)


def test_the_same_grid_stored_differently():
    image = nib.Nifti1Image(np.zeros((5, 6, 7), np.int16), OBLIQUE)
    for code in ("LAS", "PIR", "SLA"):
        stored = image.as_reoriented(
            nib.orientations.ornt_transform(
                nib.orientations.io_orientation(OBLIQUE), nib.orientations.axcodes2ornt(code)
            )
        )
        assert nib.aff2axcodes(stored.affine) == tuple(code)
        assert same_grid(
            canonical_grid(stored.shape, stored.affine), canonical_grid(image.shape, OBLIQUE)
        )


def test_tolerance_is_a_share_of_the_smallest_voxel_edge():
    grid = canonical_grid((5, 6, 7), OBLIQUE)
    smallest = 1.0
    for factor, same in ((0.9, True), (1.1, False)):
        moved = OBLIQUE.copy()
        moved[0, 3] += factor * TOLERANCE * smallest
        assert same_grid(grid, canonical_grid((5, 6, 7), moved)) is same


def test_shape_voxel_size_and_flip_differ():
    grid = canonical_grid((5, 6, 7), np.eye(4))
    assert not same_grid(grid, canonical_grid((5, 6, 8), np.eye(4)))
    assert not same_grid(grid, canonical_grid((5, 6, 7), np.diag([1, 1, 1.1, 1])))
    flipped = np.diag([-1.0, 1, 1, 1])  # the same numbers, the mirror image in space
    assert not same_grid(grid, canonical_grid((5, 6, 7), flipped))


def test_description_names_shape_size_and_origin():
    text = describe_grid(canonical_grid((5, 6, 7), np.diag([2.0, 1, 3, 1])))
    assert "(5, 6, 7)" in text and "2 x 1 x 3 mm" in text and "(0, 0, 0) mm" in text
