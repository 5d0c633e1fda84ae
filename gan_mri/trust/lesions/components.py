"""Lesions as connected parts of a mask: where each is, and how large."""

from typing import NamedTuple

import numpy as np
from nibabel.affines import apply_affine
from scipy import ndimage

#: Voxels that share a corner belong together.
_CORNERS = np.ones((3, 3, 3), bool)
#: mm3 of a mL.
ML = 1000.0


class Component(NamedTuple):
    """A connected part of a mask.

    Attributes
    ----------
    number : int
        From 1, the largest first.
    box : tuple of three slices
        The voxels around it.
    inside : ndarray of bool
        Of the box: which of them it is.
    voxels : int
    volume : float
        mL.
    middle : tuple of int
        Of its voxels the nearest to its center of mass.
    center : tuple of float
        mm in world coordinates (RAS+, nibabel's): to the right, forwards, upwards.
    """

    number: int
    box: tuple
    inside: np.ndarray
    voxels: int
    volume: float
    middle: tuple
    center: tuple


def components(mask, affine, *, least=1, corners=True):
    """The connected parts of a mask, the largest first.

    Parameters
    ----------
    mask : ndarray of bool (X, Y, Z)
    affine : ndarray (4, 4)
        Voxel indices to mm.
    least : int
        Voxels; smaller parts are left out.
    corners : bool
        Whether voxels that share but a corner are connected; else a face is needed.

    Returns
    -------
    list of Component

    Examples
    --------
    >>> mask = np.zeros((8, 8, 8), bool)
    >>> mask[1:3, 1:3, 1:3] = mask[5, 5, 5] = True
    >>> [(one.voxels, one.center) for one in components(mask, np.diag([2.0, 2, 2, 1]))]
    [(8, (3.0, 3.0, 3.0)), (1, (10.0, 10.0, 10.0))]
    """
    labels, _ = ndimage.label(mask, _CORNERS if corners else None)
    edge = float(abs(np.linalg.det(affine[:3, :3]))) / ML
    found = []
    for label, box in enumerate(ndimage.find_objects(labels), start=1):
        inside = labels[box] == label
        voxels = int(np.count_nonzero(inside))
        if voxels >= least:
            found.append((voxels, box, inside))
    # Sorting keeps the order of equal ones, that of the grid.
    found.sort(key=lambda one: -one[0])
    results = []
    for number, (voxels, box, inside) in enumerate(found, start=1):
        place = np.array(ndimage.center_of_mass(inside)) + [side.start for side in box]
        center = tuple(float(value) for value in apply_affine(affine, place))
        own = np.argwhere(inside) + [side.start for side in box]
        nearest = np.argmin(np.square(own - place).sum(axis=1))
        middle = tuple(int(index) for index in own[nearest])
        results.append(Component(number, box, inside, voxels, voxels * edge, middle, center))
    return results
