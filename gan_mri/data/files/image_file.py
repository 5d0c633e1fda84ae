"""What every reader returns: one image as its file holds it."""

from typing import NamedTuple

import numpy as np


class ImageFile(NamedTuple):
    """One image as its file holds it.

    Attributes
    ----------
    path : str
    array : ndarray
        Volume (X, Y, Z) or (X, Y, Z, 3) in the stored orientation, picture
        (H, W) or (H, W, 3) with the first row on top. Dtype of the file;
        float32 where a NIfTI header asks for a slope and intercept.
    affine : ndarray (4, 4) or None
        Voxel indices to millimetres, RAS+; None for pictures.
    header : nibabel header or None
        For writing a volume on the same grid; None for pictures.
    """

    path: str
    array: np.ndarray
    affine: np.ndarray | None = None
    header: object = None

    @property
    def is_volume(self):
        return self.affine is not None

    @property
    def channels(self):
        """1 (grey) or 3 (RGB)."""
        return 3 if self.array.ndim == (4 if self.is_volume else 3) else 1
