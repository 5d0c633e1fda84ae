"""How much of a slice is head, how large it is, and whether it is cut off."""

import numpy as np
from scipy import ndimage

# A row or column belongs to the head if so much of its largest one is inside.
_LEAST = 0.02


def fraction(mask):
    """The share of a slice that is foreground, from 0 to 1."""
    return float(mask.mean())


def border(mask):
    """The share of a side of the slice that is foreground, of the side where it is largest.

    A head in air touches no side; one that was cut in half lies along one.
    """
    return float(max(side.mean() for side in (mask[0], mask[-1], mask[:, 0], mask[:, -1])))


def largest_part(mask):
    """The connected part of a mask that has most pixels, without holes; bool (H, W)."""
    parts, count = ndimage.label(mask)
    if count == 0:
        return mask
    largest = 1 + np.argmax(np.bincount(parts.ravel())[1:])
    return ndimage.binary_fill_holes(parts == largest)


def extents(part):
    """How many rows and columns a part covers: (rows, columns), those that it barely touches not.

    Parameters
    ----------
    part : ndarray of bool (H, W)
        With a pixel inside.
    """
    found = []
    for axis in (1, 0):
        counts = part.sum(axis=axis)
        inside = np.flatnonzero(counts > _LEAST * counts.max())
        found.append(int(inside[-1] - inside[0] + 1))
    return tuple(found)


def front(part):
    """How much wider a part is above than below, in an axial slice in front than at the back.

    Brains are widest behind their middle. Of 22 real images and 12 of the phantom: -0.14 to -0.05,
    of one brain with a large tumor up to 0.02; of the same turned round 0.03 to 0.19.

    Parameters
    ----------
    part : ndarray of bool (H, W)
        With a pixel inside.

    Returns
    -------
    float or None
        Logarithm of the pixels in the upper third of its rows, by those in the lower third. None
        for under 9 rows.
    """
    counts = part.sum(axis=1)
    inside = np.flatnonzero(counts)
    counts = counts[inside[0] : inside[-1] + 1]
    third = len(counts) // 3
    if third < 3:
        return None
    return float(np.log(counts[:third].sum() / counts[-third:].sum()))
