"""The values of an exported model's variables, read as data: no graph is loaded."""

import tensorflow as tf

from gan_mri.errors import GanMriError
from gan_mri.inference.packed import is_packed, packed_variables

# What TensorFlow raises on files that are missing, cut short or of another kind.
_UNREADABLE = (OSError, ValueError, KeyError, IndexError, RuntimeError, tf.errors.OpError)


def stored_variables(folder, shapes):
    """Values of the variables of `gan_mri.inference.export.Served`, in their order.

    Parameters
    ----------
    folder : Path
        An exported or packed model.
    shapes : list of tuple of int
        That they must have: compared before anything is read.

    Returns
    -------
    list of ndarray

    Raises
    ------
    GanMriError
        If they cannot be read, or have other shapes.
    """
    if is_packed(folder):
        return packed_variables(folder, shapes)
    try:
        reader = tf.train.load_checkpoint(str(folder / "variables" / "variables"))
        found = reader.get_variable_to_shape_map()
        names = [f"tensors/{number}/.ATTRIBUTES/VARIABLE_VALUE" for number in range(len(shapes))]
        held = sum(name.startswith("tensors/") for name in found)
        if held != len(names) or [tuple(found[name]) for name in names] != shapes:
            raise GanMriError(f"{folder}: expected the tensors of its network. Received others.")
        return [reader.get_tensor(name) for name in names]
    except _UNREADABLE as error:
        if isinstance(error, GanMriError):  # which is a ValueError
            raise
        raise GanMriError(
            f"{folder}: expected the weights of its network; reading them failed: "
            f"{str(error).splitlines()[0] if str(error) else type(error).__name__}"
        ) from error
