"""NIfTI-1 and NIfTI-2 volumes: headers through nibabel, voxels streamed into one array."""

import functools
import logging
import zlib
from pathlib import Path

import nibabel as nib
import numpy as np
from nibabel.filebasedimages import ImageFileError
from nibabel.spatialimages import HeaderDataError

from gan_mri.data.files.gzip_stream import GzipStream
from gan_mri.data.files.image_file import orientation_stated
from gan_mri.data.files.limits import MAX_BYTES, check_memory, check_size
from gan_mri.errors import GanMriError

_log = logging.getLogger("gan_mri")

# What nibabel, zlib and NumPy raise on a file that is damaged or is no NIfTI.
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

# Bytes before the first voxel: the header and its extensions (DICOM or XML texts).
_HEADER_LIMIT = 64 * 2**20

# Voxels that are converted at a time.
_CHUNK = 2**18


def read_nifti(path):
    """Read one volume.

    Every byte of a compressed file is read, in one pass, and its checksum
    compared; memory holds the returned array and little else. Where the
    header does not say how the volume lies (sform and qform codes 0), a
    warning says what is assumed.

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
        Damaged, truncated, no NIfTI, no 3D volume of real numbers or RGB, an
        affine without inverse, or larger than memory.
    """
    path = Path(path)
    compressed = path.name.lower().endswith(".gz")
    with _open(path, compressed) as stream:
        try:
            image = _image(stream)
            shape, dtype = image.shape, image.get_data_dtype()
        except _UNREADABLE as error:
            raise GanMriError(
                f"{path}: expected a NIfTI volume, could not read it ({_one_line(error)})."
            ) from error
        _check_header(path, shape, dtype, image, compressed)
        try:
            array = _voxels(path, stream, image, compressed)
            if compressed:
                stream.finish(limit=MAX_BYTES)
        except _UNREADABLE as error:
            # A GanMriError is a ValueError, and says what it has to say.
            if isinstance(error, GanMriError):
                raise
            raise GanMriError(
                f"{path}: expected {shape} voxels of {dtype}, could not read them "
                f"({_one_line(error)}). The file is truncated or damaged; fetch or convert it "
                "again."
            ) from error
    if not orientation_stated(image.header):
        _tell_guess(str(path), "".join(nib.aff2axcodes(image.affine)))
    return array, image.affine, image.header


def declared(path):
    """What the header alone says of the array that `read_nifti` would return.

    Parameters
    ----------
    path : Path

    Returns
    -------
    (tuple of int, numpy.dtype, ndarray)
        Shape (X, Y, Z) or (X, Y, Z, 3), type in memory, affine.

    Raises
    ------
    GanMriError
        No NIfTI volume.
    """
    path = Path(path)
    compressed = path.name.lower().endswith(".gz")
    with _open(path, compressed) as stream:
        try:
            image = _image(stream)
        except _UNREADABLE as error:
            raise GanMriError(
                f"{path}: expected a NIfTI volume, could not read it ({_one_line(error)})."
            ) from error
    stored = image.get_data_dtype()
    _check_header(path, image.shape, stored, image, compressed)
    colors = (3,) if stored.names else ()
    return (*image.shape[:3], *colors), _type_in_memory(image), image.affine


def _open(path, compressed):
    try:
        return GzipStream(path) if compressed else open(path, "rb")
    except OSError as error:
        raise GanMriError(f"{path}: expected a NIfTI volume, could not open it ({error}).") from (
            error
        )


def _one_line(error):
    return " ".join(str(error).split())  # nibabel's go over several


@functools.cache
def _tell_guess(path, axes):
    """Once a file, though an evaluation reads it several times."""
    words = {"R": "right", "L": "left", "A": "front", "P": "back", "S": "top", "I": "bottom"}
    _log.warning(
        "%s: its header does not say how the volume lies in space (sform and qform codes are 0). "
        "Assumed, as nibabel does: the axes lead to the %s. If that is wrong, "
        "slices are cut in the wrong plane or mirrored; set the sform and its code.",
        path,
        ", the ".join(words[axis] for axis in axes),
    )


