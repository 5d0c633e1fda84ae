"""A network cut at the maps that are stored: what is computed between them."""

import dataclasses

from gan_mri.errors import GanMriError


@dataclasses.dataclass(frozen=True)
class Stage:
    """From stored maps to the next one.

    Attributes
    ----------
    sink : int
        The node whose map the stage makes.
    sources : tuple of int
        The stored nodes that it reads.
    nodes : tuple of int
        What it computes, each after its inputs; the last is `sink`. All but the
        last exist for a slab at a time.
    """

    sink: int
    sources: tuple
    nodes: tuple

    def needs(self, graph, start, stop):
        """What the sink's rows [start, stop) are made of.

        Returns
        -------
        (dict, list of int)
            The rows of every source and inner node that are needed, and the
            numbers for the traced stage.
        """
        wanted = {self.sink: (start, stop)}
        asked = {}
        for index in reversed(self.nodes):
            node = graph.nodes[index]
            asked[index] = ranges, _ = node.operation.rows(*wanted[index])
            for given, (low, high) in zip(node.inputs, ranges):
                before = wanted.get(given, (low, high))
                wanted[given] = min(low, before[0]), max(high, before[1])
        numbers = []
        shared = self.shared(graph)
        for index in self.nodes:
            ranges, own = asked[index]
            for given, (low, high) in zip(graph.nodes[index].inputs, ranges):
                if given in shared:
                    numbers += [low - wanted[given][0], high - low]
            numbers += own
        return wanted, numbers

    def shared(self, graph):
        """Sources and inner nodes that are read more than once, maybe different rows of them."""
        read = [given for index in self.nodes for given in graph.nodes[index].inputs]
        return {given for given in read if read.count(given) > 1}


def measured(graph):
    """The nodes whose mean and variance a normalisation needs."""
    return {
        node.inputs[0] for node in graph.nodes if node.operation and node.operation.needs_moments
    }


def stages(graph):
    """The stages of a network, in the order in which they are computed.

    Stored is what convolutions and poolings make, and what is normalised. The
    rest (normalisation, activation, padding, concatenation, enlargement) is
    computed from that whenever rows of it are read, which costs less than to
    store it. A sum that is read more than once is stored too: it is one map,
    its parts are several.
    """
    stored = _stored(graph)
    found = []
    for sink in sorted(stored - set(graph.inputs.values())):
        sources, nodes, pending = set(), set(), [sink]
        while pending:
            index = pending.pop()
            nodes.add(index)
            for given in graph.nodes[index].inputs:
                if given in stored:
                    sources.add(given)
                elif given not in nodes:
                    pending.append(given)
        found.append(Stage(sink, tuple(sorted(sources)), tuple(sorted(nodes))))
    if not found:
        raise GanMriError(
            f"network {graph.network.name}: expected layers. Received: a network without any."
        )
    return found


def _stored(graph):
    readers = graph.readers()
    stored = {graph.output, *graph.inputs.values(), *measured(graph)}
    joined = set()
    for index, node in enumerate(graph.nodes):
        if node.operation is None:
            continue
        if node.operation.kept:
            stored.add(index)
        elif node.operation.joins or any(given in joined for given in node.inputs):
            # Would every reader compute the sum anew, and keep its parts alive?
            if len(readers[index]) > 1:
                stored.add(index)
            elif index not in stored:
                joined.add(index)
    return stored
