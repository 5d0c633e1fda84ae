"""What a slab, and what a whole volume, needs of memory beside the stored maps."""

import math

from gan_mri.inference.volumes.stages import measured

#: TensorFlow's allocator leaves gaps: by measurement it holds 1.42 times what is
#: alive at the peak, for slabs of 64 to 1,024 MiB, on both stacks.
_GAPS = 1.45


def workspace(graph, stage, height):
    """Bytes that the computation of one slab holds at its peak.

    The copies of its sources' rows, which live as long as the slab is being
    computed, and of the inner maps those that exist at a time, largest case
    over the volume.

    Parameters
    ----------
    graph : Graph
    stage : Stage
    height : int
        Rows.
    """
    length = graph.nodes[stage.sink].shape[0]
    # At the ends a slab reads fewer rows, but mirrored ones are added.
    starts = {0, (length - height) // 2, length - height}
    return int(_GAPS * max(_of_slab(graph, stage, start, start + height) for start in starts))


def _of_slab(graph, stage, start, stop):
    wanted, _ = stage.needs(graph, start, stop)

    def size(index, rows):
        return rows * math.prod(graph.nodes[index].shape[1:]) * graph.dtype.itemsize

    def rows(index):
        low, high = wanted[index]
        return high - low

    last = {given: index for index in stage.nodes for given in graph.nodes[index].inputs}
    sources = sum(size(index, rows(index)) for index in stage.sources)
    alive, peak = {}, 0
    for index in stage.nodes:
        node = graph.nodes[index]
        made = size(index, rows(index))
        given = [size(one, rows(one)) for one in node.inputs]
        extra = node.operation.temporary(given, made)
        peak = max(peak, sum(alive.values()) + made + extra)
        alive[index] = made
        alive = {one: many for one, many in alive.items() if last.get(one, index + 1) > index}
    made = size(stage.sink, stop - start)
    if stage.sink in measured(graph):
        peak = max(peak, 2 * made)
    return sources + peak


def whole(graph):
    """Bytes that one pass over the whole volume holds at its peak, input and output included.

    Of a traced function, which frees a map after its last reader; called as a
    Keras model, a network keeps all of its maps until the end.
    """
    sizes = [math.prod(node.shape) * graph.dtype.itemsize for node in graph.nodes]
    last = {given: index for index, node in enumerate(graph.nodes) for given in node.inputs}
    last[graph.output] = len(graph.nodes)
    alive, peak = 0, 0
    for index, node in enumerate(graph.nodes):
        extra = node.operation.temporary_whole(sizes[index]) if node.operation else 0
        alive += sizes[index]
        peak = max(peak, alive + extra)
        for given in set(node.inputs):
            if last[given] == index:
                alive -= sizes[given]
    return peak
