"""Translated slices put together to the volume that they were cut from.

A measure of a volume is not the mean of that of its slices: a percentile, a window in three
dimensions and an error that is pooled over a head need the whole. Slices that no network was
shown, because they hold no head, become background, as in `gan_mri.translate`.
"""

from collections import Counter
from typing import NamedTuple

import numpy as np

from gan_mri.data.images.foreground import foreground_mask
from gan_mri.data.images.planes import PLANES, from_stack

#: In [-1, 1], of what was not translated.
_BACKGROUND = -1.0


class Assembled(NamedTuple):
    """A real image of one file and its translation, whole.

    Attributes
    ----------
    direction : str
    subject : str
    label : str
        A name for people, "sub-07 ses-01".
    real : ndarray (*spatial) or (*spatial, 3)
        In the units of its file, nothing clipped; volumes along RAS+. On the grid of training,
        if the run has a voxel size of its own.
    real_scaled, made_scaled : ndarray like `real`
        float32 in [-1, 1], as the model sees them; what of the real image lies beyond its window
        is clipped.
    made : ndarray like `real`
        float32 in the units of the real file: [-1, 1] is its window.
    mask : ndarray of bool (*spatial)
        Foreground of any real image, source or truth (`gan_mri.data.images.foreground`).
    """

    direction: str
    subject: str
    label: str
    real: np.ndarray
    real_scaled: np.ndarray
    made: np.ndarray
    made_scaled: np.ndarray
    mask: np.ndarray


class Target(NamedTuple):
    """What is known of a real image of the test part before anything is translated.

    Attributes
    ----------
    path : str
    contrast : str
    is_volume : bool
        Not a picture.
    shape : tuple of int
        Of the assembled image, without channels.
    channels : {1, 3}
    scaling : gan_mri.data.images.scaling.IntensityScaling
        Of its domain.
    low, high : float
        Smallest and largest value.
    """

    path: str
    contrast: str
    is_volume: bool
    shape: tuple
    channels: int
    scaling: object
    low: float
    high: float


class Assembly:
    """Takes the translations of `Cases` in their order and gives whole images.

    Parameters
    ----------
    cases : gan_mri.evaluation.cases.Cases
    """

    def __init__(self, cases):
        self._cases = cases
        self._left = Counter(self._image_of(index) for index in range(len(cases)))
        self._open = {}
        self._stacks = {}
        for domain in cases.split.domains:
            for stack, _ in cases.split[domain].files():
                self._stacks.setdefault((domain, stack.key), []).append(stack)

    def targets(self, name):
        """The real images that a direction is measured against, by file.

        Parameters
        ----------
        name : str
            Of a direction.

        Returns
        -------
        list of Target
        """
        way, found = self._cases.ways[name], {}
        for index in range(len(self._cases)):
            direction, key = self._image_of(index)
            if direction == name:
                found[key] = self._stacks.get((way.domain, key), [])
        return [self._target(way, stacks) for stacks in found.values() if stacks]

    def _target(self, way, stacks):
        first = stacks[0]
        values = [one.samples() for one in stacks]
        return Target(
            first.path,
            way.contrast,
            first.grid is not None,
            self._shape(first),
            first.channels,
            self._cases.scaling[way.domain],
            float(min(one.min() for one in values)),
            float(max(one.max() for one in values)),
        )

    def add(self, index, translation):
        """Take the translation of a case.

        Parameters
        ----------
        index : int
            In the cases.
        translation : ndarray (*spatial, C)
            In [-1, 1].

        Returns
        -------
        Assembled or None
            The whole image, once its last part is there.
        """
        image = self._image_of(index)
        self._open.setdefault(image, []).append((index, translation))
        self._left[image] -= 1
        return None if self._left[image] else self._assembled(image, self._open.pop(image))

    def _image_of(self, index):
        """What a case is a part of: its direction, and the key of its file."""
        name, row = self._cases.place(index)
        domain = next(iter(self._cases.ways[name].sources))
        key = self._cases.split[domain].keys[row[domain]]
        return name, (key.subject, key.entities)

    def _assembled(self, image, parts):
        name, key = image
        way, split = self._cases.ways[name], self._cases.split
        rows = [self._cases.place(index)[1] for index, _ in parts]
        stacks = self._stacks[way.domain, key]
        real, mask = self._real(stacks), None
        for domain in (*way.sources, way.domain):
            for stack in self._stacks[domain, key]:
                here = self._whole(stack, stack.numbers, _foreground(stack), False)
                mask = here if mask is None else mask | here
        planes = []
        for stack in stacks:
            numbers, images = [], []
            for row, (_, translation) in zip(rows, parts):
                sample = split[way.domain].keys[row[way.domain]]
                if sample.plane in ("", stack.plane):
                    restored = self._cases.geometry.restore(translation, stack.size)
                    images.append(restored if stack.channels > 1 else restored[..., 0])
                    numbers.append(sample.number)
            if images:
                planes.append(self._whole(stack, numbers, np.array(images), _BACKGROUND))
        made = planes[0] if len(planes) == 1 else np.mean(planes, axis=0, dtype=np.float32)
        window, scaling = split[way.domain].window(rows[0][way.domain]), self._cases.scaling
        return Assembled(
            name,
            key[0],
            str(stacks[0].key),
            real,
            scaling[way.domain].scale(real, window),
            scaling[way.domain].invert(made, window),
            made,
            mask,
        )

    def _real(self, stacks):
        """The real image; what one plane has left out as empty, another may know."""
        real = None
        for stack in stacks:
            values = stack.samples()
            low = values.dtype.type(stack.statistics.low)
            volume = self._whole(stack, stack.numbers, values, low)
            if real is None:
                real, known = volume, self._known(stack)
            else:
                real, known = np.where(known, real, volume), known | self._known(stack)
        return real

    def _known(self, stack):
        there = np.ones((len(stack.numbers), *stack.size), bool)
        known = self._whole(stack, stack.numbers, there, False)
        return known[..., np.newaxis] if stack.channels > 1 else known

    def _range(self, stack):
        """First slice and number of slices of the whole image."""
        if not stack.is_sliced:
            return 0, 1
        start, stop = self._cases.slices or (0, stack.grid.shape[PLANES[stack.plane]])
        return start, stop - start

    def _shape(self, stack):
        _, count = self._range(stack)
        if not stack.is_sliced:
            return stack.size
        empty = np.empty((count, *stack.size), bool)
        return from_stack(empty, stack.grid.affine, stack.plane).shape

    def _whole(self, stack, numbers, images, background):
        """Images (n, *size[, 3]) at their places, in an image along RAS+ or a picture."""
        if stack.grid is None:
            return images[0]
        first, count = self._range(stack)
        whole = np.full((count, *images.shape[1:]), background, images.dtype)
        whole[np.asarray(numbers) - first] = images
        return from_stack(whole, stack.grid.affine, stack.plane)


def _foreground(stack):
    return foreground_mask(stack.samples(), stack.statistics.threshold, channels=stack.channels)
