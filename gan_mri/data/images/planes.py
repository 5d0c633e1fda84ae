"""A volume as a stack of slices for the screen, and back.

Slices are numbered along the canonical axis (RAS+, see `grid.py`), 0-based:

| plane    | number k grows towards | up       | right             |
|----------|------------------------|----------|-------------------|
| axial    | superior               | anterior | the patient's right |
| coronal  | anterior               | superior | the patient's right |
| sagittal | the patient's right    | superior | anterior          |

The patient's left is on the viewer's left (the neurological convention;
radiologists' screens show the mirror image). Everything is a flip or a
permutation of axes: `from_stack(to_stack(v, affine, plane), affine, plane)` is
`v`, bit for bit, whatever the orientation.
"""

from operator import index

import nibabel as nib
import numpy as np

from gan_mri.data.images.grid import orientation
from gan_mri.errors import GanMriError

#: Plane to the canonical axis that numbers its slices.
PLANES = {"sagittal": 0, "coronal": 1, "axial": 2}

#: What a data set may be cut into: slices of one plane, of all three, or whole volumes.
PLANE_CHOICES = (*PLANES, "all", "volume")


def to_stack(array, affine, plane):
    """Slices of a volume as they are shown.

    Parameters
    ----------
    array : ndarray (X, Y, Z) or (X, Y, Z, C)
        Stored orientation.
    affine : ndarray (4, 4)
        Voxel indices to millimetres, RAS+.
    plane : {"axial", "coronal", "sagittal", "volume"}
        "volume": not cut at all.

    Returns
    -------
    ndarray (S, H, W) or (S, H, W, C)
        A view of `array`; of "volume" (1, X, Y, Z) or (1, X, Y, Z, C), along RAS+.
    """
    canonical = nib.orientations.apply_orientation(array, orientation(affine))
    if plane == "volume":
        return canonical[np.newaxis]
    axis = PLANES[check_plane(plane)]
    # Slice axis first, then (horizontal, vertical) to (rows, columns), top row last in space.
    stack = np.moveaxis(canonical, axis, 0)
    return stack.swapaxes(1, 2)[:, ::-1]


def from_stack(stack, affine, plane):
    """The exact inverse of `to_stack`.

    Parameters
    ----------
    stack : ndarray (S, H, W) or (S, H, W, C); of "volume" (1, X, Y, Z) or (1, X, Y, Z, C)
    affine : ndarray (4, 4)
        Affine of the stored volume, the one given to `to_stack`.
    plane : {"axial", "coronal", "sagittal", "volume"}

    Returns
    -------
    ndarray (X, Y, Z) or (X, Y, Z, C)
        In the stored orientation; a view of `stack`.
    """
    if plane == "volume":
        canonical = np.asarray(stack)[0]
    else:
        axis = PLANES[check_plane(plane)]
        canonical = np.moveaxis(np.asarray(stack)[:, ::-1].swapaxes(1, 2), 0, axis)
    ras = np.array([[0, 1], [1, 1], [2, 1]])
    return nib.orientations.apply_orientation(
        canonical, nib.orientations.ornt_transform(ras, orientation(affine))
    )


def axes_of(plane):
    """The canonical axes (0 R, 1 A, 2 S) along the axes of an image.

    Parameters
    ----------
    plane : {"axial", "coronal", "sagittal", "volume"}

    Returns
    -------
    tuple of int

    Examples
    --------
    >>> axes_of("coronal")  # rows along the body, columns from left to right
    (2, 0)
    """
    if plane == "volume":
        return (0, 1, 2)
    numbered = PLANES[check_plane(plane)]
    return tuple(axis for axis in (2, 1, 0) if axis != numbered)


def check_plane(plane, choices=tuple(PLANES)):
    """Return `plane` if it is one of the `choices`."""
    if plane not in choices:
        known = ", ".join(sorted(choices))
        raise GanMriError(f"plane: expected one of {known}, received {plane!r}.")
    return plane


def parse_slices(slices):
    """Every spelling of a slice range as (start, stop) or None for all.

    Parameters
    ----------
    slices : str, (int, int) or None
        "100:140" or (100, 140), stop excluded.
    """
    if slices is None:
        return None
    parts = slices.split(":") if isinstance(slices, str) else slices
    # Two numbers would come out of range(25, 27) too, but not its ends.
    parts = parts if isinstance(parts, (tuple, list, np.ndarray)) else ()
    try:
        start, stop = (int(part) if isinstance(part, str) else index(part) for part in parts)
    except (TypeError, ValueError) as error:
        raise GanMriError(
            f'slices: expected START:STOP such as "100:140", received {slices!r}.'
        ) from error
    if not 0 <= start < stop:
        raise GanMriError(f"slices: expected 0 <= START < STOP, received {slices!r}.")
    return start, stop


def slice_numbers(count, slices, *, path, plane):
    """Numbers of the slices asked for, of the `count` that a volume has.

    Raises
    ------
    GanMriError
        The range reaches beyond the volume.
    """
    start, stop = slices or (0, count)
    if stop > count:
        raise GanMriError(
            f"{path}: expected slices {start}:{stop} in the {plane} plane, received a volume "
            "that has slices "
            f"0:{count} there."
        )
    return np.arange(start, stop)
