"""One image file to one array, whatever the format.

| suffix                            | read by  | gives                       |
|-----------------------------------|----------|-----------------------------|
| .nii .nii.gz                      | nibabel  | volume (X, Y, Z[, 3])       |
| .png .tif .tiff .jpg .jpeg        | Pillow   | picture (H, W[, 3])         |
| .npy                              | NumPy    | picture (H, W[, 3])         |

Values keep the dtype of the file. Sizes that a header declares are checked
before anything is allocated; nothing is ever unpickled.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from gan_mri.errors import GanMriError

VOLUME_SUFFIXES = (".nii.gz", ".nii")
PICTURE_SUFFIXES = (".png", ".tif", ".tiff", ".jpg", ".jpeg", ".npy")
SUFFIXES = VOLUME_SUFFIXES + PICTURE_SUFFIXES

#: Largest image that is read, in bytes of voxels. A damaged or hostile header
#: can declare anything; no MR volume comes near this.
MAX_BYTES = 8 * 2**30


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


def suffix_of(path):
    """The image suffix of `path` in lower case (".nii.gz" as one), "" if it is none of ours."""
    name = Path(path).name.lower()
    return next((suffix for suffix in SUFFIXES if name.endswith(suffix)), "")


def stem_of(path):
    """The file name without its image suffix: "sub-01_T1w" for "sub-01_T1w.nii.gz"."""
    name = Path(path).name
    return name[: len(name) - len(suffix_of(path))]


def read_image(path):
    """Read a NIfTI volume or a picture.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    ImageFile

    Raises
    ------
    GanMriError
        Missing, unreadable, truncated or oversized file, unknown suffix, a
        4D volume, an unsupported pixel type, NaN or infinite values, or a
        volume that holds one value only. Constant pictures are returned: a
        stack of slices exported as pictures has black ones.
    """
    path = Path(path)
    suffix = suffix_of(path)
    if not suffix:
        raise GanMriError(
            f"{path}: expected an image file ({', '.join(SUFFIXES)}), received {path.name!r}."
        )
    if not path.is_file():
        what = "a folder" if path.is_dir() else "no such file"
        raise GanMriError(f"{path}: expected an image file, received {what}.")
    if suffix in VOLUME_SUFFIXES:
        from gan_mri.data.files.nifti import read_nifti

        image = ImageFile(str(path), *read_nifti(path))
    else:
        from gan_mri.data.files.pictures import read_npy, read_picture

        image = ImageFile(str(path), (read_npy if suffix == ".npy" else read_picture)(path))
    check_values(image)
    return image


def check_values(image):
    """Refuse values that no training survives: NaN, infinities, a volume of one value."""
    array = image.array
    if array.dtype.kind == "f":
        bad = array.size - int(np.count_nonzero(np.isfinite(array)))
        if bad:
            raise GanMriError(
                f"{image.path}: expected finite intensities, received {bad} NaN or infinite "
                f"voxel{'s' if bad > 1 else ''} of {array.size}. Replace them (for instance by the "
                "background value) and save the file again."
            )
    if image.is_volume and array.min() == array.max():
        raise GanMriError(
            f"{image.path}: expected an image, received a constant volume (every voxel is "
            f"{array.flat[0]})."
        )


def check_size(path, shape, itemsize):
    """Refuse an image whose declared size is empty or beyond `MAX_BYTES`; return it in bytes."""
    if any(length < 1 for length in shape):
        raise GanMriError(
            f"{path}: expected an image, received an empty one (shape {tuple(shape)})."
        )
    size = itemsize
    for length in shape:
        size *= int(length)
    if size > MAX_BYTES:
        raise GanMriError(
            f"{path}: expected at most {MAX_BYTES / 2**30:g} GiB of voxels, received a header "
            "that declares "
            f"shape {tuple(shape)}, {size / 2**30:.1f} GiB."
        )
    return size
