"""Random windows of an image, drawn mostly where there is tissue.

A head fills a third of its volume, so that windows drawn evenly would often
show air alone, of which a network learns nothing. Some of them must: without
any, it would never see what air looks like from edge to edge.
"""

import numpy as np

#: The share of the windows whose center is drawn among foreground voxels.
FOREGROUND_SHARE = 0.9


def random_window(shape, size, rng, mask=None, *, tries=100):
    """The first index of a random window.

    Without a mask every place is as likely as every other. With one, nine
    windows of ten are centered on a foreground voxel, each voxel as likely as
    every other; where such a window would leave the image, it is moved back
    inside. Voxels are drawn until one is foreground, so that no list of them
    is needed; after `tries` misses (with 5 % foreground once in 170 windows)
    the window lies anywhere.

    Parameters
    ----------
    shape : tuple of int
        Of the image, without channels; (rows, columns) or (X, Y, Z).
    size : tuple of int
        Of the window, one number for each of `shape`.
    rng : numpy.random.Generator
        One state gives one window.
    mask : bool ndarray of `shape`, optional
        True in the foreground. Anything does that knows `mask[i, j, k]`.
    tries : int
        Voxels drawn at most.

    Returns
    -------
    tuple of int
        Window k holds `index[k] : index[k] + size[k]`; 0 along axes on which
        the image is not larger than the window.

    Examples
    --------
    >>> random_window((8, 40), (8, 40), np.random.default_rng(0))
    (0, 0)
    """
    room = [max(have - want, 0) for have, want in zip(shape, size)]
    if mask is not None and rng.random() < FOREGROUND_SHARE:
        candidates = rng.integers(shape, size=(tries, len(shape)))
        center = _first_inside(mask, candidates)
        if center is not None:
            return tuple(
                min(max(place - want // 2, 0), most)
                for place, want, most in zip(center, size, room)
            )
    return tuple(int(rng.integers(most + 1)) for most in room)


def _first_inside(mask, candidates):
    """The first of the voxels (n, rank) that the mask holds, None if it holds none."""
    if isinstance(mask, np.ndarray):
        hits = np.flatnonzero(mask[tuple(candidates.T)])
        return candidates[hits[0]].tolist() if len(hits) else None
    # One by one: every voxel may be a read from a file.
    return next((place for place in candidates.tolist() if mask[tuple(place)]), None)
