"""The order of the work: which rows of which map come next, and what may go then."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Slab:
    """A few rows of a stage's output.

    Attributes
    ----------
    stage : Stage
    start, stop : int
        The rows.
    needs : dict
        Of each source, and of what the stage computes on the way, the rows.
    numbers : list of int
        For the traced stage.
    release : dict
        From a stored node to a row: those before it are not read any more.
    last : bool
        The stage is done with it.
    """

    stage: object
    start: int
    stop: int
    needs: dict
    numbers: list
    release: dict
    last: bool


def slabs(graph, stages, heights):
    """All the work, slab by slab.

    Parameters
    ----------
    graph : Graph
    stages : list of Stage
    heights : dict
        From a stage's sink to rows at a time.

    Yields
    ------
    Slab
    """
    last_reader = {source: stage.sink for stage in stages for source in stage.sources}
    for stage in stages:
        length = graph.nodes[stage.sink].shape[0]
        height = heights[stage.sink]
        starts = range(0, length, height)
        needed = [stage.needs(graph, start, min(start + height, length)) for start in starts]
        going = [source for source in stage.sources if last_reader[source] == stage.sink]
        free = {source: _free(source, graph, [wanted for wanted, _ in needed]) for source in going}
        for index, (start, (wanted, numbers)) in enumerate(zip(starts, needed)):
            release = {source: rows[index] for source, rows in free.items()}
            stop = min(start + height, length)
            yield Slab(stage, start, stop, wanted, numbers, release, stop == length)


def _free(source, graph, needed):
    """After each slab, the first row that a later one reads."""
    first = [wanted[source][0] for wanted in needed[1:]] + [graph.nodes[source].shape[0]]
    return np.minimum.accumulate(first[::-1])[::-1].tolist()
