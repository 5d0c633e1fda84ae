"""SHA-256 checksums of a folder's files, in the format of `sha256sum`."""

import re
from hashlib import sha256
from pathlib import Path

from gan_mri.errors import GanMriError

SUMS = "SHA256SUMS"

_LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")
_LARGEST = 2**20  # bytes of the list


def write_checksums(folder):
    """Write the checksums of all files of a folder into it.

    Parameters
    ----------
    folder : Path
    """
    lines = [f"{_sum_of(folder / name)}  {name}\n" for name in _files(folder)]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")


def check_checksums(folder):
    """Refuse a folder whose files are not those of its list.

    `sha256sum -c SHA256SUMS` in the folder does the same, but for files that the list does not
    have.

    Parameters
    ----------
    folder : Path

    Raises
    ------
    GanMriError
        Naming a file that is missing, strange or changed.
    """
    path = folder / SUMS
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError(f"{path.stat().st_size} bytes, more than {_LARGEST}")
        lines = path.read_text(encoding="utf-8").splitlines()
        found = [_LINE.fullmatch(line) for line in lines]
        if not all(found):
            raise ValueError(f"the line {lines[found.index(None)][:80]!r}")
        expected = {match[2]: match[1] for match in found}
    except (OSError, ValueError) as error:
        raise GanMriError(f"{path}: expected a list of checksums. Received: {error}.") from error
    there = _files(folder)
    for name in sorted({*expected, *there}):
        if name not in expected or name not in there:
            what = "no such file" if name in expected else "a file that the list does not have"
            raise GanMriError(f"{folder / name}: expected the files of {SUMS}. Received {what}.")
        if _sum_of(folder / name) != expected[name]:
            raise GanMriError(
                f"{folder / name}: expected the file that was published, by its checksum in "
                f"{SUMS}. Received a changed or damaged one."
            )


def _files(folder):
    """Paths below the folder, with strokes as on Linux; the list itself is none of them."""
    inside = [path.relative_to(folder) for path in Path(folder).rglob("*") if path.is_file()]
    return sorted(path.as_posix() for path in inside if path.as_posix() != SUMS)


def _sum_of(path):
    with open(path, "rb") as file:
        digest = sha256()
        while block := file.read(2**20):
            digest.update(block)
    return digest.hexdigest()
