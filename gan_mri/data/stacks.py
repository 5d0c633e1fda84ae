"""The slices kept of one file, or the volume that it is, with what is known of the file."""

import dataclasses
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gan_mri.data.images.foreground import Statistics, kept_slices, statistics
from gan_mri.data.images.grid import Grid, describe_grid, same_grid
from gan_mri.data.images.neighbours import around
from gan_mri.data.images.planes import PLANES, slice_numbers
from gan_mri.errors import GanMriError


class Key(NamedTuple):
    """What makes files of several domains images of one anatomy.

    `subject` is the unit that splits keep together ("sub-07", or the file's
    name where it names no subject), `entities` the rest of the name that all
    contrasts share ("ses-01_run-2", often "").
    """

    subject: str
    entities: str = ""

    def __str__(self):
        return " ".join([self.subject, *filter(None, self.entities.split("_"))])


class SampleKey(NamedTuple):
    """Which sample: samples of several domains with equal keys show the same anatomy.

    Attributes
    ----------
    subject : str
        "sub-07", or the file's name where it names no subject.
    entities : str
        Session, run and so on, "ses-01_run-2"; "" without.
    number : int
        Of a slice, along the canonical axis; 0 for a picture or a volume.
    plane : str
        Of a slice where there are slices of all three planes; "" elsewhere.
    """

    subject: str
    entities: str
    number: int
    plane: str = ""


@dataclass(frozen=True)
class Stack:
    """Kept slices of one file as displayed, or its volume, in the file's own units.

    Attributes
    ----------
    domain : str
    key : Key
    path : str
    array : ndarray or h5py.Dataset (M, *spatial) or (M, *spatial, 3)
        The file's dtype, float32 where it was resampled. Slices are (H, W); a
        volume is (X, Y, Z) along RAS+, and M is 1. Of S samples it holds these (M is S),
        or these and their neighbours (see `held`).
    numbers : ndarray of int (S,)
        Of the samples: slice numbers along the canonical axis; [0] for a picture or a volume.
    statistics : Statistics
        Over the whole file, before it was resampled.
    grid : Grid or None
        Canonical grid that the samples lie on, None for a picture.
    dropped : int
        Slices left out as empty.
    plane : str or None
        Of the slices; "volume"; None for a picture.
    names_plane : bool
        The data set has slices of all three planes.
    held : ndarray of int (M,), optional
        Slice numbers of the rows of `array`, ascending, where it holds neighbours of the
        samples too; None: they are `numbers`.
    """

    domain: str
    key: Key
    path: str
    array: object
    numbers: np.ndarray
    statistics: Statistics | None
    grid: Grid | None
    dropped: int
    plane: str | None = None
    names_plane: bool = False
    held: np.ndarray | None = None

    def read(self, index):
        """A part of `array`.

        Parameters
        ----------
        index : int or tuple
            As NumPy takes it, without lists; the row first.

        Returns
        -------
        ndarray

        Raises
        ------
        GanMriError
            If it lies in a prepared file that cannot be read.
        """
        try:
            return self.array[index]
        except OSError as error:  # h5py, on a damaged chunk or a vanished disk
            row = index[0] if isinstance(index, tuple) else index
            raise GanMriError(
                f"{self.path}: expected to read sample {row} of it from the "
                f"prepared HDF5 file, which failed ({error}). Prepare the file again."
            ) from error

    @property
    def rank(self):
        """2 (slices, pictures) or 3 (volumes)."""
        return 3 if self.plane == "volume" else 2

    @property
    def size(self):
        """(H, W) or (X, Y, Z)."""
        return tuple(self.array.shape[1 : 1 + self.rank])

    @property
    def channels(self):
        """1 (gray) or 3 (RGB)."""
        return 3 if len(self.array.shape) == self.rank + 2 else 1

    def rows(self, neighbours=0):
        """Where the samples are in `array`.

        Parameters
        ----------
        neighbours : int
            On either side, no more than it was made with.

        Returns
        -------
        ndarray of int (S, 2 * neighbours + 1)
            Of each sample the rows that hold it and its neighbours, in their order.
        """
        if self.held is None:
            return np.arange(len(self.numbers))[:, np.newaxis]
        count = self.grid.shape[PLANES[self.plane]]
        return np.searchsorted(self.held, around(self.numbers, neighbours, count))

    def samples(self):
        """The samples alone, without neighbours: ndarray (S, *spatial) or (S, *spatial, 3)."""
        array = np.asarray(self.array)
        return array if self.held is None else array[self.rows()[:, 0]]

    def without_samples(self):
        """The same without its voxels: what there is to compare with other files."""
        array = np.empty((0, *self.array.shape[1:]), self.array.dtype)
        return dataclasses.replace(self, array=array, numbers=self.numbers[:0], held=None)

    def renamed(self, domain):
        """The same under another domain."""
        return dataclasses.replace(self, domain=domain)

    @property
    def is_sliced(self):
        """Whether the samples are slices of a volume."""
        return self.plane not in (None, "volume")


