"""PNG, TIFF and JPEG pictures through Pillow, and `.npy` arrays."""

import struct
import tokenize
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from gan_mri.data.files.limits import check_memory, check_size
from gan_mri.data.files.tiff import TiffSamples
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

# Of more than 8 bits, which Pillow would cut when it applies a transparent value.
_DEEP_GRAY_MODES = ("I;16", "I;16L", "I;16B", "I;16N", "I", "F")
_GRAY_MODES = ("L", *_DEEP_GRAY_MODES)


def read_picture(path):
    """Read one PNG, TIFF or JPEG.

    Parameters
    ----------
    path : Path

    Returns
    -------
    ndarray (H, W) or (H, W, 3)
        uint8, uint16 or float32 as in the file, of TIFF also int8, int16, int32
        and uint32; more is brighter, whatever a TIFF says of its white.
        Palettes become RGB and black-and-white becomes 0 and 255. An alpha
        channel is dropped if it is opaque everywhere. EXIF orientation is not
        applied.

    Raises
    ------
    GanMriError
        Unreadable or truncated, more pixels than Pillow's limit, several
        frames, see-through pixels, CMYK, RGB of 16 bits a channel (which
        Pillow would cut to 8), or a kind of TIFF that it reads wrongly (`tiff`).
    """
    path = Path(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=("PNG", "TIFF", "JPEG")) as image:
                frames = getattr(image, "n_frames", 1)
                samples = TiffSamples.of(image) if image.format == "TIFF" else None
                bits = samples.bits if samples else _bits_per_channel(path, image)
                image.load()
                mode, transparent = image.mode, image.info.get("transparency")
                if mode not in _DEEP_GRAY_MODES and (
                    mode in ("P", "PA", "LA", "RGBA", "1") or transparent is not None
                ):
                    image = _plain(image)
                array = np.array(image)
    except UnidentifiedImageError as error:
        raise GanMriError(
            f"{path}: expected a PNG, TIFF or JPEG picture, could not read it. It is damaged, or "
            "of a kind that Pillow does not read: of TIFF it knows grey of 8, 16 and 32 bits and "
            "RGB of 8. Save it as one of these, or as .npy."
        ) from error
    except _UNREADABLE as error:
        raise GanMriError(
            f"{path}: expected a PNG, TIFF or JPEG picture, could not read it ({error})."
        ) from error
    if samples:
        samples.check(path)
    if frames > 1:
        raise GanMriError(
            f"{path}: expected one picture, received {frames} frames. Save them as separate files."
        )
    if bits > 8 and mode not in _GRAY_MODES:
        raise GanMriError(
            f"{path}: expected grey or 8-bit RGB, received {bits}-bit {mode}, which cannot be "
            "read without loss. Save it as 16-bit grey, as .npy or as NIfTI."
        )
    if mode in _DEEP_GRAY_MODES:
        see_through = transparent is not None and (array == transparent).any()
    else:
        see_through = image.mode in ("LA", "RGBA") and array[..., -1].min() < 255
    if see_through:
        raise GanMriError(
            f"{path}: expected an opaque picture, received one with see-through pixels ({mode})."
        )
    if image.mode in ("LA", "RGBA"):
        array = array[..., 0] if image.mode == "LA" else array[..., :3]
    elif image.mode not in _GRAY_MODES + ("RGB",):
        raise GanMriError(f"{path}: expected a grey or RGB picture, received Pillow mode {mode}.")
    if array.dtype == np.int32 and image.format == "PNG":
        array = array.astype(np.uint16)  # Older Pillow opens 16-bit PNG as 32-bit "I".
    array = np.ascontiguousarray(array.astype(array.dtype.newbyteorder("="), copy=False))
    return samples.restore(path, array) if samples and mode in _GRAY_MODES else array


def _plain(image):
    """Palettes, bilevel and transparency entries as L, LA, RGB or RGBA."""
    if "transparency" in image.info or image.mode == "PA":
        return image.convert("RGBA" if image.mode in ("P", "PA", "RGB") else "LA")
    return image.convert({"P": "RGB", "1": "L"}.get(image.mode, image.mode))


def _bits_per_channel(path, image):
    if image.format == "PNG":
        with open(path, "rb") as stream:
            # Signature 8, chunk head 8, width 4, height 4, then the bit depth.
            return stream.read(25)[24]
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
        Unreadable, truncated, pickled objects, another shape or dtype, or
        larger than memory.
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
    check_memory(path, check_size(path, shape, dtype.itemsize))
    array = np.array(mapped, dtype=dtype.newbyteorder("="), order="C")
    return array[..., 0] if shape[2:] == (1,) else array
