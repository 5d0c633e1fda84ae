"""How large an image may be, decided before anything is allocated."""

import os
from pathlib import Path

from gan_mri.errors import GanMriError

try:
    import resource
except ImportError:  # Windows, which has no such limits
    resource = None

#: Largest image that is read, in bytes of voxels. A damaged or hostile header
#: can declare anything; no MR volume comes near this.
MAX_BYTES = 8 * 2**30


def check_size(path, shape, itemsize):
    """Refuse an image whose declared size is empty or beyond `MAX_BYTES`.

    Parameters
    ----------
    path : str or Path
        For the message.
    shape : tuple of int
    itemsize : int
        Bytes of one voxel.

    Returns
    -------
    int
        The size in bytes.

    Raises
    ------
    GanMriError
    """
    if any(length < 1 for length in shape):
        raise GanMriError(
            f"{path}: expected an image, received an empty one (shape {tuple(shape)})."
        )
    size = itemsize
    for length in shape:
        size *= int(length)
    if size > MAX_BYTES:
        raise GanMriError(
            f"{path}: expected at most {MAX_BYTES / 2**30:g} GiB of voxels, received a header "
            f"that declares shape {tuple(shape)}, {size / 2**30:.1f} GiB."
        )
    return size


def check_sides(path, size, *, plane=None):
    """Refuse a line, or a point, where an image is needed.

    Parameters
    ----------
    path : str or Path
        For the message.
    size : tuple of int
        Rows and columns, or X, Y, Z.
    plane : str, optional
        In which a slice was cut.

    Raises
    ------
    GanMriError
    """
    # A flat volume is a slice; a flat slice is nothing.
    flat = sum(length < 2 for length in size)
    if flat > len(size) - 2:
        kind = "volume" if len(size) == 3 else "picture" if plane is None else f"{plane} slice"
        hint = " Cut it in another plane (--plane)." if kind.endswith("slice") else ""
        raise GanMriError(
            f"{path}: expected a {kind} with at least two sides of 2 or more, received "
            f"{' x '.join(map(str, size))}.{hint}"
        )


def check_memory(path, needed, *, why="it"):
    """Refuse what would not fit into memory, before it is allocated.

    Parameters
    ----------
    path : str or Path
        For the message.
    needed : int
        Bytes that will be allocated.
    why : str
        What needs them, for the message.

    Raises
    ------
    GanMriError
    """
    available = available_memory()
    if available is not None and needed > available:
        raise GanMriError(
            f"{path}: expected {needed / 2**30:.2f} GiB of free memory, which {why} needs. "
            f"Received: {available / 2**30:.2f} GiB."
        )


def available_memory():
    """Bytes that can be allocated without swapping, None where the system does not say.

    Linux says what is available, caches that it would give up included, and a
    control group (a container, a job of a cluster) or `ulimit -v` may allow less.
    """
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            sizes = dict(line.split(":") for line in file)
        available = int(sizes["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        try:
            available = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        except (AttributeError, OSError, ValueError):
            return None
    limits = (_left_in_group(), _left_in_process())
    return min([available, *(limit for limit in limits if limit is not None)])


def _left_in_process(own=Path("/proc/self/statm")):
    """Bytes of addresses that `ulimit -v` still allows the process; None without a limit."""
    if resource is None:
        return None
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return None
    try:
        used = int(own.read_text().split()[0]) * resource.getpagesize()
    except (OSError, IndexError, ValueError):
        return limit
    return max(limit - used, 0)


def free_swap():
    """Bytes to which memory can still be swapped out; 0 where the system does not say."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            sizes = dict(line.split(":") for line in file)
        return int(sizes["SwapFree"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return 0


def _left_in_group(root=Path("/sys/fs/cgroup"), own=Path("/proc/self/cgroup")):
    """Bytes that the process's control group (version 2) may still use; None without a limit."""
    try:
        line = next(line for line in own.read_text().splitlines() if line.startswith("0::"))
        folder = root / line[len("0::") :].lstrip("/")
        left = []
        # A limit holds for all groups below it.
        for group in [folder, *folder.parents]:
            limit = group / "memory.max"
            if limit.is_file() and limit.read_text().strip() != "max":
                statistics = dict(map(str.split, (group / "memory.stat").open()))
                used = int((group / "memory.current").read_text())
                # Pages of files count as used, though they are given up when memory runs short.
                used -= int(statistics["inactive_file"])
                left.append(max(int(limit.read_text()) - used, 0))
        return min(left, default=None)
    except (OSError, StopIteration, KeyError, ValueError):
        return None
