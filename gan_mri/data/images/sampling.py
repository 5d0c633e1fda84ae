"""Which voxels of a file become an image: orientation, plane or volume, voxel size."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gan_mri.data.images.grid import Grid, canonical_grid, same_grid
from gan_mri.data.images.planes import PLANE_CHOICES, PLANES, check_plane, from_stack, to_stack
from gan_mri.data.images.resampling import resample, spaced_grid
from gan_mri.errors import GanMriError


@dataclass(frozen=True)
class Sampling:
    """How a volume is cut into what a network is given, and put together again.

    Pictures pass as they are.

    Parameters
    ----------
    plane : {"axial", "coronal", "sagittal", "all", "volume"}
        Slices of one plane or of all three, or the whole volume.
    spacing : (float, float, float), optional
        Voxel size in mm along RAS+ to resample to, 0 for an axis that stays as
        it is; default: every file keeps its own.

    Examples
    --------
    >>> Sampling("volume", (2.0, 2.0, 2.0)).rank
    3
    """

    plane: str = "axial"
    spacing: tuple | None = None

    def __post_init__(self):
        check_plane(self.plane, PLANE_CHOICES)

    @property
    def rank(self):
        """2 (slices, pictures) or 3 (volumes)."""
        return 3 if self.plane == "volume" else 2

    @property
    def planes(self):
        """The planes that a volume is cut along; ("volume",) if it is not."""
        return tuple(PLANES) if self.plane == "all" else (self.plane,)

    def see(self, image, onto=None):
        """A volume on the grid that its samples are cut from.

        Parameters
        ----------
        image : gan_mri.data.files.readers.ImageFile
            A volume.
        onto : Grid, optional
            A canonical grid to resample to, whatever the `spacing`.

        Returns
        -------
        Seen
        """
        own, target = self._grids(image, onto)
        if target is own:
            return Seen(image.array, image.affine, own)
        canonical = to_stack(image.array, image.affine, "volume")[0]
        return Seen(resample(canonical, own, target), target.affine, target)

    def restore(self, image, results, onto=None):
        """Undo `see` and the cutting: results as an array like `image.array`.

        Parameters
        ----------
        image : gan_mri.data.files.readers.ImageFile
        results : dict of str to ndarray (S, *spatial[, C])
            By plane, every slice of it; of several planes the mean is taken.
        onto : Grid, optional
            As `see` was given.

        Returns
        -------
        ndarray
        """
        own, target = self._grids(image, onto)
        affine = image.affine if target is own else target.affine
        (plane, result), *others = results.items()
        volume = from_stack(result, affine, plane)
        if others:
            volume = volume.astype(np.float32)
            for plane, result in others:
                volume += from_stack(result, affine, plane)
            volume /= len(results)
        if target is own:
            return volume
        canonical = resample(volume, target, own)
        return from_stack(canonical[np.newaxis], image.affine, "volume")

    def _grids(self, image, onto):
        """The canonical grid of the file, and the one to cut from: the same object if equal."""
        own = canonical_grid(image.array.shape, image.affine)
        target = onto
        if target is None:
            target = own if self.spacing is None else spaced_grid(own, self.spacing)
        return own, own if same_grid(target, own) else target

    def to_config(self):
        """JSON-able record; `from_config` is its inverse."""
        spacing = None if self.spacing is None else list(self.spacing)
        return {"plane": self.plane, "spacing": spacing}

    @classmethod
    def from_config(cls, config):
        """The sampling that `to_config` wrote."""
        spacing = config["spacing"]
        return cls(config["plane"], None if spacing is None else tuple(spacing))


class Seen(NamedTuple):
    """A volume on the grid that samples are cut from.

    Attributes
    ----------
    array : ndarray (X, Y, Z[, C])
        In the orientation of `affine`.
    affine : ndarray (4, 4)
    grid : Grid
        The canonical form of that grid.
    """

    array: np.ndarray
    affine: np.ndarray
    grid: Grid

    def stack(self, plane):
        """Slices (S, H, W[, C]), or the volume (1, X, Y, Z[, C]) along RAS+; a view."""
        return to_stack(self.array, self.affine, plane)


def parse_spacing(spacing):
    """Every spelling of a voxel size as three numbers in mm, or None.

    Parameters
    ----------
    spacing : float, sequence of one or three floats, or None
        0 leaves an axis as it is.
    """
    if spacing is None:
        return None
    numbers = spacing if isinstance(spacing, (list, tuple)) else [spacing]
    try:
        numbers = [float(number) for number in numbers]
    except (TypeError, ValueError):
        numbers = []
    numbers = numbers * 3 if len(numbers) == 1 else numbers
    if len(numbers) != 3 or not all(0 <= number < 1000 for number in numbers) or not any(numbers):
        raise GanMriError(
            "spacing: expected a voxel size in mm, one number or three (left to right, back to "
            f"front, down to up; 0 leaves an axis as it is). Received: {spacing!r}."
        )
    return tuple(numbers)
