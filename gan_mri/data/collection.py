"""All stacks of a data set, with the manifest: what `load` and `prepare` have in common."""

import logging
from typing import NamedTuple

from tqdm import tqdm

from gan_mri.data.images.grid import canonical_grid
from gan_mri.data.images.neighbours import check_neighbours, refuse_picture
from gan_mri.data.images.resampling import coverage
from gan_mri.data.stacks import check_alike, grid_difference, make_stacks
from gan_mri.errors import GanMriError

_log = logging.getLogger("gan_mri")

#: Shares of the first contrast's grid: below the one nothing fits, below the other people are told.
_LEAST_COVERAGE, _GOOD_COVERAGE = 0.1, 0.75

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
    domains : tuple of str
    contrasts : tuple of str
        What the domains hold.
    sampling : gan_mri.data.images.sampling.Sampling or None
        None for pictures.
    slices : (int, int) or None
        The range asked for.
    align : str
        See `gan_mri.data.options.DataOptions`.
    manifest : dict
        Subject to "train", "validation" or "test".
    stacks : list of Stack
    neighbours : int
        Slices kept on either side of every sample.
    """

    kind: str
    source: str
    domains: tuple
    contrasts: tuple
    sampling: object
    slices: tuple | None
    align: str
    manifest: dict
    stacks: list
    neighbours: int = 0

    def part(self, split):
        """The stacks of one split that have a sample."""
        return [
            stack
            for stack in self.stacks
            if self.manifest[stack.key.subject] == split and len(stack.numbers)
        ]


def read_stacks(found, options, *, paired=(), neighbours=0):
    """Read the files of a plan, one after the other; each is forgotten before the next is read.

    Parameters
    ----------
    found : gan_mri.data.sources.layouts.Plan
    options : gan_mri.data.options.DataOptions
    paired : sequence of str
        Refuse two of these domains on different grids as soon as both files are read.
    neighbours : int
        Slices to keep on either side of every sample.

    Yields
    ------
    Stack

    Raises
    ------
    GanMriError
    """
    sampling, slices = options.sampling, options.slices
    check_neighbours(neighbours, sampling.rank, found.source)
    first, key = None, None
    for entry in tqdm(
        found.entries,
        desc="reading",
        unit="file",
        delay=1,
        disable=len(found.entries) <= _FEW_FILES,
    ):
        if entry.key != key:
            # The images of one subject and session follow each other.
            key, leader, others = entry.key, None, []
        image = entry.read()
        if not image.is_volume:
            refuse_pictures(image.path, options)
            refuse_picture(image.path, neighbours)
        onto = leader.grid if leader is not None and options.align == "headers" else None
        if onto is not None and image.is_volume:
            _check_coverage(image, onto, leader.path)
        stacks = make_stacks(
            image,
            domain=entry.domain,
            key=key,
            sampling=sampling,
            slices=slices,
            onto=onto,
            neighbours=neighbours,
        )
        del image
        this = stacks[0].without_samples()
        first = first or this
        check_alike(this, first)
        leader = leader or this
        if entry.domain in paired:
            for other in others:
                refuse_different_grids(other, this)
            others.append(this)
        while stacks:
            yield stacks.pop(0)


def _check_coverage(image, onto, path):
    """Say so where little of an image lies on the grid that it is brought to."""
    covered = coverage(canonical_grid(image.array.shape, image.affine), onto)
    if covered < _LEAST_COVERAGE:
        raise GanMriError(
            f"{image.path}: expected an image of the same place as {path}, whose grid it is to be "
            f"brought to. By their headers it covers {covered:.0%} of it. Repair the headers, or "
            "register the images."
        )
    if covered < _GOOD_COVERAGE:
        _log.warning(
            "%s covers %.0f %% of the grid of %s; the rest is filled with its background.",
            image.path,
            100 * covered,
            path,
        )


def refuse_pictures(path, options):
    """Raise if pictures are asked for planes, slices or millimetres, which they do not have."""
    slices = options.slices
    asked = {
        "a plane was given": options.plane not in (None, "axial") and options.plane,
        "a range of slices was given": slices and f"{slices[0]}:{slices[1]}",
        "a voxel size was given": options.spacing,
        "volumes were asked for": options.sampling.rank == 3 and options.image_size,
        "contrasts are to be aligned": options.align != "none" and options.align,
    }
    for reason, value in asked.items():
        if value:
            raise GanMriError(
                f"{path}: expected a volume because {reason} ({value}), received a picture."
            )


def refuse_different_grids(a, b):
    """Raise unless two files of one subject lie on one grid."""
    difference = grid_difference(a, b)
    if difference:
        advice = (
            "Register and resample one onto the other"
            if a.grid is None
            else "Where their headers place them rightly, --align headers (align='headers') brings "
            "them to the grid of the first contrast; else register one onto the other"
        )
        raise GanMriError(
            f"{a.path} and {b.path}: expected the images of a pair on one grid, received "
            f"{difference}. {advice}."
        )


def unmatched(items, domains):
    """Keys that one domain has and another has not.

    Parameters
    ----------
    items : list of Stack or of gan_mri.data.sources.layouts.Entry
    domains : sequence of str

    Returns
    -------
    dict of str to list
        For every domain its sorted keys that some other domain lacks.
    """
    keys = {name: {item.key for item in items if item.domain == name} for name in domains}
    common = set.intersection(*keys.values()) if keys else set()
    return {name: sorted(found - common) for name, found in keys.items()}


def only_matched(items, paired, contrasts, source):
    """The items that have a partner in every paired domain; a warning names the others.

    Parameters
    ----------
    items : list of Stack or of gan_mri.data.sources.layouts.Entry
    paired : sequence of str
        Domains; the items of others stay.
    contrasts : dict of str to str
        By domain.
    source : str
        For messages.

    Raises
    ------
    GanMriError
        Nothing has a partner.
    """
    alone = unmatched([item for item in items if item.domain in paired], paired)
    left = [item for item in items if item.key not in alone.get(item.domain, ())]
    names = [contrasts[domain] for domain in paired]
    if not any(item.domain in paired for item in left):
        listed = "; ".join(f"{contrasts[d]} has {_some(keys)}" for d, keys in alone.items())
        raise GanMriError(
            f"{source}: expected pairs (the same subject or file name in {_and(names)}), received "
            f"none: {listed}."
        )
    for domain, keys in alone.items():
        others = " or ".join(contrasts[other] for other in paired if other != domain)
        if keys:
            _log.warning(
                "%s: %d of %s left out, because %s has no partner for them: %s",
                source,
                len(keys),
                contrasts[domain],
                others,
                _some(keys, 20),
            )
    return left


def unpairable(stacks, domains, *, refuse=()):
    """The files of one key that lie on different grids.

    Parameters
    ----------
    stacks : list of Stack
    domains : sequence of str
    refuse : sequence of str
        Raise on the first difference between these domains; otherwise a warning names them.

    Returns
    -------
    dict of Key to dict of str to int
        Only keys of which some files differ: by domain, the number of its grid, counted from 0.
    """
    files = {}
    for stack in stacks:
        if stack.domain in domains:
            # Of three planes the first stands for all: they are of one file.
            files.setdefault(stack.key, {}).setdefault(stack.domain, stack)
    found, example = {}, None
    for key in sorted(files):
        grids, numbers = [], {}
        for domain, stack in files[key].items():
            same = (i for i, first in enumerate(grids) if not grid_difference(first, stack))
            numbers[domain] = next(same, len(grids))
            if numbers[domain] == len(grids):
                grids.append(stack)
        first, *others = [files[key][name] for name in numbers if name in refuse] or [None]
        for other in others:
            refuse_different_grids(first, other)
        if len(grids) > 1:
            found[key] = numbers
            example = example or grid_difference(*grids[:2])
    if found:
        _log.warning(
            "%d subjects or files have %s contrasts but on different grids, and are used as "
            "unpaired: %s (%s)",
            len(found),
            "both" if len(domains) == 2 else "several",
            _some(list(found), 20),
            example,
        )
    return found


def _and(names):
    return " and ".join(names)


def _some(keys, count=5):
    more = f" ... ({len(keys)} in all)" if len(keys) > count else ""
    return ", ".join(map(str, keys[:count])) + more
