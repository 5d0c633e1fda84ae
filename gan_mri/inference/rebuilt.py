"""The network behind an exported model, built anew from its recipe and its weights."""

import numpy as np
import tensorflow as tf

from gan_mri import recipes
from gan_mri.backend import precision, tf_variables
from gan_mri.errors import GanMriError
from gan_mri.inference.export import Served
from gan_mri.inference.known_translation import (
    TOLERANCE,
    difference,
    fixed_inputs,
    read_known_translation,
)
from gan_mri.inference.stored import stored_variables
from gan_mri.layers import random_streams
from gan_mri.networks.inputs import call_by_name

# What building a network of settings that do not go together raises.
_UNBUILDABLE = (GanMriError, KeyError, TypeError, ValueError, MemoryError, tf.errors.OpError)

# The network and its exported form are run on the same device, and may differ by so much.
_SAME_DEVICE = 1e-3


def rebuilt(translator):
    """The network of a translator as a `keras.Model`, whose layers can be looked into.

    Parameters
    ----------
    translator : gan_mri.inference.translator.Translator

    Returns
    -------
    keras.Model
        In float32, with free spatial sizes and the exported weights.

    Raises
    ------
    GanMriError
        If the card does not say the settings (models of older versions), or
        what it says does not make the network that was exported.
    """
    if translator.network is not None:
        return translator.network
    card, path = translator.card, translator.path
    if "settings" not in card.content:
        raise GanMriError(
            f"{path}: expected a model whose card says its settings, to build its "
            "network anew. Received one of an older version: continue its run with --resume, "
            "which exports it again."
        )
    network = _with_weights(card, path)
    serve = Served(network).endpoints["serving_default"]
    inputs = fixed_inputs(serve.input_signature)
    images = {name: one for name, one in inputs.items() if name != "reference"}
    expected = translator(images, inputs.get("reference"))
    found = float(np.abs(np.asarray(call_by_name(network, inputs)) - expected).max())
    if not found <= _SAME_DEVICE:
        raise _changed(card, path, f"another one: they differ by {found:.2g}")
    return network


def rebuilt_from_files(card, path):
    """The network of an exported model, of which nothing is run.

    Parameters
    ----------
    card : gan_mri.inference.card.Card
    path : Path
        The folder of the exported model.

    Returns
    -------
    (keras.Model, gan_mri.inference.export.Served) or None
        As `rebuilt`, and what was exported of it: the same graph, with the same random
        numbers. None for models of versions that kept none of its translations.

    Raises
    ------
    GanMriError
        If what the card says does not make the network that was exported.
    """
    known = read_known_translation(path)
    if known is None or "settings" not in card.content:
        return None
    network = _with_weights(card, path)
    streams = random_streams(network)
    if len(streams) != len(known["seeds"]):
        raise _changed(card, path, "one with other random numbers")
    for stream, seed in zip(streams, known["seeds"]):
        stream.seed = seed
    served = Served(network)
    found = difference(known, served.endpoints["serving_default"])
    if found > TOLERANCE:
        raise _changed(card, path, f"another one: they differ by {found:.2g}")
    return network, served


def _with_weights(card, path):
    content = card.content
    try:
        method = recipes.get(content["recipe"], **content["settings"])
        task = method.task(tuple(content["contrasts"]))
        free = (*[None] * card.view.rank, card.channels)
        with precision("float32"):
            network = method.build_translators(free, task)[card.direction.name]
    except _UNBUILDABLE as error:
        what = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise _changed(card, path, f"a card from which none can be built ({what})") from error
    variables = tf_variables(network.variables) + [s.count for s in random_streams(network)]
    try:
        values = stored_variables(path, [tuple(variable.shape) for variable in variables])
    except GanMriError as error:
        raise _changed(card, path, f"tensors of other shapes, or damaged ones ({error})") from error
    for variable, value in zip(variables, values):
        variable.assign(value)
    return network


def _changed(card, path, received):
    return GanMriError(
        f"{path}: expected the network of {card.content.get('recipe')} with the settings of its "
        f"card. Received {received}: the model or its card was changed."
    )
