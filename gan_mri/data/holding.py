"""Whether the images of a data set fit in memory, asked before they are read.

What is kept of a folder's files is held in memory, in the files' own types. Headers say
how much that is at most; of slices, those that are empty are dropped, so that only reading
tells. A prepared file is read from disk while training, however large it is.
"""

import logging
import math
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gan_mri.data.files.limits import available_memory
from gan_mri.data.files.names import VOLUME_SUFFIXES, suffix_of
from gan_mri.data.images.grid import canonical_grid
from gan_mri.data.images.planes import PLANES
from gan_mri.data.images.resampling import spaced_grid
from gan_mri.data.sources.built_in import is_built_in
from gan_mri.errors import GanMriError

_log = logging.getLogger("gan_mri")

#: Files of a domain whose headers are read, evenly spaced.
_HEADERS = 32

#: Of the memory there is: images that may take more are told of.
_MUCH = 0.5

#: Files after which the mean of those that were read says what all of them take.
_ENOUGH = 10


class Need(NamedTuple):
    """What the images of a data set take in memory.

    Attributes
    ----------
    most : int
        Bytes.
    exact : bool
        Whether it is that much, not less: of whole volumes and pictures nothing is dropped.
    """

    most: int
    exact: bool


def needed(found, options, *, neighbours=0):
    """What the files of a data set will take, by their headers.

    Parameters
    ----------
    found : gan_mri.data.sources.layouts.Plan
    options : gan_mri.data.options.DataOptions
    neighbours : int
        Slices kept on either side of every sample.

    Returns
    -------
    Need
        Files that cannot be read count nothing: reading them tells why.
    """
    sampling, total, exact = options.sampling, 0, True
    if is_built_in(found.kind):
        return Need(0, True)
    for domain in found.domains:
        paths = [Path(entry.path) for entry in found.entries if entry.domain == domain]
        step = max(1, len(paths) // _HEADERS)
        chosen = paths[::step]
        sizes = [_bytes(path, options, neighbours) for path in chosen]
        total += sum(sizes) * len(paths) // max(len(chosen), 1)
        exact = exact and (
            sampling.rank == 3 or not any(suffix_of(path) in VOLUME_SUFFIXES for path in chosen)
        )
    return Need(total, exact)


def _bytes(path, options, neighbours):
    # Imported here, so that the options of the data need no nibabel.
    from gan_mri.data.files.nifti import declared
    from gan_mri.data.files.readers import read_image

    try:
        if suffix_of(path) not in VOLUME_SUFFIXES:
            return read_image(path).array.nbytes
        shape, dtype, affine = declared(path)
    except GanMriError:
        return 0
    sampling, own = options.sampling, canonical_grid(shape, affine)
    grid = own if sampling.spacing is None else spaced_grid(own, sampling.spacing)
    itemsize = dtype.itemsize if grid is own and options.align == "none" else 4
    voxels = itemsize * math.prod(grid.shape) * math.prod(shape[3:])
    if sampling.rank == 3:
        return voxels
    total = 0
    for plane in sampling.planes:
        count = grid.shape[PLANES[plane]]
        start, stop = options.slices or (0, count)
        kept = min(stop, count) - min(start, count) + 2 * neighbours
        total += voxels * min(kept, count) // count
    return total


def check_fits(found, need):
    """Refuse images that cannot all be held; tell of those that take much.

    Parameters
    ----------
    found : gan_mri.data.sources.layouts.Plan
    need : Need

    Returns
    -------
    int or None
        Bytes that are free; None where the system does not say.

    Raises
    ------
    GanMriError
    """
    there = available_memory()
    if there is None:
        return None
    if need.exact and need.most > there:
        raise _too_large(found, need.most, there)
    if need.most > _MUCH * there:
        _log.warning(
            "%s: its images will take %s%.2f GiB of memory, of %.2f GiB that are free. %s",
            found.source,
            "" if need.exact else "up to ",
            need.most / 2**30,
            there / 2**30,
            _advice(found),
        )
    return there


def held(stacks, found, there):
    """The stacks of a data set, as long as all of them can be expected to fit.

    Parameters
    ----------
    stacks : iterator of gan_mri.data.stacks.Stack
        Read one after the other.
    found : gan_mri.data.sources.layouts.Plan
        Whose files they are.
    there : int or None
        Bytes that were free at the beginning.

    Returns
    -------
    list of gan_mri.data.stacks.Stack

    Raises
    ------
    GanMriError
        As soon as the files that were read say that the others will not fit.
    """
    kept, paths, total = [], set(), 0
    for stack in stacks:
        kept.append(stack)
        paths.add(stack.path)
        total += stack.array.nbytes if isinstance(stack.array, np.ndarray) else 0
        expected = total * len(found.entries) // len(paths)
        if there is not None and len(paths) >= _ENOUGH and expected > there:
            raise _too_large(found, expected, there)
    return kept


def _too_large(found, needed, there):
    return GanMriError(
        f"{found.source}: expected {needed / 2**30:.2f} GiB of free memory, to hold the images of "
        f"{len(found.entries)} files. Received: {there / 2**30:.2f} GiB. {_advice(found)}"
    )


def _advice(found):
    contrasts = " ".join(found.contrasts)
    named = f" --contrasts {contrasts}" if found.kind != "gan_mri_folder" else ""
    return (
        f"Prepared once (python -m gan_mri.prepare {found.source} DATA.h5{named}), they are read "
        "from disk while training (--data DATA.h5) and take none. Fewer slices (--slices) or "
        "larger voxels (--spacing) take less."
    )
