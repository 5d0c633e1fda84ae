"""A stage as one traced TensorFlow function."""

import tensorflow as tf

from gan_mri.inference.volumes.moments import slab_moments
from gan_mri.inference.volumes.operations.borders import take


def traced(graph, stage, moments, measure):
    """The function that computes a slab of a stage.

    It is traced once, for slabs of any height.

    Parameters
    ----------
    graph : Graph
    stage : Stage
    moments : dict
        From nodes to the `Moments` that the stage's normalisations need.
    measure : bool
        Return mean and variance of the slab too.

    Returns
    -------
    callable
        `(slabs, numbers) -> (slab, mean, variance)`, the last two only if
        measured. `slabs` is a list, one tensor a source; `numbers` an int32
        vector. Both are what `Stage.needs` says.
    """
    shared = stage.shared(graph)
    bound = {}
    for index in stage.nodes:
        node = graph.nodes[index]
        bound[index] = node.operation.bind(moments.get(node.inputs[0]))
    count = len(stage.needs(graph, 0, 1)[1])

    def compute(given, numbers):
        numbers = iter(tf.unstack(numbers, num=count))
        maps = dict(zip(stage.sources, given))
        for index in stage.nodes:
            node = graph.nodes[index]
            inputs = [
                take(maps[one], next(numbers), next(numbers)) if one in shared else maps[one]
                for one in node.inputs
            ]
            own = [next(numbers) for _ in range(len(node.operation.rows(0, 1)[1]))]
            made = bound[index](inputs, own)
            maps[index] = tf.ensure_shape(made, (None, *node.shape[1:]))
        slab = maps[stage.sink]
        return (slab, *slab_moments(slab)) if measure else (slab,)

    given = [
        tf.TensorSpec((None, *graph.nodes[source].shape[1:]), graph.dtype)
        for source in stage.sources
    ]
    # As a concrete function: TensorFlow warns of every fifth `tf.function` of one
    # and the same code.
    signature = [given, tf.TensorSpec((count,), tf.int32)]
    function = tf.function(compute, input_signature=signature, autograph=False)
    return function.get_concrete_function()
