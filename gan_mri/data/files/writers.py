"""Images written as the file they came from was: same grid, same kind, restored range."""

from pathlib import Path

import nibabel as nib
import numpy as np
from PIL import Image

from gan_mri.data.files.names import VOLUME_SUFFIXES, stem_of, suffix_of
from gan_mri.errors import GanMriError
from gan_mri.files import replacing

#: Pixel formats that keep every value; a JPEG comes back as a PNG.
WRITTEN_SUFFIXES = {".jpg": ".png", ".jpeg": ".png"}

# Integers are good enough where rounding is below 1/500 of the range.
_INTEGER_RANGE = 256


def write_like(path, array, image, window):
    """Write intensities on the grid of the image they were made from.

    Parameters
    ----------
    path : str or Path
        With a suffix of the same kind as the image's; an existing file is
        replaced in one step.
    array : ndarray, float32
        In the shape and orientation of `image.array`.
    image : gan_mri.data.files.image_file.ImageFile
        Gives a volume its affine, sform and qform with their codes and units.
    window : (float, float)
        Range of the intensities: decides between integers and floats. Whole
        numbers are written where the image holds whole numbers and the window
        spans at least 256 of them.
    """
    array = _as_stored(array, image, window)
    with replacing(path) as temporary:
        if image.is_volume:
            _write_volume(temporary, array, image)
        elif suffix_of(path) == ".npy":
            np.save(temporary, array, allow_pickle=False)
        else:
            Image.fromarray(array).save(temporary)


def name_of_output(image_path):
    """The name of a translated file: that of its source, in a lossless format."""
    suffix = suffix_of(image_path)
    return stem_of(image_path) + WRITTEN_SUFFIXES.get(suffix, suffix)


def check_suffix(path, image):
    """Refuse an output name whose format cannot hold what the image holds.

    Parameters
    ----------
    path : str or Path
    image : gan_mri.data.files.image_file.ImageFile
    """
    suffix = suffix_of(path)
    if image.is_volume:
        expected = VOLUME_SUFFIXES
    elif image.array.dtype == np.uint8:
        expected = (".png", ".tif", ".tiff", ".npy")
    elif image.array.dtype == np.uint16 and image.channels == 1:
        expected = (".png", ".tif", ".tiff", ".npy")
    else:
        expected = (".tif", ".tiff", ".npy") if image.channels == 1 else (".npy",)
    if suffix not in expected:
        raise GanMriError(
            f"{path}: expected a name that ends in {' or '.join(expected)}, as "
            f"{Path(image.path).name} asks for. Received: {Path(path).name!r}."
        )


def _as_stored(array, image, window):
    dtype = image.array.dtype
    if dtype.kind == "f":
        return array.astype(np.float32)
    if image.is_volume:
        low, high = window
        if high - low < _INTEGER_RANGE:
            return array.astype(np.float32)
        # A signed type, as MR and CT volumes use; the range may be another
        # contrast's, so the type of the source need not hold it.
        dtype = np.dtype(np.int16)
        if low < np.iinfo(dtype).min or high > np.iinfo(dtype).max:
            dtype = np.dtype(np.int32)
    limits = np.iinfo(dtype)
    return np.clip(np.rint(array), limits.min, limits.max).astype(dtype)


def _write_volume(path, array, image):
    header = image.header.copy()
    kind = nib.Nifti2Image if isinstance(header, nib.Nifti2Header) else nib.Nifti1Image
    if image.channels == 3:
        colors = [("R", "u1"), ("G", "u1"), ("B", "u1")]
        whole = np.clip(np.rint(array), 0, 255).astype(np.uint8)
        array = np.ascontiguousarray(whole).view(colors)[..., 0]
    header.set_data_dtype(array.dtype)
    header.set_data_shape(array.shape)
    # What described the intensities of the source does not describe these.
    header.set_slope_inter(1, 0)
    header["cal_min"] = header["cal_max"] = 0
    header["descrip"] = b"translated by gan_mri: synthetic, not for diagnosis"
    nib.save(kind(array, image.affine, header), path)
