"""What training indexes: slices of one domain, and the two domains of a split."""

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from gan_mri.data.images.foreground import foreground_mask
from gan_mri.errors import GanMriError


class SliceKey(NamedTuple):
    """Which slice: two slices of A and B with equal keys are a pair.

    Attributes
    ----------
    subject : str
        "sub-07", or the file's name where it names no subject.
    entities : str
        Session, run and so on, "ses-01_run-2"; "" without.
    number : int
        Along the canonical axis; 0 for a picture.
    """

    subject: str
    entities: str
    number: int


class Slices(Sequence):
    """A lazy sequence of 2D images of one domain.

    Indexing cuts one slice out of the stored array (in memory or in an HDF5
    file) and scales it; nothing is kept.

    Parameters
    ----------
    stacks : list of gan_mri.data.stacks.Stack
    scaling : gan_mri.data.images.scaling.IntensityScaling
    wanted : set of SliceKey, optional
        Show these slices only.
    """

    def __init__(self, stacks, scaling, wanted=None):
        self._stacks = stacks
        self._windows = [_window(scaling, stack) for stack in stacks]
        self._scaling = scaling
        keys = [
            (s, j, key) for s, stack in enumerate(stacks) for j, key in enumerate(slice_keys(stack))
        ]
        self._places = [(s, j) for s, j, key in keys if wanted is None or key in wanted]

    def __len__(self):
        return len(self._places)

    def __getitem__(self, index):
        """float32 (H, W, C) in [-1, 1]."""
        stack, position = self._places[index]
        image = self._scaling.scale(self._stored(stack, position), self._windows[stack])
        return image if image.ndim == 3 else image[..., np.newaxis]

    def mask(self, index):
        """Foreground, bool (H, W), by the rule of `foreground.py`."""
        number, position = self._places[index]
        stack = self._stacks[number]
        return foreground_mask(
            self._stored(number, position), stack.statistics.threshold, channels=stack.channels
        )

    def window(self, index):
        """(low, high) in the units of the file: what -1 and 1 stand for."""
        return self._windows[self._places[index][0]]

    def path(self, index):
        """The file that the slice came from."""
        return self._stacks[self._places[index][0]].path

    def shape(self, index):
        """(H, W)."""
        return tuple(self._stacks[self._places[index][0]].array.shape[1:3])

    def label(self, index):
        """A name for people: "sub-07 ses-01 slice 95"; a picture's file name."""
        stack, position = self._places[index]
        stack = self._stacks[stack]
        return (
            str(stack.key) if stack.grid is None else f"{stack.key} slice {stack.numbers[position]}"
        )

    @cached_property
    def keys(self):
        """A `SliceKey` for every slice."""
        keys = [slice_keys(stack) for stack in self._stacks]
        return [keys[s][j] for s, j in self._places]

    @property
    def subjects(self):
        """Sorted names of the subjects that have a slice here."""
        return sorted({key.subject for key in self.keys})

    def _stored(self, stack, position):
        try:
            return self._stacks[stack].array[position]
        except OSError as error:  # h5py, on a damaged chunk or a vanished disk
            raise GanMriError(
                f"{self._stacks[stack].path}: expected to read slice {position} of it from the "
                "prepared HDF5 file, "
                f"which failed ({error}). Prepare the file again."
            ) from error


class Split(NamedTuple):
    """One part of a data set: training, validation or test.

    Attributes
    ----------
    A, B : Slices
    pairs : ndarray of int (n, 2)
        Rows (index into A, index into B) of slices with the same key on the
        same grid.
    subjects : list of str
    """

    A: Slices
    B: Slices
    pairs: np.ndarray
    subjects: list


def make_split(stacks, scalings, *, unpairable=(), paired_only=False):
    """Build a `Split` from the stacks of both domains.

    Parameters
    ----------
    stacks : list of Stack
    scalings : dict
        {"A": IntensityScaling, "B": IntensityScaling}.
    unpairable : set of Key
        Files of both domains that have the same key but different grids.
    paired_only : bool
        Keep slices only if the other domain kept them too.
    """
    domains = {name: [stack for stack in stacks if stack.domain == name] for name in "AB"}
    wanted = None
    if paired_only:
        keys = [{key for stack in domains[name] for key in slice_keys(stack)} for name in "AB"]
        wanted = keys[0] & keys[1]
    a, b = (Slices(domains[name], scalings[name], wanted) for name in "AB")
    places = {key: i for i, key in enumerate(b.keys)}
    pairs = [
        (i, places[key])
        for i, key in enumerate(a.keys)
        if key in places and (key.subject, key.entities) not in unpairable
    ]
    return Split(
        a, b, np.array(pairs, dtype=int).reshape(-1, 2), sorted({*a.subjects, *b.subjects})
    )


def slice_keys(stack):
    """The `SliceKey` of every slice of a stack."""
    return [SliceKey(*stack.key, int(number)) for number in stack.numbers]


def _window(scaling, stack):
    try:
        return scaling.window(stack.statistics)
    except GanMriError as error:
        raise GanMriError(f"{stack.path}: {error}") from error
