"""Calling a network by the names of its inputs, never by their number or order."""


def input_names(network):
    """Names of a network's inputs, in the network's order.

    Parameters
    ----------
    network : keras.Model
        Functional.

    Returns
    -------
    list of str
        "image", "reference", or the domains of several sources.
    """
    return [tensor.name.split(":")[0] for tensor in network.inputs]


def call_by_name(network, inputs, **options):
    """Call a network with those of the inputs that it has.

    Parameters
    ----------
    network : keras.Model
        Functional.
    inputs : dict of str to tensor
        By name; others may be among them.
    **options
        Of the call, such as `training`.

    Raises
    ------
    KeyError
        If an input of the network is missing.
    """
    values = [inputs[name] for name in input_names(network)]
    return network(values[0] if len(values) == 1 else values, **options)


def takes_reference(network):
    """Whether a network makes an image after a second one, its input "reference"."""
    return "reference" in input_names(network)
