"""Layers that are made of others, and the way through them."""

import keras

from gan_mri.inference.volumes.operations import kind

_WAYS = {}


def made_of(*names):
    """Register the way through a layer that is made of others.

    Parameters
    ----------
    *names : str
        "package.Class", as for `gan_mri.inference.volumes.operations.operates`.

    Returns
    -------
    callable
        Decorator of a function `(layer, inputs, add) -> output`: inputs and
        output are nodes, `add(layer, inputs)` appends a layer and returns its
        node.
    """

    def register(way):
        for name in names:
            _WAYS[name] = way
        return way

    return register


def parts(layer):
    """The way through a layer that is made of others; None for any other layer."""
    return _WAYS.get(kind(layer))


@made_of("gan_mri.Recomputed")
def _chain(block, inputs, add):
    """One inner layer after the other, and the input added at the end."""
    outputs = inputs
    for layer in block.inner_layers:
        outputs = [add(layer, outputs)]
    if block.residual:
        outputs = [add(keras.layers.Add(dtype=block.compute_dtype), [*outputs, *inputs])]
    return outputs[0]
