"""What a training step takes of memory, before one is tried: from shapes alone.

`bound` is quick and generous: the maps of all layers as if none were smaller than the images.
`traced` traces the step (seconds) and counts what is alive in it (`liveness`):

    bytes of a step = GAPS x bytes alive at the peak + OPERATION x operations

The two constants are fitted to measurements of CycleGAN, UNIT and pix2pix, in 2D and 3D, plain
and recomputed, in both precisions (benchmarks/plan.py prints planned beside measured).
"""

import math
from typing import NamedTuple

import tensorflow as tf

from gan_mri.backend import tf_variables
from gan_mri.planning.liveness import live_bytes, needed_operations

#: Resident memory over what is alive: gaps of the allocator, scratch of convolutions.
GAPS = 1.2

#: Bytes that TensorFlow takes for an operation that it has prepared.
OPERATION = 16 * 2**10

#: A step of any system keeps fewer copies than this of the maps of all its networks.
_COPIES = 6


class StepMemory(NamedTuple):
    """Bytes of a training step, above what the process holds before it.

    Attributes
    ----------
    alive : int
        Of tensors that exist at a time, at their most: no order of computing needs much less.
    total : int
        That the process will take.
    """

    alive: int
    total: int


def bound(model, image_shape, batch_size):
    """Bytes that the tensors of a step do not exceed, from the weights' shapes alone.

    As if every layer made its map at the full size of the images.

    Parameters
    ----------
    model : gan_mri.models.translation.Translation
    image_shape : tuple of int
        `(H, W, C)` or `(X, Y, Z, C)`.
    batch_size : int
        Of one replica.

    Returns
    -------
    int
    """
    shapes = [
        variable.shape
        for network in model.networks.values()
        for variable in tf_variables(network.variables)
    ]
    channels = sum(max(shape[-2:]) for shape in shapes if len(shape) > 1)
    return 4 * batch_size * math.prod(image_shape[:-1]) * _COPIES * channels


def traced(model, image_shape, batch_size):
    """Bytes of a step, from the graph of it; nothing is computed.

    Parameters
    ----------
    model : gan_mri.models.translation.Translation
        Built for images of one size.
    image_shape : tuple of int
        `(H, W, C)` or `(X, Y, Z, C)`, without neighbouring slices.
    batch_size : int
        Of one replica.

    Returns
    -------
    StepMemory
    """
    step = tf.function(lambda batch: list(model.train_step(batch).values()))
    graph = step.get_concrete_function(batch_spec(model.task, image_shape, batch_size)).graph
    alive = live_bytes(graph)
    return StepMemory(alive, int(GAPS * alive + OPERATION * len(needed_operations(graph))))


def batch_spec(task, image_shape, batch_size):
    """What a batch is: dict from domain to `tf.TensorSpec`.

    Parameters
    ----------
    task : gan_mri.tasks.Task
    image_shape, batch_size
        As `traced` takes them.
    """
    *size, channels = image_shape
    return {
        domain: tf.TensorSpec(
            (batch_size, *size, (2 * task.contexts.get(domain, 0) + 1) * channels), tf.float32
        )
        for domain in task.domains
    }
