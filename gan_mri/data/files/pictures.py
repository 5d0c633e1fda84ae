"""PNG, TIFF and JPEG pictures through Pillow, and `.npy` arrays."""

import struct
import tokenize
import warnings
from pathlib import Path

import numpy as np
from PIL import Image

from gan_mri.data.files.limits import check_size
from gan_mri.errors import GanMriError

# What Pillow's decoders raise on damaged files; the bomb warning is raised as an error below.
_UNREADABLE = (
    OSError,
    EOFError,
    SyntaxError,
    ValueError,
    TypeError,
    struct.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)

# What numpy.load raises; its header is Python text, which it parses (without running it).
_NO_ARRAY = (
    OSError,
    EOFError,
    ValueError,
    TypeError,
    OverflowError,
    SyntaxError,
    tokenize.TokenError,
)

_GRAY_MODES = ("L", "I;16", "I;16L", "I;16B", "I;16N", "I", "F")


def read_picture(path):
    """Read one PNG, TIFF or JPEG.

    Parameters
    ----------
    path : Path

    Returns
    -------
    ndarray (H, W) or (H, W, 3)
        uint8, uint16, int32 or float32 as in the file; palettes become RGB and
        black-and-white becomes 0 and 255. An alpha channel is dropped if it is
        opaque everywhere. EXIF orientation is not applied.

    Raises
    ------
    GanMriError
        Unreadable or truncated, more pixels than Pillow's limit, several
        frames, see-through pixels, CMYK, or RGB of 16 bits a channel (which
        Pillow would cut to 8).
    """
    path = Path(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=("PNG", "TIFF", "JPEG")) as image:
                frames = getattr(image, "n_frames", 1)
                bits = _bits_per_channel(path, image)
                image.load()
                mode = image.mode
                if mode in ("P", "PA", "LA", "RGBA", "1") or "transparency" in image.info:
                    image = _plain(image)
                array = np.array(image)
    except _UNREADABLE as error:
        raise GanMriError(
            f"{path}: expected a PNG, TIFF or JPEG picture, could not read it ({error})."
        ) from error
    if frames > 1:
        raise GanMriError(
            f"{path}: expected one picture, received {frames} frames. Save them as separate files."
        )
    if bits > 8 and mode not in _GRAY_MODES:
        raise GanMriError(
            f"{path}: expected grey or 8-bit RGB, received {bits}-bit {mode}, which cannot be "
            "read without "
            "loss. Save it as 16-bit grey, as .npy or as NIfTI."
        )
    if image.mode in ("LA", "RGBA"):
        if array[..., -1].min() < 255:
            raise GanMriError(
                f"{path}: expected an opaque picture, received one with see-through pixels "
                f"({mode})."
            )
        array = array[..., 0] if image.mode == "LA" else array[..., :3]
    elif image.mode not in _GRAY_MODES + ("RGB",):
        raise GanMriError(f"{path}: expected a grey or RGB picture, received Pillow mode {mode}.")
    if array.dtype == np.int32 and image.format == "PNG":
        array = array.astype(np.uint16)  # Older Pillow opens 16-bit PNG as 32-bit "I".
    return np.ascontiguousarray(array.astype(array.dtype.newbyteorder("="), copy=False))


def _plain(image):
    """Palettes, bilevel and transparency entries as L, LA, RGB or RGBA."""
    if "transparency" in image.info or image.mode == "PA":
        return image.convert("RGBA" if image.mode in ("P", "PA", "RGB") else "LA")
    return image.convert({"P": "RGB", "1": "L"}.get(image.mode, image.mode))


def _bits_per_channel(path, image):
    if image.format == "PNG":
        with open(path, "rb") as stream:
            return stream.read(25)[
                24
            ]  # Signature 8, chunk head 8, width 4, height 4, then the bit depth.
    if image.format == "TIFF":
        return max(image.tag_v2.get(258, (1,)))
    return 8


def read_npy(path):
    """Read one picture saved by `numpy.save`.

    Parameters
    ----------
    path : Path
        Real numbers of shape (H, W), (H, W, 1) or (H, W, 3).

    Returns
    -------
    ndarray (H, W) or (H, W, 3)
        In the dtype of the file.

    Raises
    ------
    GanMriError
        Unreadable, truncated, pickled objects, or another shape or dtype.
    """
    path = Path(path)
    try:
        # Mapping compares the declared size with the file's before anything is allocated.
        mapped = np.load(path, mmap_mode="r", allow_pickle=False)
    except _NO_ARRAY as error:
        raise GanMriError(
            f"{path}: expected an array saved by numpy.save, could not read it ({error})."
        ) from error
    if not isinstance(mapped, np.ndarray):
        mapped.close()
        raise GanMriError(
            f"{path}: expected one array saved by numpy.save, received an archive (.npz)."
        )
    shape, dtype = mapped.shape, mapped.dtype
    if len(shape) not in (2, 3) or (len(shape) == 3 and shape[2] not in (1, 3)):
        raise GanMriError(
            f"{path}: expected shape (H, W), (H, W, 1) or (H, W, 3), received {shape}."
        )
    if dtype.kind not in "uif" or dtype.itemsize > 8:
        raise GanMriError(
            f"{path}: expected integers or floating-point numbers, received dtype {dtype}."
        )
    check_size(path, shape, dtype.itemsize)
    array = np.array(mapped, dtype=dtype.newbyteorder("="), order="C")
    return array[..., 0] if shape[2:] == (1,) else array
