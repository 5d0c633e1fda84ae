"""Files that are written whole or not at all, and JSON that is read with care."""

import contextlib
import errno
import json
import math
import os
import re
import secrets
import shutil
import tempfile
from pathlib import Path

from gan_mri.errors import GanMriError
from gan_mri.free_names import put_new, reserve
from gan_mri.schemas.nesting import check_nesting

_LARGEST_JSON = 64 * 2**20  # bytes

_REASONS = {
    errno.ENOSPC: "no space left on the disk",
    errno.EDQUOT: "no space left in the quota",
    errno.EROFS: "a read-only file system",
    errno.EACCES: "no permission to write there",
    errno.EPERM: "no permission to write there",
    errno.ENAMETOOLONG: "a name that is too long",
    errno.EISDIR: "a folder of that name",
}


@contextlib.contextmanager
def replacing(path, *, new=False):
    """Give a temporary path to write to, and rename it to `path` at the end.

    A reader sees the old file or the new one, never half of one, even if the
    machine loses power: file and folder are on the disk before and after the
    rename. When the block raises, the temporary file is removed and the old
    file stays. The folder is made if it is missing. Several threads and
    processes may write the same path; the last one counts.

    Parameters
    ----------
    path : str or path-like
        The file to write.
    new : bool
        Replace nothing: a file that is there when all is written, because another program
        made it in the meantime, stays, and is an error.

    Yields
    ------
    pathlib.Path
        In the same folder, hence on the same file system, as a rename needs,
        and with the same suffixes, which some writers look at.

    Raises
    ------
    GanMriError
        In place of every `OSError`, of the block too: why `path` cannot be
        written.
    """
    path = Path(path)
    # No longer than most names: with a prefix, a long name would become too long.
    temporary = path.with_name(f".{secrets.token_hex(8)}{''.join(path.suffixes[-2:])[-32:]}")
    with explained(path):
        _make_folder(path.parent)
        try:
            yield temporary
            _to_disk(temporary)
            if new:
                put_new(temporary, path)
            else:
                os.replace(temporary, path)
            _to_disk(path.parent)
        finally:
            temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def replacing_folder(path, also=(), *, new=False):
    """As `replacing`, for a folder: what the block puts into it appears at once or not at all.

    Parameters
    ----------
    path : str or path-like
        The folder to write. One that exists is removed when the new one is complete.
    also : tuple of exception types
        As in `explained`.
    new : bool
        As in `replacing`: one that exists then is left alone, and is an error.

    Yields
    ------
    pathlib.Path
        An empty folder beside it.

    Raises
    ------
    GanMriError
        In place of every `OSError`, of the block too: why `path` cannot be written.
    """
    path = Path(path)
    temporary, old = (path.with_name(f".{secrets.token_hex(8)}") for _ in range(2))
    with explained(path, also):
        _make_folder(path.parent)
        try:
            temporary.mkdir()
            yield temporary
            for file in temporary.rglob("*"):
                _to_disk(file)
            _to_disk(temporary)
            if new:
                reserve(path)  # on which the new one can be put
            elif os.path.isdir(path):
                os.replace(path, old)
            os.replace(temporary, path)
            _to_disk(path.parent)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
            shutil.rmtree(old, ignore_errors=True)


@contextlib.contextmanager
def explained(path, also=()):
    """Turn every `OSError` of a block that writes `path` into a `GanMriError`.

    Parameters
    ----------
    path : str or path-like
        For the message.
    also : tuple of exception types
        That the block's library raises in its place, such as `tf.errors.OpError`.
    """
    path = Path(path)
    try:
        yield
    except (OSError, *also) as error:
        # NumPy and HDF5 raise some without a number, TensorFlow errors of its own.
        known = isinstance(error, OSError) and (_REASONS.get(error.errno) or error.strerror)
        reason = known or " ".join(str(error).split())
        # numpy.save, TensorFlow
        if re.search("requested and .* written|No space left on device", reason):
            reason = _REASONS[errno.ENOSPC]
        # Not of a temporary file beside `path`, which says nothing to anybody.
        if (
            isinstance(error, OSError)
            and isinstance(error.filename, (str, bytes))
            and Path(os.fsdecode(error.filename)).parent != path.parent
        ):
            reason += f" ({os.fsdecode(error.filename)})"
        raise GanMriError(f"{path}: expected a place to write to, received {reason}.") from error


