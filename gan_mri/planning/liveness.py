"""How many bytes a traced function holds at its peak, from the shapes of its graph.

A traced training step is a graph of operations whose shapes are known. Walking
through it once, a tensor is alive from the operation that makes it to the last
one that reads it; the sum of what is alive, at its most, is what the step holds
for itself: maps kept for the backward pass, gradients, copies in another
precision. Whatever the system, its losses or its recomputed blocks are, they
are in the graph. Weights and moments are not counted: they are there before.
"""

import collections

import tensorflow as tf

# Operations that hand on their input as it is.
_SAME = {
    "CheckNumerics",
    "ExpandDims",
    "Identity",
    "IdentityN",
    "PreventGradient",
    "Reshape",
    "Snapshot",
    "Squeeze",
    "StopGradient",
}

# Element by element: they write over an input that nobody reads after them.
_IN_PLACE = {
    *("Abs", "Add", "AddN", "AddV2", "BiasAdd", "DivNoNan", "Elu", "EluGrad", "Exp", "LeakyRelu"),
    *("LeakyReluGrad", "Log", "Maximum", "Minimum", "Mul", "Neg", "Pow", "RealDiv", "Relu"),
    *("ReluGrad", "Rsqrt", "RsqrtGrad", "SelectV2", "Sigmoid", "SigmoidGrad", "Sign", "Softplus"),
    *("Sqrt", "SqrtGrad", "Square", "SquaredDifference", "Sub", "Tanh", "TanhGrad"),
}

# They look at the shape of their input only, which is known before anything runs.
_SHAPES_ONLY = {"Prod", "Rank", "Shape", "ShapeN", "Size"}

# Neither made by the step nor freed by it.
_OUTSIDE = {"Const", "Placeholder", "ReadVariableOp"}

# They change something outside, and so run although nobody reads their output.
_EFFECTS = ("Resource", "Assign", "StatefulPartitionedCall", "While", "If", "Case")

_WITHOUT_BYTES = (tf.resource, tf.variant, tf.string)


def live_bytes(graph):
    """The most bytes of tensors that exist at a time while a graph runs.

    TensorFlow runs whatever is ready, several operations at a time, so that the order is not
    known: the larger of two orders counts, that of the program and that in which operations
    become ready.

    Parameters
    ----------
    graph : tf.Graph
        Of a concrete function, whose shapes are known; what is not known counts nothing.

    Returns
    -------
    int

    Examples
    --------
    >>> step = tf.function(lambda x: tf.reduce_sum(tf.matmul(x, x)))
    >>> concrete = step.get_concrete_function(tf.TensorSpec((512, 512)))
    >>> live_bytes(concrete.graph) // 2**20
    1
    """
    needed = needed_operations(graph)
    return max(_peak(graph, order) for order in (needed, _as_they_become_ready(needed)))


def needed_operations(graph):
    """The operations that a result or an effect depends on, in the order of the program."""
    operations = graph.get_operations()
    waiting = [tensor.op for tensor in graph.outputs] + list(graph.control_outputs)
    waiting += [one for one in operations if one.type.startswith(_EFFECTS)]
    found = set()
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += _before(one)
    return [one for one in operations if one in found]


def _before(operation):
    return [tensor.op for tensor in operation.inputs] + list(operation.control_inputs)


def _as_they_become_ready(operations):
    missing = {one: len(set(_before(one))) for one in operations}
    after = collections.defaultdict(list)
    for one in operations:
        for other in set(_before(one)):
            after[other].append(one)
    ready = collections.deque(one for one in operations if not missing[one])
    order = []
    while ready:
        one = ready.popleft()
        order.append(one)
        for later in after[one]:
            missing[later] -= 1
            if not missing[later]:
                ready.append(later)
    return order


def _peak(graph, order):
    buffers, sizes = _buffers(order)
    read = collections.Counter()
    for one in order:
        read.update(_reads(one, buffers))
    read.update({buffers[tensor.ref()] for tensor in graph.outputs})
    alive, total, peak = {}, 0, 0
    for one in order:
        given = _reads(one, buffers)
        made = {buffers[tensor.ref()] for tensor in one.outputs} - given
        new = sum(sizes[buffer] for buffer in made)
        if one.type in _IN_PLACE and any(
            read[buffer] == 1 and alive.get(buffer) == new for buffer in given
        ):
            peak = max(peak, total)
        else:
            peak = max(peak, total + new)
        total += new
        for buffer in made:
            if read[buffer]:
                alive[buffer] = sizes[buffer]
            else:
                total -= sizes[buffer]
        for buffer in given:
            read[buffer] -= 1
            if not read[buffer]:
                total -= alive.pop(buffer, 0)
    return peak


def _reads(operation, buffers):
    if operation.type in _SHAPES_ONLY:
        return set()
    return {buffers[tensor.ref()] for tensor in operation.inputs}


def _buffers(order):
    """Of every tensor the one whose memory it shares, and the bytes of these."""
    buffers, sizes = {}, {}
    for one in order:
        for index, tensor in enumerate(one.outputs):
            own, size = tensor.ref(), 0 if one.type in _OUTSIDE else _bytes(tensor)
            given = one.inputs[index] if len(one.inputs) > index else None
            if one.type in _SAME and given is not None and _bytes(given) == _bytes(tensor):
                buffers[own] = buffers[given.ref()]
            else:
                buffers[own], sizes[own] = own, size
    return buffers, sizes


def _bytes(tensor):
    if tensor.dtype in _WITHOUT_BYTES:
        return 0
    return (tensor.shape.num_elements() or 0) * tensor.dtype.size
