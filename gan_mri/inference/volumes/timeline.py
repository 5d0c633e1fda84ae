"""How many bytes the stored maps take, slab by slab, and which had better go to files."""

import math

import numpy as np

from gan_mri.inference.volumes.slabs import slabs


def timeline(graph, stages, heights, nodes, *, in_parts=True):
    """Bytes of every map while the work goes on.

    Parameters
    ----------
    graph : Graph
    stages : list of Stage
    heights : dict
        From a stage's sink to rows at a time.
    nodes : collection of int
        The maps: sinks of stages.
    in_parts : bool
        A map grows as it is made, and shrinks as it is read for the last time.
        Else it has its full size from the first slab to the last.

    Returns
    -------
    dict
        From a node to an array, one number for each slab: while it is being
        computed.
    """
    works = list(slabs(graph, stages, heights))
    held = {node: np.zeros(len(works)) for node in nodes}
    made, gone = dict.fromkeys(nodes, 0), dict.fromkeys(nodes, 0)
    for time, work in enumerate(works):
        if work.stage.sink in made:
            made[work.stage.sink] = work.stop if in_parts else graph.nodes[work.stage.sink].shape[0]
        for node in nodes:
            held[node][time] = made[node] - gone[node]
        for source, first in work.release.items():
            # The result stays until the end.
            if source in gone and source != graph.output and (in_parts or work.last):
                gone[source] = first
    return {node: held[node] * row_bytes(graph, node) for node in nodes}


def row_bytes(graph, node):
    """Bytes of one row of a map."""
    return math.prod(graph.nodes[node].shape[1:]) * graph.dtype.itemsize


def peak(held):
    """The most that all maps of a timeline take at a time, in bytes."""
    return int(sum(held.values()).max()) if held else 0


def to_files(graph, held, room):
    """Which maps have to go to files so that the others find room.

    Parameters
    ----------
    graph : Graph
    held : dict
        The timeline of all maps.
    room : int
        Bytes.

    Returns
    -------
    set of int
        Chosen at the worst moment, as often as there is one: the smallest map
        that is large enough, else the largest.
    """
    held, in_files = dict(held), set()
    while peak(held) > room:
        total = sum(held.values())
        worst = int(total.argmax())
        there = {
            node: bytes_held[worst]
            for node, bytes_held in held.items()
            if bytes_held[worst] and node != graph.output
        }
        enough = {node: size for node, size in there.items() if size >= total[worst] - room}
        chosen = min(enough, key=enough.get) if enough else max(there, key=there.get)
        in_files.add(chosen)
        del held[chosen]
    return in_files
