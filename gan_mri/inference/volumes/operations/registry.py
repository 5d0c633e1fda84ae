"""Which layers can be applied to rows, by name."""

from gan_mri.errors import GanMriError

_BUILDERS = {}


def operates(*names):
    """Register the way from a layer to its `Operation`.

    A new kind of layer is one class with this decorator, in a module that
    `gan_mri.inference.volumes.operations` imports.

    Parameters
    ----------
    *names : str
        "package.Class", of the package the first name only: "keras.Conv3D".
        A name and not the class: tensorflow-addons, for one, may not be there.

    Returns
    -------
    callable
        Decorator of a class, or a function, `(layer, shapes) -> Operation`.
    """

    def register(builder):
        for name in names:
            _BUILDERS[name] = builder
        return builder

    return register


def kind(layer):
    """Name of a layer's class in the registry: "package.Class"."""
    return f"{type(layer).__module__.split('.')[0]}.{type(layer).__name__}"


def operation(layer, shapes):
    """The `Operation` of a layer for input maps of these shapes.

    Parameters
    ----------
    layer : keras.layers.Layer
    shapes : list of tuple of int
        Without batch axis.

    Raises
    ------
    GanMriError
        For a layer of another kind, or one that cannot work on such maps.
    """
    if kind(layer) not in _BUILDERS:
        raise refusal(layer, "a layer whose output depends on positions near by, of a known kind")
    if getattr(layer, "data_format", "channels_last") != "channels_last":
        raise refusal(layer, "channels last")
    if len({len(shape) for shape in shapes}) != 1 or len(shapes[0]) not in (3, 4):
        raise refusal(layer, "maps (X, Y, C) or (X, Y, Z, C)", [tuple(shape) for shape in shapes])
    built = _BUILDERS[kind(layer)](layer, shapes)
    if min(built.shape) < 1:
        raise refusal(layer, "a larger volume", tuple(shapes[0]))
    return built


def refusal(layer, expected, received=None):
    """The error for a layer that cannot be applied to a volume in slabs."""
    return GanMriError(
        f"layer {layer.name}: expected {expected}, to translate a volume in slabs. Received: "
        f"{kind(layer) if received is None else received}. Translate it in windows, or whole."
    )
