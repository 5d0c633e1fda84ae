"""How a volume is translated within a memory: slab heights, and which maps go to files."""

import dataclasses
import math
import numbers

from gan_mri.errors import GanMriError
from gan_mri.inference.volumes.costs import whole, workspace
from gan_mri.inference.volumes.graph import Graph
from gan_mri.inference.volumes.stages import stages
from gan_mri.inference.volumes.timeline import peak, row_bytes, timeline, to_files

GIB = 2**30

#: What TensorFlow takes for tracing, kernels and threads, by measurement.
OVERHEAD = 100 * 2**20

#: Slabs that need more than this at their peak are not faster: from 64 MiB to
#: 1 GiB the processor's time for 128x144x128 voxels was the same, within 2 %.
LARGEST_WORKSPACE = 384 * 2**20

#: Shares of the memory that slabs may have: the first that leaves room for all
#: maps, or else the first.
_SHARES = (0.4, 0.25, 0.15, 0.1, 0.05)


@dataclasses.dataclass(frozen=True)
class Plan:
    """What a translation in slabs needs.

    Attributes
    ----------
    heights : dict
        From a stage's sink to the rows that are computed at a time.
    in_files : frozenset of int
        The nodes whose maps are kept in temporary files.
    maps : int
        Bytes of the maps in memory, at their most, the result included; not
        the volume, which the caller holds.
    workspace : int
        Bytes of the slab that is being computed, at their most.
    files : int
        Bytes of the temporary files, at their most.
    """

    heights: dict
    in_files: frozenset
    maps: int
    workspace: int
    files: int

    @property
    def peak(self):
        """Bytes above what the process holds before."""
        return OVERHEAD + self.maps + self.workspace

    def __str__(self):
        rows = sorted(self.heights.values())
        text = (
            f"{self.peak / GIB:.2f} GiB: maps {self.maps / GIB:.2f}, slabs of {rows[0]} to "
            f"{rows[-1]} rows {self.workspace / GIB:.2f}"
        )
        if self.in_files:
            text += f"; {len(self.in_files)} maps in files, {self.files / GIB:.2f} GiB"
        return text


def plan(network, shape, memory=None):
    """What `apply_exactly` would do, without doing it.

    Parameters
    ----------
    network : keras.Model
        See `apply_exactly`.
    shape : tuple of int, or dict
        `(X, Y, C)` or `(X, Y, Z, C)`; of several inputs, by name.
    memory : float, optional
        GiB, above what the process holds before. Default: no bound.

    Returns
    -------
    Plan

    Raises
    ------
    GanMriError
        If the memory is too small even for single rows, or the network is not
        one for `apply_exactly`.

    Examples
    --------
    >>> print(plan(generator, (182, 218, 182, 1), memory=2))
    1.39 GiB: maps 0.92, slabs of 7 to 182 rows 0.37
    """
    return plan_graph(Graph(network, shape), memory)


def peak_memory(network, shape, memory=None):
    """GiB that `apply_exactly` would take, above what the process holds before.

    Parameters as for `plan`.
    """
    return plan(network, shape, memory).peak / GIB


def whole_memory(network, shape):
    """GiB that one pass over the whole volume takes at its peak, volume and result included.

    Of a traced function (`tf.function`), which frees a map after its last
    reader; called eagerly, a network keeps all its maps until the end.

    Parameters as for `plan`; for the same networks.
    """
    return (OVERHEAD + whole(Graph(network, shape))) / GIB


def plan_graph(graph, memory=None):
    """As `plan`, of a network that is laid open.

    Maps stay in memory if slabs of some height still find room beside them;
    else as few bytes as possible go to files.
    """
    cut = stages(graph)
    if memory is None:
        return fixed_plan(graph, _heights(graph, cut, LARGEST_WORKSPACE))
    room = _checked(memory) * GIB - OVERHEAD
    least = max(workspace(graph, stage, 1) for stage in cut)
    result = graph.nodes[graph.output].shape[0] * row_bytes(graph, graph.output)
    if room < least + result:
        needed = (OVERHEAD + least + result) / GIB
        raise GanMriError(
            f"memory: expected {math.ceil(needed * 100) / 100:.2f} GiB or more for a volume of "
            f"{' x '.join(map(str, graph.nodes[0].shape[:-1]))} voxels through "
            f"{graph.network.name}. Received: {memory} GiB."
        )
    for share in _SHARES:
        heights = _heights(graph, cut, min(max(share * room, least), LARGEST_WORKSPACE))
        found = fixed_plan(graph, heights)
        if found.maps + found.workspace <= room:
            return found
    slab = min(max(_SHARES[0] * room, least), LARGEST_WORKSPACE, room - result)
    heights = _heights(graph, cut, slab)
    left = room - fixed_plan(graph, heights).workspace
    held = timeline(graph, cut, heights, [stage.sink for stage in cut])
    return fixed_plan(graph, heights, to_files(graph, held, left))


def fixed_plan(graph, heights, in_files=frozenset()):
    """The plan for given heights, and given maps in files."""
    cut = stages(graph)
    in_memory = [stage.sink for stage in cut if stage.sink not in in_files]
    return Plan(
        heights,
        frozenset(in_files),
        peak(timeline(graph, cut, heights, in_memory)),
        max(workspace(graph, stage, heights[stage.sink]) for stage in cut),
        peak(timeline(graph, cut, heights, in_files, in_parts=False)),
    )


def _checked(memory):
    if not isinstance(memory, numbers.Real) or not 0 < memory < math.inf:
        raise GanMriError(f"memory: expected GiB, above 0. Received: {memory!r}.")
    return float(memory)


def _heights(graph, cut, room):
    """For every stage the largest height whose slabs find room, all slabs about equal."""
    heights = {}
    for stage in cut:
        length = graph.nodes[stage.sink].shape[0]
        low, high = 1, length
        while low < high:
            middle = (low + high + 1) // 2
            if workspace(graph, stage, middle) <= room:
                low = middle
            else:
                high = middle - 1
        heights[stage.sink] = -(-length // -(-length // low))
    return heights
