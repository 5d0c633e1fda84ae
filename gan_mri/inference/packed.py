"""Exported models without a graph, in half precision: small enough to be passed on with the code.

A packed model is the folder of an exported model of which the card, the known translation and the
weights are left, as 16-bit numbers in `weights.npz`. It holds no program: its network is always
built anew from its recipe. `gan_mri.inference.packing` writes them.
"""

import os
import zipfile
from pathlib import Path

import numpy as np

from gan_mri.errors import GanMriError

WEIGHTS = "weights.npz"

#: Bytes: of an array in the archive, what stands before its numbers.
_HEADER = 1024
# What NumPy and zipfile raise on files that are missing, cut short or of another kind.
_UNREADABLE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, NotImplementedError)


def is_packed(folder):
    """Whether a folder is a packed model."""
    # os.path: a name that is too long does not exist, rather than being an error.
    return os.path.isfile(os.path.join(folder, WEIGHTS))


def packed_variables(folder, shapes):
    """The weights of a packed model, as `gan_mri.inference.stored.stored_variables`.

    Parameters
    ----------
    folder : Path
    shapes : list of tuple of int
        That they must have: compared before anything is unpacked.

    Returns
    -------
    list of ndarray
        float32, and whole numbers as they are.

    Raises
    ------
    GanMriError
        If they cannot be read, or have other shapes.
    """
    path = Path(folder) / WEIGHTS
    names = [f"{number}.npy" for number in range(len(shapes))]
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
        most = [8 * int(np.prod(shape)) + _HEADER for shape in shapes]
        if list(sizes) != names or any(sizes[name] > size for name, size in zip(names, most)):
            raise GanMriError(f"{path}: expected the tensors of its network. Received others.")
        with np.load(path, allow_pickle=False) as stored:
            values = [stored[str(number)] for number in range(len(shapes))]
    except _UNREADABLE as error:
        if isinstance(error, GanMriError):  # which is a ValueError
            raise
        raise GanMriError(
            f"{path}: expected the weights of its network; reading them failed: {error}"
        ) from error
    for value, shape in zip(values, shapes):
        floats = np.issubdtype(value.dtype, np.floating)
        if value.shape != shape or not (floats or np.issubdtype(value.dtype, np.integer)):
            raise GanMriError(f"{path}: expected the tensors of its network. Received others.")
    return [
        value.astype(np.float32) if np.issubdtype(value.dtype, np.floating) else value
        for value in values
    ]
