"""A volume seen coarsely: few voxels of the whole, along RAS+."""

from typing import NamedTuple

import numpy as np

from gan_mri.data.images.foreground import Statistics, gray, statistics
from gan_mri.data.images.grid import Grid, canonical_grid
from gan_mri.data.images.planes import to_stack

# Voxels along an axis that are kept at most.
_MOST = 96


class Overview(NamedTuple):
    """Every few voxels of a volume.

    Attributes
    ----------
    values : ndarray (X, Y, Z)
        float32, along RAS+; of colors the mean.
    steps : tuple of int
        Voxels from one to the next, by axis.
    grid : gan_mri.data.images.grid.Grid
        Of the whole volume, canonical.
    facts : gan_mri.data.images.foreground.Statistics or None
        Of the values that were kept; None where nothing rises above the background.
    """

    values: np.ndarray
    steps: tuple
    grid: Grid
    facts: Statistics | None

    @property
    def mask(self):
        """Foreground, bool (X, Y, Z)."""
        return self.values > self.facts.threshold

    def kept(self, axis, least):
        """Numbers of the slices of the whole volume of which so much is foreground.

        Parameters
        ----------
        axis : int
            Canonical, that the slices are numbered along.
        least : float
            Share of a slice.

        Returns
        -------
        ndarray of int
            Between the slices that were looked at, the nearest one tells.
        """
        others = tuple(other for other in range(3) if other != axis)
        filled = self.mask.mean(axis=others) >= least
        numbers = np.arange(self.grid.shape[axis])
        nearest = np.minimum((numbers + self.steps[axis] // 2) // self.steps[axis], len(filled) - 1)
        return numbers[filled[nearest]]


def overview(image):
    """The overview of a volume; nothing as large as the volume is made.

    Parameters
    ----------
    image : gan_mri.data.files.image_file.ImageFile
        A volume.

    Returns
    -------
    Overview
    """
    canonical = to_stack(image.array, image.affine, "volume")[0]
    steps = tuple(-(-length // _MOST) for length in canonical.shape[:3])
    few = np.ascontiguousarray(canonical[tuple(slice(None, None, step) for step in steps)])
    facts = statistics(few, channels=image.channels)
    values = gray(few, image.channels).astype(np.float32)
    grid = canonical_grid(image.array.shape, image.affine)
    return Overview(values, steps, grid, facts)
