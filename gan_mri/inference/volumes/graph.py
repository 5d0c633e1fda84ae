"""A network as a list of operations on the maps of one volume."""

import dataclasses

import keras
import numpy as np
import tensorflow as tf

from gan_mri.errors import GanMriError
from gan_mri.inference.volumes.operations import Identity, Operation, operation
from gan_mri.inference.volumes.parts import parts
from gan_mri.networks.inputs import input_names


@dataclasses.dataclass(frozen=True)
class Node:
    """A map, and how it is made.

    Attributes
    ----------
    name : str
        Of the layer.
    shape : tuple of int
        Without batch axis.
    operation : Operation or None
        None for an input of the network.
    inputs : tuple of int
        Which nodes are read.
    """

    name: str
    shape: tuple
    operation: Operation | None = None
    inputs: tuple = ()


class Graph:
    """The operations of a network for volumes of given shapes, inner networks laid open.

    Parameters
    ----------
    network : keras.Model
        Functional, with one output, all of it in float32 or all in float64.
    shapes : tuple of int, or dict
        `(X, Y, C)` or `(X, Y, Z, C)` of the volume; of several inputs, by name.

    Attributes
    ----------
    nodes : list of Node
        Each after those that it reads.
    inputs : dict
        From the names of the network's inputs to nodes.
    output : int
        The node that is the network's output.
    dtype : numpy.dtype

    Raises
    ------
    GanMriError
        For other networks, shapes that the network does not take, and layers
        that cannot be applied in slabs.
    """

    def __init__(self, network, shapes):
        self.network = network
        shapes = by_name(network, shapes)
        if len(network.outputs) != 1:
            raise GanMriError(
                f"network {network.name}: expected one output. Received: {len(network.outputs)}."
            )
        self.dtype = np.dtype(tf.as_dtype(network.outputs[0].dtype).as_numpy_dtype)
        if self.dtype not in (np.float32, np.float64):
            raise GanMriError(
                f"network {network.name}: expected an output of float32 or float64. "
                f"Received: {self.dtype}."
            )
        self.nodes = []
        _check_shapes(network, shapes)
        self.inputs = {name: self._input(name, shape) for name, shape in shapes.items()}
        self.output = self._lay_open(network, list(self.inputs.values()))

    def readers(self):
        """For every node the nodes that read it, one entry for each time."""
        found = [[] for _ in self.nodes]
        for index, node in enumerate(self.nodes):
            for given in node.inputs:
                found[given].append(index)
        return found

    def _input(self, name, shape):
        self.nodes.append(Node(name, tuple(int(length) for length in shape)))
        return len(self.nodes) - 1

    def add(self, layer, inputs):
        """Append what a layer does to some nodes, and return the node of its output."""
        if hasattr(layer, "outputs") and isinstance(layer, keras.Model):
            return self._lay_open(layer, inputs)
        inner = parts(layer)
        if inner is not None:
            return inner(layer, inputs, self.add)
        if layer.compute_dtype != self.dtype.name:
            raise GanMriError(
                f"layer {layer.name}: expected all of network {self.network.name} in "
                f"{self.dtype.name}. Received: a layer that computes in {layer.compute_dtype}."
            )
        built = operation(layer, [self.nodes[index].shape for index in inputs])
        if isinstance(built, Identity):
            return inputs[0]
        self.nodes.append(Node(layer.name, built.shape, built, tuple(inputs[: built.reads])))
        return len(self.nodes) - 1

    def _lay_open(self, network, inputs):
        """Append all layers of a functional network, depth first: fewer maps live at a time."""
        known = dict(zip(map(_origin, network.inputs), inputs))
        pending = [network.outputs[0]]
        while pending:
            tensor = pending[-1]
            layer, call, _ = _origin_of(tensor)
            given = tf.nest.flatten(layer._inbound_nodes[call].input_tensors)
            missing = [one for one in given if _origin(one) not in known]
            if _origin(tensor) in known:
                pending.pop()
            elif missing:
                pending += reversed(missing)
            else:
                known[_origin(tensor)] = self.add(layer, [known[_origin(one)] for one in given])
                pending.pop()
        return known[_origin(network.outputs[0])]


def by_name(network, given):
    """What is given for the network's inputs, as a dict by their names.

    Parameters
    ----------
    network : keras.Model
    given : dict or other
        Other: for the only input.
    """
    if not isinstance(network, keras.Model) or not getattr(network, "outputs", None):
        raise GanMriError(
            f"network: expected a functional keras.Model. Received: {type(network).__name__}."
        )
    names = input_names(network)
    if not isinstance(given, dict):
        given = {names[0]: given} if len(names) == 1 else {}
    if set(given) != set(names):
        raise GanMriError(
            f"network {network.name}: expected inputs named {', '.join(names)}. "
            f"Received: {', '.join(map(str, given)) or 'one without a name'}."
        )
    return {name: given[name] for name in names}


def _check_shapes(network, shapes):
    for tensor, (name, shape) in zip(network.inputs, shapes.items()):
        wanted = tuple(tensor.shape)[1:]
        if len(wanted) != len(shape) or any(
            length is not None and length != given for length, given in zip(wanted, shape)
        ):
            raise GanMriError(
                f"volume {name}: expected the shape {wanted} (None: any), as network "
                f"{network.name} takes it. Received: {tuple(shape)}."
            )


def _origin_of(tensor):
    """(layer, index of its call, index of the output), where a symbolic tensor comes from."""
    return tuple(tensor._keras_history)[:3]


def _origin(tensor):
    layer, call, position = _origin_of(tensor)
    return id(layer), call, position
