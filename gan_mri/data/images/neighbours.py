"""The slices around a slice, as channels of its image: what a 2.5D network sees.

With n neighbours an image of C channels becomes one of (2 n + 1) C: the slices from n below to n
above along the canonical axis (`planes.py`), each with its channels. Beyond the ends of the
volume its outermost slice is repeated.
"""

import numpy as np

from gan_mri.errors import GanMriError


def around(numbers, neighbours, count):
    """The slices that belong to an image.

    Parameters
    ----------
    numbers : array-like of int (...)
        Slices, from 0.
    neighbours : int
        On either side.
    count : int
        Slices that the volume has.

    Returns
    -------
    ndarray of int (..., 2 * neighbours + 1)

    Examples
    --------
    >>> around([0, 3], 2, 5).tolist()
    [[0, 0, 0, 1, 2], [1, 2, 3, 4, 4]]
    """
    offsets = np.arange(-neighbours, neighbours + 1)
    return np.clip(np.asarray(numbers, int)[..., np.newaxis] + offsets, 0, count - 1)


def as_channels(slices):
    """Slices side by side, as channels of one image.

    Parameters
    ----------
    slices : sequence of ndarray (*spatial, C)

    Returns
    -------
    ndarray (*spatial, len(slices) * C)
    """
    first, *others = slices
    return np.concatenate(slices, axis=-1) if others else first


def check_neighbours(neighbours, rank, source):
    """Refuse neighbours of what is not cut into slices.

    Parameters
    ----------
    neighbours : int
    rank : {2, 3}
        3 where whole volumes are asked for.
    source : str or Path
        For the message.
    """
    if neighbours and rank == 3:
        raise GanMriError(
            f"{source}: expected neighbours=0, because whole volumes were asked for, in which a "
            f"network sees all slices anyway. Received: neighbours={neighbours}. Train on slices, "
            "with an image size of two numbers, or without neighbours."
        )


def refuse_picture(path, neighbours):
    """Raise if a picture is to have neighbours, which only slices of a volume have."""
    if neighbours:
        raise GanMriError(
            f"{path}: expected a volume, of which every slice is seen beside its neighbours "
            f"(neighbours={neighbours}). Received: a picture, which has none."
        )
