"""Voxel grids: orientation, and when two images lie on the same one.

An *affine* maps voxel indices (i, j, k) to millimetres in RAS+: the first
coordinate grows towards the patient's right, the second towards anterior, the
third towards superior (nibabel's convention). The *canonical* form of a volume
has its axes permuted and flipped, never resampled, so that they run as closely
as possible along RAS+.
"""

from typing import NamedTuple

import nibabel as nib
import numpy as np

#: Two grids are the same if no corner is farther apart than this share of the smallest voxel edge.
TOLERANCE = 0.05


class Grid(NamedTuple):
    """A canonical grid: `shape` (X, Y, Z) and `affine` (4, 4) in millimetres."""

    shape: tuple
    affine: np.ndarray


def orientation(affine):
    """nibabel's orientation array (3, 2): canonical axis and direction of each stored axis."""
    return nib.orientations.io_orientation(affine)


def canonical_grid(shape, affine):
    """The grid of a stored volume after reordering its axes to RAS+.

    Parameters
    ----------
    shape : tuple of int
        (X, Y, Z) as stored, further axes are ignored.
    affine : ndarray (4, 4)

    Returns
    -------
    Grid
    """
    to_ras = orientation(affine)
    shape = tuple(int(length) for length in shape[:3])
    canonical_shape = [0, 0, 0]
    for stored, (axis, _) in enumerate(to_ras):
        canonical_shape[int(axis)] = shape[stored]
    return Grid(tuple(canonical_shape), affine @ nib.orientations.inv_ornt_aff(to_ras, shape))


def same_grid(first, second):
    """True if two grids have one shape and their corners agree to `TOLERANCE` of a voxel.

    Headers written by different programs differ in the last digits of an
    affine; a shift that matters for a voxel-wise comparison is far larger.
    """
    if first.shape != second.shape:
        return False
    corners = np.array([[i, j, k, 1] for i in (0, 1) for j in (0, 1) for k in (0, 1)], float)
    corners[:, :3] *= np.array(first.shape) - 1
    distance = np.linalg.norm((corners @ (first.affine - second.affine).T)[:, :3], axis=1).max()
    return bool(distance <= TOLERANCE * nib.affines.voxel_sizes(first.affine).min())


def describe_grid(grid):
    """One line for error messages: shape, voxel size, position of the first voxel."""
    sizes = " x ".join(f"{size:.4g}" for size in nib.affines.voxel_sizes(grid.affine))
    origin = ", ".join(f"{value:.4g}" for value in grid.affine[:3, 3])
    return (
        f"shape {grid.shape}, voxels {sizes} mm, first voxel at ({origin}) mm (axes in RAS+ order)"
    )
