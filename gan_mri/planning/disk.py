"""Bytes of folders."""

import os
from pathlib import Path


def folder_bytes(folder):
    """Bytes of everything in a folder, by its first level.

    Parameters
    ----------
    folder : str or Path

    Returns
    -------
    dict of str to int
        By the name of a file or a folder in it.
    """
    return {entry.name: _bytes(entry) for entry in sorted(Path(folder).iterdir())}


def _bytes(entry):
    if not entry.is_dir():
        return entry.stat().st_size
    return sum(
        os.path.getsize(os.path.join(place, name))
        for place, _, names in os.walk(entry)
        for name in names
    )
