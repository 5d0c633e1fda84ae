"""A run folder belongs to one training at a time."""

import contextlib
import os
import re
import shutil
from pathlib import Path

from gan_mri.errors import GanMriError
from gan_mri.files import check_writable, explained

try:
    import fcntl
except ImportError:  # Windows, where two trainings in one folder are not noticed
    fcntl = None


_LOCK = ".lock"
# A file that `gan_mri.files.replacing` did not come to rename.
_UNFINISHED = re.compile(r"\.[0-9a-f]{16}\b.*")

#: Folders of a run that only a training writes.
_OF_TRAINING = ("checkpoints", "export", "samples", "weights")


def reserve_folder(folder, *, numbered=False):
    """Make a new run folder, so that nobody else can.

    Parameters
    ----------
    folder : Path
        Must not exist.
    numbered : bool
        Where it exists, take the next number at the end of its name ("-1", "-2", ...).

    Returns
    -------
    Path
        The folder that was made.

    Raises
    ------
    GanMriError
        If it exists, or cannot be made. A folder that `is_abandoned` may be used again.
    """
    folder = Path(folder)
    if not os.path.lexists(folder):
        check_writable(folder, folder=True)
    with explained(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        while True:
            try:
                folder.mkdir()
                return folder
            except FileExistsError as error:
                if numbered:
                    stem, _, number = folder.name.rpartition("-")
                    folder = folder.with_name(f"{stem}-{int(number) + 1}")
                elif is_abandoned(folder):
                    return folder
                else:
                    raise exists_already(folder) from error


def exists_already(folder):
    """The error for a folder that exists, with what to do about it, as a `GanMriError`."""
    if folder.is_dir() and not any(folder.iterdir()):
        return GanMriError(
            f"{folder} exists already, and is empty. Delete it (rmdir {folder}) if no training "
            "has just begun in it, or give --out another name."
        )
    return GanMriError(
        f"{folder} exists already. Give --out another name, or --resume to continue the run in it."
    )


def is_abandoned(folder):
    """Whether a training was stopped here after it took the folder and before it wrote anything.

    An empty folder is not: nobody knows whose it is.
    """
    # os.path: a name that is too long does not exist, rather than being an error.
    if not os.path.isdir(folder):
        return False
    names = [path.name for path in folder.iterdir()]
    return _LOCK in names and all(name == _LOCK or _UNFINISHED.match(name) for name in names)


@contextlib.contextmanager
def locked(folder):
    """Hold a run folder while training; the lock goes with the process, however it ends.

    Parameters
    ----------
    folder : Path

    Raises
    ------
    GanMriError
        If another process trains in it.
    """
    with explained(folder):
        handle = os.open(Path(folder) / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if fcntl is None:
            yield
            return
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise GanMriError(
                f"{folder}: another process is training in this folder. Wait for it, stop it, or "
                "give --out another name."
            ) from error
        except OSError:
            pass  # a file system without locks
        else:
            _clear(Path(folder))
        yield
    finally:
        os.close(handle)


def _clear(folder):
    """Remove what a training that was killed was writing: only what trainings write, not others."""
    for place in (folder, *(folder / name for name in _OF_TRAINING)):
        for path in place.iterdir() if place.is_dir() else ():
            if not _UNFINISHED.fullmatch(path.name):
                continue
            if not path.is_dir() or path.is_symlink():
                path.unlink(missing_ok=True)
            elif place != folder:  # there, `translate` may be exporting the best checkpoint
                shutil.rmtree(path)
