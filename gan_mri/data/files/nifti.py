"""NIfTI-1 and NIfTI-2 volumes through nibabel."""

import zlib
from pathlib import Path

import nibabel as nib
import numpy as np
from nibabel.filebasedimages import ImageFileError
from nibabel.spatialimages import HeaderDataError

from gan_mri.data.files.limits import check_size
from gan_mri.errors import GanMriError

# What nibabel, gzip and NumPy raise on a file that is damaged or is no NIfTI.
_UNREADABLE = (
    ImageFileError,
    HeaderDataError,
    OSError,
    EOFError,
    KeyError,
    ValueError,
    OverflowError,
    zlib.error,
)

# Deflate cannot compress better than 1032 : 1 (https://zlib.net/zlib_tech.html),
# so a header that declares more than this was cut off or is lying.
_GZIP_LIMIT = 1032


def read_nifti(path):
    """Read one volume.

    Parameters
    ----------
    path : Path
        A `.nii` or `.nii.gz` file with a 3D image (trailing axes of length 1 are dropped).

    Returns
    -------
    array : ndarray (X, Y, Z) or (X, Y, Z, 3)
        Stored orientation. Native dtype when the header has no scaling
        (memory-mapped if the file is not compressed), else float32 after
        `scl_slope` and `scl_inter`.
    affine : ndarray (4, 4)
    header : nibabel header

    Raises
    ------
    GanMriError
    """
    path = Path(path)
    try:
        image = nib.load(path)
        shape, dtype = image.shape, image.get_data_dtype()
    except _UNREADABLE as error:
        raise GanMriError(
            f"{path}: expected a NIfTI volume, could not read it ({_one_line(error)})."
        ) from error
    if not isinstance(image, nib.Nifti1Image):
        raise GanMriError(f"{path}: expected a NIfTI volume, received {type(image).__name__}.")
    _check_header(path, shape, dtype, image)
    try:
        array = _voxels(image)
    except _UNREADABLE as error:
        raise GanMriError(
            f"{path}: expected {shape} voxels of {dtype}, could not read them "
            f"({_one_line(error)}). The file is "
            "truncated or damaged; fetch or convert it again."
        ) from error
    return array.reshape(shape[:3] + array.shape[len(shape) :]), image.affine, image.header


def _one_line(error):
    return " ".join(str(error).split())  # nibabel's go over several


def _check_header(path, shape, dtype, image):
    if len(shape) > 3 and set(shape[3:]) != {1}:
        raise GanMriError(
            f"{path}: expected a 3D volume, received a {len(shape)}D series of shape {shape}. "
            "Pick one "
            "volume, for instance "
            f"nibabel.load(path).slicer[{', '.join([':'] * 3 + ['0'] * (len(shape) - 3))}], "
            "and save it as a file of its own."
        )
    if len(shape) < 3:
        raise GanMriError(f"{path}: expected a 3D volume, received shape {shape}.")
    if dtype.names not in (None, ("R", "G", "B")) or (
        dtype.names is None and dtype.kind not in "uif"
    ):
        raise GanMriError(
            f"{path}: expected integer, floating-point or RGB voxels, received NIfTI data type "
            f"{dtype}."
        )
    affine = image.affine
    if not np.isfinite(affine).all() or abs(np.linalg.det(affine[:3, :3])) < 1e-12:
        raise GanMriError(
            f"{path}: expected an affine that maps voxels to millimetres, received one that is not "
            f"invertible: {affine[:3].tolist()}. Repair the sform / qform of the header."
        )
    size = check_size(path, shape, dtype.itemsize)
    in_file = path.stat().st_size
    if size > in_file * (_GZIP_LIMIT if path.name.lower().endswith(".gz") else 1):
        raise GanMriError(
            f"{path}: expected {size} bytes of voxels ({shape}, {dtype}), received a file of "
            f"{in_file} bytes. "
            "The file is truncated; fetch it again."
        )


def _voxels(image):
    proxy = image.dataobj
    if (proxy.slope, proxy.inter) != (1, 0):
        return image.get_fdata(dtype=np.float32, caching="unchanged")
    raw = proxy.get_unscaled()
    if raw.dtype.names:
        return np.stack([raw[name] for name in raw.dtype.names], axis=-1)
    if raw.dtype.kind == "f" and raw.dtype.itemsize > 8:
        return raw.astype(np.float64)
    # h5py, TensorFlow and np.percentile all want the byte order of the machine.
    return raw.astype(raw.dtype.newbyteorder("="), copy=False)
