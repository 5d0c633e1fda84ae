"""Voxel spacing, and volumes brought from one grid to another by their affines.

Grids are `gan_mri.data.images.grid.Grid`, a shape and an affine. Everything
happens in millimetres: what two grids call the same place is the same place,
whatever their voxel sizes, directions and origins.

    coarse = spaced_grid(grid, (2, 2, 2))
    small = resample(volume, grid, coarse)         # what a 2 mm model sees
    back = resample(translated, coarse, grid)      # and back on the file's own grid
    moved = resample(t2w, t2w_grid, t1w_grid)      # another contrast on the first one's grid
"""

import numpy as np
from nibabel.affines import voxel_sizes
from scipy import ndimage, sparse

from gan_mri.data.images.foreground import LOW_PERCENTILE
from gan_mri.data.images.grid import Grid, describe_grid
from gan_mri.errors import GanMriError

#: An axis whose voxels have the asked size to this share of it is left alone.
SPACING_TOLERANCE = 0.01

#: `spaced_grid` refuses more voxels: 8 GiB of float32.
LARGEST_GRID = 2**31

#: The outermost voxels' values are repeated this far from their centers, in voxels. Half a voxel
#: is the voxel itself; the rest covers what `spaced_grid`'s rounding of the shape leaves
#: uncovered, so that a volume that went to a spacing and back has no rim.
_REACH = 0.75

# Axes count as parallel if the rest moves no voxel farther than this, in source voxels. The
# affines of NIfTI headers are float32.
_PARALLEL = 1e-3


def spaced_grid(grid, spacing):
    """The grid of other voxel sizes over the same field of view.

    The center of the field of view stays where it is. The number of voxels is
    the field of view over the voxel size, rounded (halves up) and at least 1,
    so the field of view may grow or shrink by up to half a new voxel.

    Parameters
    ----------
    grid : Grid
        A canonical one, so that its axes run along RAS+.
    spacing : (float, float, float)
        Voxel sizes in mm; 0 leaves an axis as it is, and so does a size that
        the axis has already to 1 % (headers round: 0.9375 and 0.94 are one size).

    Returns
    -------
    Grid
        `grid` itself, the same object, if no axis changes.

    Raises
    ------
    GanMriError
        The new grid would have over 2^31 voxels.

    Examples
    --------
    >>> coarse = spaced_grid(Grid((182, 218, 182), np.eye(4)), (2, 2, 0))
    >>> coarse.shape, coarse.affine[:3, 3].tolist()
    ((91, 109, 182), [0.5, 0.5, 0.0])
    """
    sizes, shape = voxel_sizes(grid.affine), np.array(grid.shape)
    wanted = np.asarray(spacing, float)
    changed = (wanted > 0) & (np.abs(sizes - wanted) > SPACING_TOLERANCE * wanted)
    if not changed.any():
        return grid
    factors = np.where(changed, wanted / sizes, 1.0)
    # A thousandth more than half: headers that differ in their last digits give one shape.
    rounded = np.maximum(np.floor(shape / factors + 0.501), 1)
    if np.prod(rounded) > LARGEST_GRID:
        raise GanMriError(
            f"spacing: expected voxel sizes that give at most {LARGEST_GRID} voxels, received "
            f"{' x '.join(f'{size:g}' for size in wanted)} mm for a volume of "
            f"{describe_grid(grid)}."
        )
    affine = np.array(grid.affine, float)
    affine[:3, :3] *= factors
    affine[:3, 3] += grid.affine[:3, :3] @ ((shape - 1) / 2) - affine[:3, :3] @ ((rounded - 1) / 2)
    return Grid(tuple(int(length) for length in rounded), affine)


def resample(array, source, target, *, order=1, background=None):
    """The values of a volume at the voxels of another grid.

    With `order=1` values are interpolated linearly, after smoothing along each
    source axis on which target voxels are wider: a Gaussian of standard
    deviation (width - 1) / 2 source voxels, as in scikit-image's `resize`. The
    width of a rotated target voxel is the root of the summed squares of its
    three edges, each projected on the source axis.

    Outside the field of view of the source stands `background`. By default it
    is the 0.5th percentile of the volume, the low end of the package's
    intensity windows. That is air in MR and in CT, and air in skull-stripped
    images too. The minimum would be no better and may be a single bad voxel,
    which would then fill so large a part of the result that it sets its window.

    Parameters
    ----------
    array : ndarray (X, Y, Z) or (X, Y, Z, C)
        On `source`; any real dtype, bool too.
    source, target : Grid
        Any two affines: oblique, flipped, with axes in another order.
    order : {0, 1}
        0 takes the nearest voxel and smooths nothing, for labels and masks.
    background : float, optional

    Returns
    -------
    ndarray (*target.shape) or (*target.shape, C)
        float32. Beside it, at most one float32 copy of the source is held.

    Raises
    ------
    GanMriError
        `array` does not have the shape of `source`, or `order` is another number.

    Examples
    --------
    >>> fine, thick = Grid((8, 8, 8), np.eye(4)), Grid((8, 8, 2), np.diag([1.0, 1, 4, 1]))
    >>> resample(np.ones((8, 8, 8)), fine, thick).shape
    (8, 8, 2)
    """
    if array.shape[:3] != tuple(source.shape) or array.ndim not in (3, 4):
        raise GanMriError(
            f"resample: expected a volume of shape {tuple(source.shape)}, with or without "
            f"channels, received one of {array.shape}."
        )
    if order not in (0, 1):
        raise GanMriError(f"order: expected 0 (nearest) or 1 (linear), received {order!r}.")
    if background is None:
        background = np.percentile(array, LOW_PERCENTILE, method="lower")
    # From target voxel indices to source voxel indices.
    matrix = np.linalg.inv(source.affine) @ target.affine
    result = np.empty((*target.shape, *array.shape[3:]), np.float32)
    for channel in np.ndindex(*array.shape[3:]):
        volume, out = array[(..., *channel)], result[(..., *channel)]
        axes = _parallel_axes(matrix[:3, :3], target.shape)
        if axes is None:
            _interpolate(volume, matrix, order, background, out)
        else:
            # Target axis k runs along source axis axes[k].
            steps = matrix[axes, range(3)], matrix[axes, 3]
            _interpolate_axis_by_axis(volume.transpose(axes), *steps, order, background, out)
    return result