def _image(stream):
    """The image of a stream, which is left at the first voxel; its data are not read."""
    start = stream.read(nib.Nifti1Header.sizeof_hdr)
    kind = nib.Nifti1Image
    if not kind.header_class.may_contain_header(start):
        start += stream.read(nib.Nifti2Header.sizeof_hdr - len(start))
        kind = nib.Nifti2Image
        if not kind.header_class.may_contain_header(start):
            raise ImageFileError("it has no NIfTI header")
    offset = kind.header_class(start, check=False).get_data_offset()
    # Where the voxels begin is read before nibabel reads the extensions that lie between.
    if not kind.header_class.single_vox_offset <= offset <= _HEADER_LIMIT:
        raise HeaderDataError(f"its voxels should begin at byte {offset} (vox_offset)")
    return kind.from_bytes(start + stream.read(offset - len(start)))


def _check_header(path, shape, dtype, image, compressed):
    if len(shape) > 3 and set(shape[3:]) != {1}:
        raise GanMriError(
            f"{path}: expected a 3D volume, received a {len(shape)}D series of shape {shape}. "
            "Pick one volume, for instance "
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
    if size > in_file * (_GZIP_LIMIT if compressed else 1):
        raise GanMriError(
            f"{path}: expected {size} bytes of voxels ({shape}, {dtype}), received a file of "
            f"{in_file} bytes. The file is truncated; fetch it again."
        )


def _voxels(path, stream, image, compressed):
    """The array of an image whose stream is at its first voxel."""
    shape, stored = image.shape[:3], image.get_data_dtype()
    slope, inter = image.dataobj.slope, image.dataobj.inter
    if stored.names:
        # Three bytes a voxel; the standard gives colours no slope.
        shape, stored, slope, inter = (3, *shape), np.dtype(np.uint8), 1, 0
    dtype = _type_in_memory(image)
    if stored == dtype and not compressed:
        array = np.memmap(path, dtype, "c", stream.tell(), shape, order="F")
    else:
        count = int(np.prod(shape, dtype=np.int64))
        check_memory(path, count * dtype.itemsize)
        array = _converted(stream, count, stored, dtype, slope, inter).reshape(shape, order="F")
    return np.moveaxis(array, 0, -1) if array.ndim == 4 else array


def _type_in_memory(image):
    """Of the array that an image becomes."""
    stored = image.get_data_dtype()
    if stored.names:
        return np.dtype(np.uint8)
    if (image.dataobj.slope, image.dataobj.inter) != (1, 0):
        return np.dtype(np.float32)
    if stored.kind == "f" and stored.itemsize > 8:
        return np.dtype(np.float64)
    return stored.newbyteorder("=")  # h5py, TensorFlow and np.percentile all want the machine's


def _converted(stream, count, stored, dtype, slope, inter):
    """`count` numbers of a stream as `slope * number + inter`, chunk by chunk."""
    array = np.empty(count, dtype)
    if stored == dtype:
        _fill(stream, array)
        return array
    scaled = (slope, inter) != (1, 0)
    chunk = np.empty(min(count, _CHUNK), stored)
    for start in range(0, count, _CHUNK):
        part = chunk[: min(_CHUNK, count - start)]
        _fill(stream, part)
        # What a damaged slope makes infinite is refused with all other infinities.
        with np.errstate(over="ignore", invalid="ignore"):
            array[start : start + len(part)] = (
                part.astype(np.float64) * slope + inter if scaled else part
            )
    return array


def _fill(stream, array):
    buffer = memoryview(array.view(np.uint8))
    received = stream.readinto(buffer)
    if received < len(buffer):
        raise EOFError("the voxels end too early")
