"""Parts of a network by name, and networks that keep some of them as they are."""

from fnmatch import fnmatchcase

from gan_mri.errors import GanMriError
from gan_mri.layers import innermost_layers

PARTS = ("encoder", "middle", "decoder")


def layers_of(network, part):
    """The layers of a part, in the network's order.

    Parameters
    ----------
    network : keras.Model
    part : {"encoder", "middle", "decoder"}
        "encoder": up to the last layer that makes maps smaller; "decoder": from the first
        on that makes them larger; "middle": between the two (a ResNet's blocks).

    Returns
    -------
    list of keras.layers.Layer

    Raises
    ------
    GanMriError
        If the network does not first make maps smaller and then larger.
    """
    layers = list(innermost_layers(network))
    smaller = [index for index, layer in enumerate(layers) if _factor(layer) > 1]
    larger = [index for index, layer in enumerate(layers) if _factor(layer) < 1]
    if not smaller or not larger or smaller[-1] > larger[0]:
        raise GanMriError(
            f"freeze: expected a network that makes its maps smaller and then larger, to have "
            f"the parts {', '.join(PARTS)}. Received: {network.name}."
        )
    end, start = smaller[-1] + 1, larger[0]
    return {"encoder": layers[:end], "middle": layers[end:start], "decoder": layers[start:]}[part]


def freeze(networks, patterns):
    """Keep networks, or parts of them, as they are when they are trained.

    To be called before the optimizers are made. Statistics that layers gather by themselves
    (the u of spectral normalisation) go on.

    Parameters
    ----------
    networks : dict of str to keras.Model
    patterns : sequence of str
        Names of networks, in which `*` stands for anything, and perhaps a part:
        "D_*", "G_*:encoder".

    Raises
    ------
    GanMriError
        For a name or a part that there is not, or where nothing would be left to train.

    Examples
    --------
    >>> freeze(model.networks, ["G_*:encoder"])  # doctest: +SKIP
    """
    for pattern in patterns:
        name, colon, part = pattern.partition(":")
        found = [network for own, network in networks.items() if fnmatchcase(own, name)]
        if not found or (colon and part not in PARTS):
            raise GanMriError(
                f"freeze: expected a network, {', '.join(networks)}, or a part of one, such as "
                f"{next(iter(networks))}:encoder ({', '.join(PARTS)}). Received: {pattern!r}."
            )
        for network in found:
            for layer in layers_of(network, part) if part else innermost_layers(network):
                layer.trainable = False
    if not any(network.trainable_variables for network in networks.values()):
        raise GanMriError(
            "freeze: expected something to be left to train. Received: "
            f"{', '.join(patterns)}, which is everything."
        )


def _factor(layer):
    """By how much a layer makes maps smaller; below 1 where it makes them larger."""
    own = getattr(layer, "layer", layer)  # of a wrapper such as spectral normalisation
    kind = type(own).__name__
    if "UpSampling" in kind or "Upsampling" in kind:
        return 0.5
    strides = getattr(own, "strides", 1)
    stride = max(strides) if isinstance(strides, (tuple, list)) else strides
    return 1 / stride if "Transpose" in kind else stride
