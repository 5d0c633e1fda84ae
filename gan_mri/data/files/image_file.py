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
    def orientation_known(self):
        """False for pictures, and for a volume whose header does not say how it lies.

        That is a NIfTI header with sform and qform codes 0; `affine` is then
        nibabel's guess, of which a warning told when the file was read.
        """
        return self.is_volume and (self.header is None or orientation_stated(self.header))

    @property
    def channels(self):
        """1 (grey) or 3 (RGB)."""
        return 3 if self.array.ndim == (4 if self.is_volume else 3) else 1


def orientation_stated(header):
    """Whether a NIfTI header has an sform or a qform that says what space it maps to."""
    return int(header["sform_code"]) > 0 or int(header["qform_code"]) > 0