def make_stacks(image, *, domain, key, sampling, slices, onto=None, neighbours=0):
    """Cut one file into the slices that are kept, or take it as a volume.

    Parameters
    ----------
    image : gan_mri.data.files.image_file.ImageFile
    domain : str
    key : Key
    sampling : gan_mri.data.images.sampling.Sampling
    slices : (int, int) or None
        Range along the canonical axis, for volumes.
    onto : Grid, optional
        Resample the volume to this grid.
    neighbours : int
        Slices to keep on either side of every sample, empty or not, also beyond the range.

    Returns
    -------
    list of Stack
        One for each plane. Possibly of no slices: those that are empty
        (`gan_mri.data.images.foreground`) are dropped.

    Raises
    ------
    GanMriError
        A volume without foreground, or a range beyond the volume.
    """
    facts = statistics(image.array, channels=image.channels)
    if not image.is_volume:
        # A picture without foreground is black: an empty slice.
        kept = [] if facts is None else [0]
        stack = np.ascontiguousarray(image.array[np.newaxis][kept])
        numbers = np.array(kept, int)
        return [Stack(domain, key, image.path, stack, numbers, facts, None, 1 - len(kept))]
    if facts is None:
        raise GanMriError(
            f"{image.path}: expected an image, received a volume in which nothing rises above "
            "its background (99.9 % of the voxels hold one value)."
        )
    seen = sampling.see(image, onto)
    stacks = []
    for plane in sampling.planes:
        stack = seen.stack(plane)
        numbers, held = np.array([0]), None
        if plane != "volume":
            numbers = slice_numbers(len(stack), slices, path=image.path, plane=plane)
            inside = stack[numbers[0] : numbers[-1] + 1]
            kept = kept_slices(inside, facts.threshold, channels=image.channels)
            dropped, numbers = len(numbers) - len(kept), numbers[np.asarray(kept, int)]
            if neighbours:
                held = np.unique(around(numbers, neighbours, len(stack)))
            # One plane after the other: never two copies of what is thrown away.
            stack = np.ascontiguousarray(stack[numbers if held is None else held])
        else:
            dropped, stack = 0, np.ascontiguousarray(stack)
        stacks.append(
            Stack(
                domain,
                key,
                image.path,
                stack,
                numbers,
                facts,
                seen.grid,
                dropped,
                plane,
                len(sampling.planes) > 1,
                held,
            )
        )
    return stacks


def sample_keys(stack):
    """The `SampleKey` of every sample of a stack."""
    plane = stack.plane if stack.names_plane else ""
    return [SampleKey(*stack.key, int(number), plane) for number in stack.numbers]


def check_alike(stack, first):
    """Refuse a file whose kind or number of channels differs from the first one's."""
    if (stack.grid is None) != (first.grid is None):
        kinds = ["pictures" if one.grid is None else "volumes" for one in (first, stack)]
        raise GanMriError(
            f"{stack.path}: expected {kinds[0]} like {first.path}, received {kinds[1]}. A data set "
            "holds one kind."
        )
    if stack.channels != first.channels:
        names = {1: "grey (1 channel)", 3: "RGB (3 channels)"}
        kinds = [names[one.channels] for one in (first, stack)]
        raise GanMriError(
            f"{stack.path}: expected {kinds[0]} images like {first.path}, received {kinds[1]}. "
            "Convert one kind; all images of all domains must have the same channels."
        )


def grid_difference(first, second):
    """Say how the grids of a pair differ, None if they are the same.

    Pictures have no affine: theirs is the number of rows and columns.
    """
    if first.grid is None:
        shapes = [stack.array.shape[1:3] for stack in (first, second)]
        if shapes[0] == shapes[1]:
            return None
        return f"{shapes[0]} against {shapes[1]} rows and columns"
    if same_grid(first.grid, second.grid):
        return None
    return f"{describe_grid(first.grid)} against {describe_grid(second.grid)}"