def check_writable(path, needed=0, *, folder=False):
    """Refuse a path that could not be written, before the work that makes its content.

    Nothing is left behind, and no folder is made.

    Parameters
    ----------
    path : str or path-like
        A file that need not exist, in a folder that need not exist.
    needed : int
        Bytes that will be written.
    folder : bool
        Whether `path` will be a folder with files in it; it may exist already.

    Raises
    ------
    GanMriError
        One paragraph: a read-only place, a parent that is a file, a name that
        is too long, too little space.
    """
    path = Path(os.path.abspath(path))
    with explained(path):
        if not folder and os.path.isdir(path):
            raise IsADirectoryError(errno.EISDIR, "a folder")
        above = [path, *path.parents] if folder else path.parents
        # os.path: a name that is too long does not exist, rather than being an error.
        nearest = next(one for one in above if os.path.lexists(one))
        _check_folder(nearest)
        _check_names(path, nearest)
        _try(nearest)
        free = shutil.disk_usage(nearest).free
    if needed > free:
        raise GanMriError(
            f"{path}: expected {needed / 2**20:,.1f} MiB of free space on the disk, received "
            f"{free / 2**20:,.1f} MiB."
        )


def _make_folder(folder):
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        _check_folder(next(one for one in [folder, *folder.parents] if os.path.lexists(one)))
        raise


def _check_folder(folder):
    if not os.path.isdir(folder):
        raise NotADirectoryError(errno.ENOTDIR, "a file where a folder is needed", str(folder))


def _try(folder):
    """Write a byte to a file without a name in a folder: permissions alone do not tell."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"\0")
    except OSError as error:
        error.filename = str(folder)
        raise


def _check_names(path, existing):
    """Raise if `path`, or a part that is not there yet, is longer than its disk allows."""
    try:
        longest = os.pathconf(existing, "PC_NAME_MAX")
        longest_path = os.pathconf(existing, "PC_PATH_MAX")
    except (AttributeError, OSError, ValueError):  # not on Windows, nor on every file system
        return
    names = map(os.fsencode, path.relative_to(existing).parts)
    if any(len(name) > longest for name in names) or len(os.fsencode(path)) >= longest_path:
        raise OSError(errno.ENAMETOOLONG, "a name that is too long")


def _to_disk(path):
    """Wait until a file, or the names in a folder, would survive a loss of power."""
    folder = os.path.isdir(path)
    if folder and os.name == "nt":  # Windows opens no folders
        return
    descriptor = os.open(path, os.O_RDONLY if folder else os.O_RDWR)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems cannot do this for folders.
        if not folder or error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def write_json(path, content):
    """Write a dict as indented JSON, atomically.

    Parameters
    ----------
    path : str or path-like
    content : dict
        Infinity and NaN, which JSON has no numbers for, are written as the
        texts "inf" and "nan".

    Raises
    ------
    GanMriError
        If `path` cannot be written.
    """
    text = json.dumps(_strict(content), indent=1, allow_nan=False)
    with replacing(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")


def _strict(value):
    if isinstance(value, dict):
        return {name: _strict(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_strict(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def read_json(path):
    """The dict in a JSON file that gan_mri wrote.

    Raises
    ------
    GanMriError
        Naming the file, if it is missing, larger than 64 MiB or holds anything
        but a JSON object, or lists and objects nested deeper than `check_nesting` allows.
    """
    path = Path(path)
    try:
        size = path.stat().st_size
        if size > _LARGEST_JSON:
            raise ValueError(f"{size} bytes, more than {_LARGEST_JSON}")
        content = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise ValueError(f"a JSON {type(content).__name__}")
        check_nesting(content)
    except (OSError, ValueError, RecursionError) as error:
        raise GanMriError(
            f"{path}: expected a JSON object that gan_mri wrote. Received: {error}."
        ) from error
    return content
