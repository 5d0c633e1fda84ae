"""Which numbers a file is written in: those that hold the window of the intensities.

The source of a translation has another contrast's range: 8-bit pictures become
16-bit ones, Hounsfield units are negative, a map of FA lies in 0 .. 1. So the
type follows the window that the target's intensities lie in.

| window                                   | pictures        | volumes        |
|------------------------------------------|-----------------|----------------|
| in 0 .. 255, at least 128 wide           | uint8           | as below       |
| in 0 .. 65535, at least 128 wide         | uint16          | as below       |
| in int16, at least 256 wide              | as below        | int16          |
| in int32, at least 256 wide              | as below        | int32          |
| any other                                | float32         | float32        |

A source of floats is written in floats wherever the format has them.
"""

import numpy as np

from gan_mri.errors import GanMriError

# Whole numbers are good enough where rounding is at most 1/256 of the window for
# pictures, which are looked at, and 1/512 for volumes, which are computed with.
_PICTURE_LEVELS, _VOLUME_LEVELS = 128, 256

# Numbers that are rounded at a time.
_PART = 2**20

# What Pillow writes without loss, by the number of channels, and NumPy.
_PICTURE_TYPES = {
    1: {
        ".png": (np.uint8, np.uint16),
        ".tif": (np.uint8, np.uint16, np.float32),
        ".tiff": (np.uint8, np.uint16, np.float32),
        ".npy": (np.uint8, np.uint16, np.float32),
    },
    3: {
        ".png": (np.uint8,),
        ".tif": (np.uint8,),
        ".tiff": (np.uint8,),
        ".npy": (np.uint8, np.uint16, np.float32),
    },
}


def check_window(window):
    """Return a window as two floats.

    Raises
    ------
    GanMriError
        Anything but two finite numbers, the lower one first.
    """
    try:
        low, high = map(float, window)
    except (TypeError, ValueError):
        low, high = np.nan, np.nan
    if not -np.inf < low < high < np.inf:
        raise GanMriError(
            f"window: expected two finite numbers, the lower one first. Received: {window!r}."
        )
    return low, high


def _holds(dtype, window, levels):
    low, high = window
    if np.dtype(dtype).kind == "f":
        return True
    limits = np.iinfo(dtype)
    return limits.min <= low and high <= limits.max and high - low >= levels


def picture_type(suffix, window, channels, *, floats=False):
    """The type that a picture is written in.

    Parameters
    ----------
    suffix : str
        One of `gan_mri.data.files.names.PICTURE_SUFFIXES`.
    window : (float, float)
        The lowest and the highest intensity.
    channels : {1, 3}
    floats : bool
        Prefer floats, as for a source of floats.

    Returns
    -------
    numpy.dtype or None
        None where the format has no type that holds the window.
    """
    types = [
        np.dtype(dtype)
        for dtype in _PICTURE_TYPES[channels].get(suffix, ())
        if _holds(dtype, window, _PICTURE_LEVELS)
    ]
    if floats and types and types[-1].kind == "f":
        return types[-1]
    return types[0] if types else None


def picture_suffixes(window, channels):
    """The suffixes of pictures that can hold a window, the most usual first."""
    return tuple(
        suffix for suffix in _PICTURE_TYPES[channels] if picture_type(suffix, window, channels)
    )


def volume_type(window, channels, *, floats=False):
    """The type that a volume is written in; parameters as for `picture_type`.

    Returns
    -------
    numpy.dtype or None
        None for colours that are not in 0 .. 255: NIfTI has 8 bits a colour.
    """
    if channels == 3:
        return np.dtype(np.uint8) if _holds(np.uint8, window, _PICTURE_LEVELS) else None
    whole = () if floats else (np.int16, np.int32)
    fitting = (dtype for dtype in whole if _holds(dtype, window, _VOLUME_LEVELS))
    return np.dtype(next(fitting, np.float32))


def as_type(array, dtype):
    """Intensities in another type: rounded where it is whole, and clipped to its limits.

    Parameters
    ----------
    array : ndarray, float32
        With an axis at least.
    dtype : numpy.dtype
    """
    if dtype.kind == "f":
        return np.asarray(array, dtype)
    low, high = (np.float32(limit) for limit in (np.iinfo(dtype).min, np.iinfo(dtype).max))
    if float(high) > np.iinfo(dtype).max:  # 2**31 - 1 is no float32
        high = np.nextafter(high, np.float32(0))
    typed = np.empty_like(array, dtype=dtype)
    # Along the axis that is slowest in memory, so that no other copy is as large as the image.
    axis = int(np.argmax(np.abs(array.strides)))
    step = max(1, _PART * array.shape[axis] // array.size)
    for start in range(0, array.shape[axis], step):
        part = (slice(None),) * axis + (slice(start, start + step),)
        typed[part] = np.clip(np.rint(array[part]), low, high)
    return typed
