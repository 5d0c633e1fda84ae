"""The slices kept of one file, with what is known of the file."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gan_mri.data.images.foreground import Statistics, kept_slices, statistics
from gan_mri.data.images.grid import Grid, canonical_grid, describe_grid, same_grid
from gan_mri.data.images.planes import PLANES, slice_numbers, to_stack
from gan_mri.errors import GanMriError


class Key(NamedTuple):
    """What makes two files of domains A and B one pair.

    `subject` is the unit that splits keep together ("sub-07", or the file's
    name where it names no subject), `entities` the rest of the name that both
    contrasts share ("ses-01_run-2", often "").
    """

    subject: str
    entities: str = ""

    def __str__(self):
        return " ".join([self.subject, *filter(None, self.entities.split("_"))])


@dataclass(frozen=True)
class Stack:
    """Kept slices of one file, as displayed, in the file's own units.

    Attributes
    ----------
    domain : {"A", "B"}
    key : Key
    path : str
    array : ndarray or h5py.Dataset (S, H, W) or (S, H, W, 3)
        The file's dtype.
    numbers : ndarray of int (S,)
        Slice numbers along the canonical axis; [0] for a picture.
    statistics : Statistics
        Over the whole file.
    grid : Grid or None
        Canonical grid of a volume, None for a picture.
    dropped : int
        Slices left out as empty.
    """

    domain: str
    key: Key
    path: str
    array: object
    numbers: np.ndarray
    statistics: Statistics | None
    grid: Grid | None
    dropped: int

    @property
    def channels(self):
        """1 (grey) or 3 (RGB)."""
        return 3 if len(self.array.shape) == 4 else 1


def make_stack(image, *, domain, key, plane, slices):
    """Cut one file into the slices that are kept.

    Parameters
    ----------
    image : gan_mri.data.files.readers.ImageFile
    domain : {"A", "B"}
    key : Key
    plane : {"axial", "coronal", "sagittal"}
        For volumes.
    slices : (int, int) or None
        Range along the canonical axis, for volumes.

    Returns
    -------
    Stack
        Possibly of no slices: those that are empty (`foreground.py`) are dropped.

    Raises
    ------
    GanMriError
        A volume without foreground, or a range beyond the volume.
    """
    array, channels = image.array, image.channels
    facts = statistics(array, channels=channels)
    if image.is_volume:
        if facts is None:
            raise GanMriError(
                f"{image.path}: expected an image, received a volume in which nothing rises "
                "above its background "
                "(99.9 % of the voxels hold one value)."
            )
        stack = to_stack(array, image.affine, plane)
        grid = canonical_grid(array.shape, image.affine)
        numbers = slice_numbers(grid.shape[PLANES[plane]], slices, path=image.path, plane=plane)
    else:
        stack, grid, numbers = array[np.newaxis], None, np.array([0])
    # A picture without foreground is black: an empty slice.
    kept = (
        ()
        if facts is None
        else kept_slices(stack[numbers[0] : numbers[-1] + 1], facts.threshold, channels=channels)
    )
    dropped = len(numbers) - len(kept)
    numbers = numbers[np.asarray(kept, int)]
    return Stack(
        domain, key, image.path, np.ascontiguousarray(stack[numbers]), numbers, facts, grid, dropped
    )


def check_alike(stack, first):
    """Refuse a file whose kind or number of channels differs from the first one's."""
    if (stack.grid is None) != (first.grid is None):
        kinds = ["pictures" if one.grid is None else "volumes" for one in (first, stack)]
        raise GanMriError(
            f"{stack.path}: expected {kinds[0]} like {first.path}, received {kinds[1]}. A data "
            "set holds one kind."
        )
    if stack.channels != first.channels:
        kinds = [
            "grey (1 channel)" if one.channels == 1 else "RGB (3 channels)"
            for one in (first, stack)
        ]
        raise GanMriError(
            f"{stack.path}: expected {kinds[0]} images like {first.path}, received {kinds[1]}. "
            "Convert one kind; "
            "all images of both domains must have the same channels."
        )


def grid_difference(first, second):
    """Say how the grids of a pair differ, None if they are the same.

    Pictures have no affine: theirs is the number of rows and columns.
    """
    if first.grid is None:
        shapes = [stack.array.shape[1:3] for stack in (first, second)]
        return (
            None if shapes[0] == shapes[1] else f"{shapes[0]} against {shapes[1]} rows and columns"
        )
    if same_grid(first.grid, second.grid):
        return None
    return f"{describe_grid(first.grid)} against {describe_grid(second.grid)}"
