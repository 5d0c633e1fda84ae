"""All stacks of a data set, with the manifest: what `load` and `prepare` have in common."""

import logging
from typing import NamedTuple

from tqdm import tqdm

from gan_mri.data.stacks import check_alike, grid_difference, make_stack
from gan_mri.errors import GanMriError

_log = logging.getLogger("gan_mri")

# Below this many files reading is over before a progress bar has told anything.
_FEW_FILES = 20


class Collection(NamedTuple):
    """Stacks in memory or in an HDF5 file.

    Attributes
    ----------
    kind : str
        Layout of the original files, or the word of a built-in data set.
    source : str
        Their absolute path, or that word.
    contrasts : (str, str)
    plane : str or None
        None for pictures.
    slices : (int, int) or None
        The range asked for.
    manifest : dict
        Subject to "train", "validation" or "test".
    stacks : list of Stack
    """

    kind: str
    source: str
    contrasts: tuple
    plane: str | None
    slices: tuple | None
    manifest: dict
    stacks: list

    def part(self, split):
        """The stacks of one split that have a slice."""
        return [
            stack
            for stack in self.stacks
            if self.manifest[stack.key.subject] == split and len(stack.numbers)
        ]


def read_stacks(found, *, plane, slices, paired=False):
    """Read the files of a plan, one after the other.

    Parameters
    ----------
    found : gan_mri.data.sources.layouts.Plan
    plane : str
    slices : (int, int) or None
    paired : bool
        Refuse a pair on different grids as soon as both files are read.

    Yields
    ------
    Stack

    Raises
    ------
    GanMriError
    """
    first = previous = None
    for entry in tqdm(
        found.entries,
        desc="reading",
        unit="file",
        delay=1,
        disable=len(found.entries) <= _FEW_FILES,
    ):
        image = entry.read()
        if slices is not None and not image.is_volume:
            raise GanMriError(
                f"{image.path}: expected a volume because a range of slices was given "
                f"({slices[0]}:{slices[1]}), "
                "received a picture."
            )
        stack = make_stack(image, domain=entry.domain, key=entry.key, plane=plane, slices=slices)
        first = first or stack
        check_alike(stack, first)
        if paired and previous is not None and previous.key == stack.key:
            refuse_different_grids(previous, stack)
        previous = stack
        yield stack


def refuse_different_grids(a, b):
    """Raise unless the two files of a pair lie on one grid."""
    difference = grid_difference(a, b)
    if difference:
        raise GanMriError(
            f"{a.path} and {b.path}: expected the two images of a pair on one grid, received "
            f"{difference}. "
            "Register and resample one onto the other."
        )


def unmatched(items):
    """Keys that only one domain has.

    Parameters
    ----------
    items : list of Stack or of gan_mri.data.sources.layouts.Entry

    Returns
    -------
    dict
        {"A": sorted keys without a partner in B, "B": the reverse}.
    """
    keys = {name: {item.key for item in items if item.domain == name} for name in "AB"}
    return {"A": sorted(keys["A"] - keys["B"]), "B": sorted(keys["B"] - keys["A"])}


def only_matched(items, contrasts, source):
    """The items that have a partner; a warning names the others.

    Parameters
    ----------
    items : list of Stack or of gan_mri.data.sources.layouts.Entry
    contrasts : (str, str)
    source : str
        For messages.

    Raises
    ------
    GanMriError
        Nothing has a partner.
    """
    alone = unmatched(items)
    left = [item for item in items if item.key not in alone[item.domain]]
    if not left:
        raise GanMriError(
            f"{source}: expected pairs (the same subject or file name in {contrasts[0]} and "
            f"{contrasts[1]}), received "
            f"none: {contrasts[0]} has {_some(alone['A'])}; {contrasts[1]} has {_some(alone['B'])}."
        )
    for name, contrast, other in zip("AB", contrasts, contrasts[::-1]):
        if alone[name]:
            _log.warning(
                "%s: %d of %s left out, because %s has no partner for them: %s",
                source,
                len(alone[name]),
                contrast,
                other,
                _some(alone[name], 20),
            )
    return left


def unpairable(stacks, *, refuse=False):
    """Keys whose two files lie on different grids.

    Parameters
    ----------
    stacks : list of Stack
    refuse : bool
        Raise on the first; otherwise a warning names them.
    """
    a, b = ({stack.key: stack for stack in stacks if stack.domain == name} for name in "AB")
    keys = sorted(key for key in a.keys() & b.keys() if grid_difference(a[key], b[key]))
    if keys:
        if refuse:
            refuse_different_grids(a[keys[0]], b[keys[0]])
        _log.warning(
            "%d subjects or files have both contrasts but on different grids, and are used as "
            "unpaired: %s (%s)",
            len(keys),
            _some(keys, 20),
            grid_difference(a[keys[0]], b[keys[0]]),
        )
    return set(keys)


def _some(keys, count=5):
    return ", ".join(map(str, keys[:count])) + (
        f" ... ({len(keys)} in all)" if len(keys) > count else ""
    )
