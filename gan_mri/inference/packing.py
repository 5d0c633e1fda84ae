"""Write exported models as packed ones, see `gan_mri.inference.packed`."""

import numpy as np

from gan_mri.backend import tf_variables
from gan_mri.errors import GanMriError
from gan_mri.files import write_json
from gan_mri.inference.card import CARD
from gan_mri.inference.export import Served
from gan_mri.inference.known_translation import write_known_translation
from gan_mri.inference.packed import WEIGHTS
from gan_mri.inference.rebuilt import rebuilt
from gan_mri.layers import random_streams


def write_packed(translator, folder):
    """Write a model as a packed one.

    Parameters
    ----------
    translator : gan_mri.inference.translator.Translator
    folder : Path
        An empty one.

    Returns
    -------
    float
        The largest change of a weight, relative to the largest weight of its tensor.

    Raises
    ------
    GanMriError
        If the network cannot be built anew, or a weight is beyond what 16 bits hold.
    """
    network = rebuilt(translator)
    streams = random_streams(network)
    variables = tf_variables(network.variables) + [stream.count for stream in streams]
    arrays, largest = {}, 0.0
    for number, variable in enumerate(variables):
        value = variable.numpy()
        small = value.astype(np.float16) if np.issubdtype(value.dtype, np.floating) else value
        if not np.isfinite(small).all():
            raise GanMriError(
                f"{translator.path}: expected weights up to 65504, which 16 bits hold. Received "
                f"{np.abs(value).max():g}."
            )
        if value.size:
            change = np.abs(small.astype(value.dtype) - value).max()
            largest = max(largest, float(change / max(np.abs(value).max(), 1e-12)))
        arrays[str(number)] = small
    np.savez_compressed(folder / WEIGHTS, **arrays)
    # Where the weights lay that training started from is nobody else's matter.
    card = {name: value for name, value in translator.card.content.items() if name != "init"}
    write_json(folder / CARD, card)
    # Of the weights as they will be read.
    for variable, small in zip(variables, arrays.values()):
        variable.assign(small.astype(variable.dtype.as_numpy_dtype))
    write_known_translation(folder, Served(network).endpoints["serving_default"], streams)
    return largest
