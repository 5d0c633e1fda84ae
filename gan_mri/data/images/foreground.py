"""Where the head is: the one foreground rule of the package.

    low, high = 0.5th and 99.9th percentile of the image
    foreground = value > low + 0.05 (high - low)

A twentieth of the range lies above the noise floor and the small negative
values of a skull-stripped volume, and below tissue. The threshold is computed
once per file, over the whole volume (not over the slices that are kept), so
that it does not depend on the range of slices. In an RGB image the rule is
applied to the mean of the channels, the other statistics to all of them. A
picture without background is foreground nearly everywhere.

A slice with less than 1 % foreground is *empty*.
"""

from typing import NamedTuple

import numpy as np

LOW_PERCENTILE, HIGH_PERCENTILE = 0.5, 99.9
SHARE_OF_RANGE = 0.05
EMPTY_FRACTION = 0.01
EMPTY_RULE = (
    "a slice is dropped if under 1 % of it lies above low + 0.05 (high - low), "
    "with low and high the 0.5th and 99.9th percentile of its file"
)

# Values that are converted to float64 at a time.
_PART = 2**17

#: Upper end of the intensities that are worth a window, a percentile of the foreground.
FOREGROUND_PERCENTILE = 99.5


class Statistics(NamedTuple):
    """What scaling and masks need to know of one file, in its own units.

    Attributes
    ----------
    threshold : float
        Foreground is what lies above.
    low : float
        0.5th percentile of all values.
    high : float
        99.5th percentile of the foreground.
    mean, deviation : float
        Mean and standard deviation of the foreground.
    """

    threshold: float
    low: float
    high: float
    mean: float
    deviation: float


def gray(image, channels):
    """The mean over channels of an RGB image, a grey image as it is."""
    return image if channels == 1 else image.mean(axis=-1, dtype=np.float32)


def statistics(array, *, channels=1):
    """Statistics of one image.

    Parameters
    ----------
    array : ndarray
        All values of a volume or a picture; with `channels=3` the last axis is colour.
    channels : {1, 3}

    Returns
    -------
    Statistics or None
        None if nothing lies above the threshold: the image is constant, or
        differs from a constant only downwards.
    """
    values = gray(array, channels)
    low, high = (float(value) for value in np.percentile(values, (LOW_PERCENTILE, HIGH_PERCENTILE)))
    threshold = low + SHARE_OF_RANGE * (high - low)
    foreground = array[values > threshold]
    if foreground.size == 0:
        return None
    return Statistics(
        threshold=threshold,
        low=low if channels == 1 else float(np.percentile(array, LOW_PERCENTILE)),
        high=float(np.percentile(foreground, FOREGROUND_PERCENTILE)),
        mean=float(foreground.mean(dtype=np.float64)),
        deviation=_deviation(foreground.ravel()),
    )


def _deviation(values):
    """The standard deviation in float64, of which only parts exist in that type."""
    mean = values.mean(dtype=np.float64)
    parts = (values[start : start + _PART] for start in range(0, values.size, _PART))
    squares = (np.square(np.subtract(part, mean, dtype=np.float64)).sum() for part in parts)
    return float(np.sqrt(sum(squares) / values.size))


def foreground_mask(image, threshold, *, channels=1):
    """Boolean foreground of an image or stack, without the channel axis."""
    return gray(image, channels) > threshold


class Foreground:
    """`foreground_mask` of an image that is read voxel by voxel.

    Parameters
    ----------
    read : callable
        `read(place)` is the value at a tuple of indices, or its three channels.
    threshold, channels
        As `foreground_mask` takes them.
    """

    def __init__(self, read, threshold, *, channels=1):
        self._read, self._threshold, self._channels = read, threshold, channels

    def __getitem__(self, place):
        value = self._read(tuple(place))
        return bool(foreground_mask(value, self._threshold, channels=self._channels))


def kept_slices(stack, threshold, *, channels=1):
    """Indices of the slices of `stack` (S, H, W[, C]) that are not empty."""
    fractions = [foreground_mask(image, threshold, channels=channels).mean() for image in stack]
    return np.flatnonzero(np.array(fractions) >= EMPTY_FRACTION)
