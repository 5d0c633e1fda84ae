"""The network behind an exported model, built anew from its recipe and its weights."""

import numpy as np

from gan_mri import recipes
from gan_mri.backend import precision, tf_variables
from gan_mri.errors import GanMriError
from gan_mri.layers import random_streams
from gan_mri.networks.inputs import call_by_name
from gan_mri.tasks import NOISE

# The network and its exported form are compared on a small random image: side, and by how much
# they may differ, of [-1, 1].
_SIDE, _TOLERANCE = 20, 1e-3


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
    card, content = translator.card, translator.card.content
    if "settings" not in content:
        raise GanMriError(
            f"{translator.path}: expected a model whose card says its settings, to build its "
            "network anew. Received one of an older version: continue its run with --resume, "
            "which exports it again."
        )
    try:
        method = recipes.get(content["recipe"], **content["settings"])
        task = method.task(tuple(content["contrasts"]))
        free = (*[None] * card.view.rank, card.channels)
        with precision("float32"):
            network = method.build_translators(free, task)[card.direction.name]
    except (GanMriError, KeyError, TypeError, ValueError) as error:
        raise _changed(translator, f"a card from which none can be built ({error})") from error
    variables = tf_variables(network.variables) + [s.count for s in random_streams(network)]
    values = translator.variables
    shapes = [tuple(variable.shape) for variable in variables]
    if shapes != [np.shape(value) for value in values]:
        raise _changed(translator, "tensors of other shapes")
    for variable, value in zip(variables, values):
        variable.assign(value)
    difference = _difference(network, translator)
    if not difference <= _TOLERANCE:
        raise _changed(translator, f"another one: they differ by {difference:.2g}")
    return network


def _difference(network, translator):
    """The largest, of one random image: settings may differ that no shape tells."""
    card, rng = translator.card, np.random.default_rng(0)
    slices = {name: 2 * card.neighbours[name] + 1 for name in card.inputs}
    slices |= {"reference": 1} if translator.takes_reference else {}
    shape = (1, *[_SIDE] * card.view.rank)
    inputs = {
        name: rng.uniform(-1, 1, (*shape, count * card.channels)).astype(np.float32)
        for name, count in slices.items()
    }
    if card.direction.noise:
        inputs[NOISE] = rng.uniform(-1, 1, (1, card.direction.noise)).astype(np.float32)
    images = {name: one for name, one in inputs.items() if name != "reference"}
    expected = translator(images, inputs.get("reference"))
    return float(np.abs(np.asarray(call_by_name(network, inputs)) - expected).max())


def _changed(translator, received):
    return GanMriError(
        f"{translator.path}: expected the network of {translator.card.content['recipe']} with the "
        f"settings of its card. Received {received}: the model or its card was changed."
    )
