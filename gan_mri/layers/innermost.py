"""The layers of a network as if nothing were nested in it."""

from gan_mri.layers.recomputed import Recomputed


def innermost_layers(network):
    """Yield the layers in the network's order, those of inner networks and blocks where they stand.

    Parameters
    ----------
    network : keras.Model or Recomputed
    """
    for layer in network.inner_layers if isinstance(network, Recomputed) else network.layers:
        if isinstance(layer, Recomputed) or hasattr(layer, "layers"):
            yield from innermost_layers(layer)
        else:
            yield layer
