"""A network applied in windows that overlap and are blended, and what that costs."""

import dataclasses
import itertools
import numbers

import keras
import numpy as np
import tensorflow as tf
from tqdm import tqdm

from gan_mri.errors import GanMriError
from gan_mri.inference.volumes.differences import Differences


@dataclasses.dataclass(frozen=True)
class Mismatch:
    """How much two windows differ that see the same voxel.

    Attributes
    ----------
    mean : float
        Mean absolute difference, of the values of the network's output. NaN
        where no two windows meet.
    percentile_99 : float
        Of the absolute differences, to 0.5 %.
    count : int
        Values that were compared: all channels of the voxels that lie in two
        windows or more.
    """

    mean: float
    percentile_99: float
    count: int

    def __str__(self):
        return (
            f"tile mismatch: mean {self.mean:.4g}, 99th percentile {self.percentile_99:.4g}, "
            f"of {self.count:,} values"
        )


def apply_in_windows(network, volume, *, size, overlap=0.5, batch_size=1, progress=False):
    """A volume through a network window by window, blended.

    Every window is weighted by a Hann function along each axis, so that it
    fades out where the next one begins. That hides seams and does not remove
    their cause: instance normalisation in a window has the statistics of the
    window. How much that matters is the second thing returned: the difference,
    before blending, of the first two windows that see a voxel (Buglakova et
    al., ICCV 2025, "tile mismatch"). `apply_exactly` has none.

    In memory are the volume, two maps in float32 (sum, and sum of weights), and
    one batch.

    Parameters
    ----------
    network : keras.Model or callable
        From `(N, ..., C)` to `(N, ..., K)` of the same sizes. A model with
        several inputs, or a callable, is given what `volume` is: an array, or a
        dict of arrays.
    volume : ndarray `(X, Y, Z, C)` or `(X, Y, C)`, or dict
        Several inputs by name, all of one size.
    size : int or sequence of int
        Of a window, for each axis. Where the volume is smaller, its own size.
    overlap : float
        The share of a window that the next one covers again, from 0 to below 1.
        Windows are moved closer where they do not fill the volume evenly.
    batch_size : int
        Windows at a time.
    progress : bool
        Show a progress bar.

    Returns
    -------
    (ndarray, Mismatch)
        float32 `(..., K)`.

    Raises
    ------
    GanMriError
        For arguments other than these, and a network that changes sizes.
    """
    volumes = volume if isinstance(volume, dict) else {None: volume}
    volumes = {name: np.asarray(one) for name, one in volumes.items()}
    space = _space(volumes)
    size = _size(size, space)
    if not 0 <= overlap < 1:
        raise GanMriError(f"overlap: expected a share from 0 to below 1. Received: {overlap!r}.")
    if batch_size < 1:
        raise GanMriError(f"batch_size: expected 1 or more. Received: {batch_size!r}.")
    call = _callable(network)
    starts = [_starts(*axis, overlap) for axis in zip(space, size)]
    corners = list(itertools.product(*(range(len(axis)) for axis in starts)))
    blend = _Blend(space, size, starts)
    with tqdm(total=len(corners), unit="window", disable=not progress, dynamic_ncols=True) as bar:
        for first in range(0, len(corners), batch_size):
            batch = corners[first : first + batch_size]
            places = [blend.place(corner) for corner in batch]
            inputs = {
                name: np.stack([np.asarray(one[place], np.float32) for place in places])
                for name, one in volumes.items()
            }
            outputs = np.asarray(call(inputs if isinstance(volume, dict) else inputs[None]))
            if outputs.shape[:-1] != (len(batch), *size):
                raise GanMriError(
                    f"network: expected outputs of the size of its inputs, {size}. "
                    f"Received: {outputs.shape[1:-1]}."
                )
            for corner, output in zip(batch, outputs):
                blend.add(corner, output)
            bar.update(len(batch))
    return blend.result(), blend.mismatch()


class _Blend:
    """Weighted sums over windows, and the differences between windows."""

    def __init__(self, space, size, starts):
        self._space, self._size, self._starts = space, size, starts
        self._weight = _outer([_hann(length) for length in size])
        # Of every axis: which is the first window that covers a position, and
        # how many do.
        self._covers = [_cover(*axis) for axis in zip(space, size, starts)]
        self._weights = np.zeros(space, np.float32)
        self._sums = None
        self._differences = Differences()

    def place(self, corner):
        """Where a window lies: slices of the spatial axes."""
        starts = (axis[index] for axis, index in zip(self._starts, corner))
        return tuple(slice(start, start + length) for start, length in zip(starts, self._size))

    def add(self, corner, output):
        """Take a window in. Windows come in the order of their corners."""
        place = self.place(corner)
        if self._sums is None:
            self._sums = np.zeros((*self._space, output.shape[-1]), np.float32)
        second = self._earlier(corner, place) == 1
        if second.any():
            # One window has been here: the weighted mean is what it said.
            said = self._sums[place][second] / self._weights[place][second][:, np.newaxis]
            self._differences.add(np.abs(output[second] - said))
        self._sums[place] += output * self._weight[..., np.newaxis]
        self._weights[place] += self._weight

    def result(self):
        """The blended output."""
        self._sums /= self._weights[..., np.newaxis]
        return self._sums

    def mismatch(self):
        return Mismatch(
            self._differences.mean, self._differences.percentile(99), self._differences.count
        )

    def _earlier(self, corner, place):
        """For every position of a window, how many windows have covered it before."""
        count = np.zeros((1,) * len(corner), int)
        for axis, (index, part, (first, number)) in enumerate(zip(corner, place, self._covers)):
            shape = [-1 if other == axis else 1 for other in range(len(corner))]
            before = (index - first[part]).reshape(shape)
            count = count * number[part].reshape(shape) + before
        return count


def _callable(network):
    if not isinstance(network, keras.Model):
        return network
    return tf.function(lambda inputs: network(inputs, training=False), reduce_retracing=True)


def _space(volumes):
    """The spatial sizes, the same of all volumes."""
    sizes = {one.shape[:-1] for one in volumes.values()}
    if len(sizes) != 1 or 0 in min(sizes) or len(min(sizes)) not in (2, 3):
        raise GanMriError(
            "volume: expected arrays (X, Y, C) or (X, Y, Z, C) of one size. "
            f"Received: {', '.join(str(one.shape) for one in volumes.values())}."
        )
    return min(sizes)


def _size(size, space):
    """Of a window, no larger than the volume."""
    sizes = (size,) * len(space) if isinstance(size, numbers.Integral) else tuple(size)
    if len(sizes) != len(space) or min(sizes) < 1:
        raise GanMriError(
            f"size: expected a length from 1, or {len(space)} of them. Received: {size!r}."
        )
    return tuple(min(pair) for pair in zip(sizes, space))


def _starts(length, size, overlap):
    """Where windows begin on an axis, evenly, the last one at its end."""
    step = max(1, int(size * (1 - overlap)))
    count = -(-(length - size) // step) + 1
    return np.linspace(0, length - size, count).round().astype(int)


def _cover(length, size, starts):
    """For every position of an axis: the first window that covers it, and how many do."""
    positions = np.arange(length)
    first = np.searchsorted(starts + size, positions, side="right")
    after = np.searchsorted(starts, positions, side="right")
    return first, after - first


def _hann(length):
    """Hann's window at the centres of the voxels: nowhere 0."""
    return np.sin(np.pi * (np.arange(length) + 0.5) / length) ** 2


def _outer(factors):
    weight = factors[0]
    for factor in factors[1:]:
        weight = weight[..., np.newaxis] * factor
    return weight.astype(np.float32)
