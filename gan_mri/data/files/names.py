"""Names of image files: which suffixes there are, and what is left without one."""

import os
from pathlib import Path

from gan_mri.errors import GanMriError

VOLUME_SUFFIXES = (".nii.gz", ".nii")
PICTURE_SUFFIXES = (".png", ".tif", ".tiff", ".jpg", ".jpeg", ".npy")
SUFFIXES = VOLUME_SUFFIXES + PICTURE_SUFFIXES


def suffix_of(path):
    """The image suffix of `path` in lower case (".nii.gz" as one), "" if it is none of ours."""
    name = Path(path).name.lower()
    return next((suffix for suffix in SUFFIXES if name.endswith(suffix)), "")


def stem_of(path):
    """The file name without its image suffix: "sub-01_T1w" for "sub-01_T1w.nii.gz"."""
    name = Path(path).name
    return name[: len(name) - len(suffix_of(path))]


def printable(name):
    r"""A name for messages: bytes that are not UTF-8 become escapes, "caf\xe9.png"."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def is_utf8(name):
    """Whether a name, as Python gives it, is text: without surrogates for unknown bytes."""
    return not any("\ud800" <= character <= "\udfff" for character in str(name))


def check_utf8_path(path, why):
    """Refuse a path that is not UTF-8, whole, where some library needs it to be.

    Parameters
    ----------
    path : str or Path
    why : str
        For the message: "which TensorFlow needs".

    Raises
    ------
    GanMriError
    """
    if not is_utf8(path):
        raise GanMriError(
            f"'{printable(path)}': expected a path in UTF-8, {why}. Rename it, or take another one."
        )


def check_utf8(name, folder):
    """Refuse a name that is not UTF-8: no table, page or HDF5 file could hold it.

    Parameters
    ----------
    name : str or Path
        As Python gives it, with surrogates for what it could not decode.
    folder : str or Path
        Where it is, for the message.

    Raises
    ------
    GanMriError
    """
    if not is_utf8(name):
        raise GanMriError(
            f"{printable(folder)}: expected names of files in UTF-8, received "
            f"'{printable(name)}'. Rename it."
        )