def coverage(source, target):
    """The share of the target's field of view that the source covers, from 0 to 1.

    Parameters
    ----------
    source, target : Grid

    Returns
    -------
    float
        From 32 x 32 x 32 places, evenly spaced over the target.

    Examples
    --------
    >>> coverage(Grid((8, 8, 4), np.eye(4)), Grid((8, 8, 8), np.eye(4)))
    0.5
    """
    places = [length * (np.arange(32) + 0.5) / 32 - 0.5 for length in target.shape]
    places = np.stack([*np.meshgrid(*places, indexing="ij"), np.ones((32, 32, 32))])
    places = np.tensordot(np.linalg.inv(source.affine) @ target.affine, places, axes=1)[:3]
    edges = np.array(source.shape)[:, np.newaxis, np.newaxis, np.newaxis] - 0.5
    return float(((places >= -0.5) & (places <= edges)).all(axis=0).mean())


def _parallel_axes(directions, shape):
    """The source axis along each target axis, None if the two grids are oblique to each other."""
    axes = np.abs(directions).argmax(axis=0)
    rest = np.abs(directions) * (np.array(shape) - 1)
    rest[axes, range(3)] = 0
    parallel = len(set(axes.tolist())) == 3 and rest.sum(axis=1).max() <= _PARALLEL
    return axes if parallel else None


def _inside(places, length):
    """Which places along a source axis of `length` voxels lie in the field of view."""
    return (places >= -_REACH) & (places <= length - 1 + _REACH)


def _sigmas(directions):
    """Standard deviations of the smoothing before sampling, in source voxels."""
    return np.maximum((np.linalg.norm(directions, axis=1) - 1) / 2, 0)


def _interpolate(volume, matrix, order, background, out):
    """Fill `out` through any affine `matrix`."""
    sigmas = _sigmas(matrix[:3, :3]) if order == 1 else np.zeros(3)
    volume = volume.astype(np.float32, copy=sigmas.any())
    if sigmas.any():
        ndimage.gaussian_filter(volume, sigmas, output=volume, mode="nearest")
    ndimage.affine_transform(
        volume, matrix, output_shape=out.shape, output=out, order=order, mode="nearest"
    )
    # One plane at a time: the coordinates of all voxels would be three volumes.
    rows, columns = np.indices(out.shape[1:], sparse=True)
    for i, plane in enumerate(out):
        for axis, length in enumerate(volume.shape):
            along_x, along_y, along_z, start = matrix[axis]
            places = (start + along_x * i) + along_y * rows + along_z * columns
            plane[~_inside(places, length)] = background


def _interpolate_axis_by_axis(volume, steps, starts, order, background, out):
    """Fill `out`, whose voxel (i, j, k) lies at `starts + steps * (i, j, k)` of `volume`.

    One plane at a time, so that nothing but planes exists beside the result.
    The planes are those that are contiguous in `volume`.
    """
    longest = np.argsort([-stride for stride in np.abs(volume.strides)], kind="stable")
    volume, out = volume.transpose(longest), out.transpose(longest)
    weights, inside = zip(
        *(
            _axis(volume.shape[k], out.shape[k], steps[axis], starts[axis], order)
            for k, axis in enumerate(longest)
        )
    )
    for i, plane in enumerate(out):
        if not inside[0][i]:
            plane[...] = background
            continue
        row = slice(*weights[0].indptr[i : i + 2])
        values = np.zeros(volume.shape[1:], np.float32)
        for weight, number in zip(weights[0].data[row], weights[0].indices[row]):
            values += weight * volume[number].astype(np.float32)
        plane[...] = (weights[2] @ (weights[1] @ values).T).T
        plane[~inside[1]] = background
        plane[:, ~inside[2]] = background


def _axis(length, count, step, start, order):
    """Sampling along one axis as a matrix, and which samples lie in the field of view.

    Parameters
    ----------
    length, count : int
        Voxels of the source and of the target.
    step, start : float
        Target voxel i lies at `start + step * i` of the source.
    order : {0, 1}

    Returns
    -------
    weights : scipy.sparse.csr_array (count, length), float32
    inside : bool ndarray (count,)
    """
    places = start + step * np.arange(count)
    inside = _inside(places, length)
    places = np.clip(places, 0, length - 1)
    below = np.floor(places if order == 1 else places + 0.5).astype(int)
    above = np.minimum(below + 1, length - 1)
    share = places - below if order == 1 else np.zeros(count)
    weights = np.zeros((count, length))
    np.add.at(weights, (range(count), below), 1 - share)
    np.add.at(weights, (range(count), above), share)
    sigma = (abs(step) - 1) / 2
    if order == 1 and sigma > 0:
        weights = weights @ ndimage.gaussian_filter1d(np.eye(length), sigma, axis=0, mode="nearest")
    return sparse.csr_array(weights.astype(np.float32)), inside
