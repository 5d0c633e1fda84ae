"""One image file to one array, whatever the format.

| suffix                            | read by  | gives                       |
|-----------------------------------|----------|-----------------------------|
| .nii .nii.gz                      | nibabel  | volume (X, Y, Z[, 3])       |
| .png .tif .tiff .jpg .jpeg        | Pillow   | picture (H, W[, 3])         |
| .npy                              | NumPy    | picture (H, W[, 3])         |

Values keep the dtype of the file. Sizes that a header declares are checked
before anything is allocated; nothing is ever unpickled.
"""

import os
from pathlib import Path

import numpy as np

from gan_mri.data.files.image_file import ImageFile
from gan_mri.data.files.names import SUFFIXES, VOLUME_SUFFIXES, suffix_of
from gan_mri.data.files.nifti import read_nifti
from gan_mri.data.files.pictures import read_npy, read_picture
from gan_mri.errors import GanMriError

# Voxels that are looked at together, so that no mask is as large as an image.
_PART = 2**20


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
    # os.path: a name that is too long does not exist, rather than being an error.
    if not os.path.isfile(path):
        what = "a folder" if os.path.isdir(path) else "no such file"
        raise GanMriError(f"{path}: expected an image file, received {what}.")
    if suffix in VOLUME_SUFFIXES:
        image = ImageFile(str(path), *read_nifti(path))
    else:
        image = ImageFile(str(path), (read_npy if suffix == ".npy" else read_picture)(path))
    check_values(image)
    return image


def check_values(image):
    """Refuse values that no training survives: NaN, infinities, a volume of one value.

    Parameters
    ----------
    image : ImageFile

    Raises
    ------
    GanMriError
    """
    array, bad = image.array, 0
    low, high = np.inf, -np.inf
    for part in _parts(array):
        if array.dtype.kind == "f":
            bad += part.size - int(np.count_nonzero(np.isfinite(part)))
        low, high = min(low, part.min()), max(high, part.max())
    if bad:
        raise GanMriError(
            f"{image.path}: expected finite intensities, received {bad} NaN or infinite "
            f"voxel{'s' if bad > 1 else ''} of {array.size}. Replace them (for instance by the "
            "background value) and save the file again."
        )
    if image.is_volume and low == high:
        raise GanMriError(
            f"{image.path}: expected an image, received a constant volume (every voxel is "
            f"{array.flat[0]})."
        )


def _parts(array):
    """Views of an array, cut along the axis that is slowest in memory."""
    axis = int(np.argmax(np.abs(array.strides)))
    step = max(1, _PART * array.shape[axis] // array.size)
    for start in range(0, array.shape[axis], step):
        yield array[(slice(None),) * axis + (slice(start, start + step),)]
