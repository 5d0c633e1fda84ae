"""Files that are written whole or not at all, and JSON that is read with care."""

import contextlib
import json
import math
import os
from pathlib import Path

from gan_mri.errors import GanMriError

_LARGEST_JSON = 64 * 2**20  # bytes


@contextlib.contextmanager
def replacing(path):
    """Give a temporary path to write to, and rename it to `path` at the end.

    A reader sees the old file or the new one, never half of one; when the
    block raises, the temporary file is removed and the old file stays. The
    folder is made if it is missing.

    Parameters
    ----------
    path : str or path-like
        The file to write.

    Yields
    ------
    pathlib.Path
        In the same folder, hence on the same file system, as a rename needs,
        and with the same suffixes, which some writers look at.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_json(path, content):
    """Write a dict as indented JSON, atomically.

    Parameters
    ----------
    path : str or path-like
    content : dict
        Infinity and NaN, which JSON has no numbers for, are written as the
        texts "inf" and "nan".
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
        but a JSON object.
    """
    path = Path(path)
    try:
        size = path.stat().st_size
        if size > _LARGEST_JSON:
            raise ValueError(f"{size} bytes, more than {_LARGEST_JSON}")
        content = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise ValueError(f"a JSON {type(content).__name__}")
    except (OSError, ValueError) as error:
        raise GanMriError(
            f"{path}: expected a JSON object that gan_mri wrote. Received: {error}."
        ) from error
    return content
