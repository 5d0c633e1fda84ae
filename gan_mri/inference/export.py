"""Translators as SavedModels that need no gan_mri to run."""

import tensorflow as tf

from gan_mri.backend import precision, tf_variables
from gan_mri.files import replacing_folder, write_json
from gan_mri.inference.card import CARD
from gan_mri.inference.known_translation import write_known_translation
from gan_mri.layers import random_streams
from gan_mri.networks.inputs import call_by_name, input_names


class Served(tf.Module):
    """A network behind the signature `serving_default`.

    Holds the variables and nothing of Keras, so that the file does not depend
    on a Keras generation.

    Parameters
    ----------
    network : keras.Model
        With free spatial sizes, in float32.

    Attributes
    ----------
    tensors : list of tf.Variable
    endpoints : dict of str to tf.function
        By the name of the signature, see `export_translator`.
    """

    def __init__(self, network):
        super().__init__()
        streams = random_streams(network)
        self.tensors = tf_variables(network.variables) + [s.count for s in streams]
        names = input_names(network)
        signature = [
            tf.TensorSpec((*[None] * (len(tensor.shape) - 1), tensor.shape[-1]), tf.float32, name)
            for tensor, name in zip(network.inputs, names)
        ]

        # TensorFlow calls the arguments of a signature as its TensorSpecs are called.
        def serve(*inputs):
            batches = _one_for_each(dict(zip(names, inputs)))
            return {"translation": call_by_name(network, batches)}

        def sample_one(inputs):
            batches = {name: one[tf.newaxis] for name, one in inputs.items()}
            return call_by_name(network, batches, training=True)[0]

        def sample(*inputs):
            # One by one: in training mode, images of a batch share statistics.
            batches = _one_for_each(dict(zip(names, inputs)))
            one_by_one = tf.map_fn(sample_one, batches, fn_output_signature=tf.float32)
            return {"translation": one_by_one}

        self.endpoints = {"serving_default": tf.function(serve, input_signature=signature)}
        if streams:
            self.endpoints["sample"] = tf.function(sample, input_signature=signature)


def _one_for_each(inputs):
    """The inputs, a single reference repeated for every image."""
    if "reference" not in inputs:
        return inputs
    images = next(batch for name, batch in inputs.items() if name != "reference")
    reference = inputs["reference"]
    shape = tf.concat([tf.shape(images)[:1], tf.shape(reference)[1:]], axis=0)
    return inputs | {"reference": tf.broadcast_to(reference, shape)}


def export_translator(network, path, card):
    """Write a SavedModel with the signature `serving_default`.

    Inputs are float32 `(N, *spatial, C)` in the model's range, with free N and
    spatial sizes: `image`, or the domains of several sources; output
    `translation`, the same. A network that makes the image after a reference
    has a further input `reference`, float32 `(M, *spatial', C)` in the range of
    the target: M is N, or 1 for all images, and its sizes are free.

    A network with noise or dropout (UNIT) has a second signature, `sample`,
    which draws them: another translation at every call; `serving_default`
    leaves them out. The draws go on from the state that was exported, so every
    process that loads the file draws the same ones in the same order.

    Parameters
    ----------
    network : keras.Model
        With free spatial sizes, in float32.
    path : str or Path
        The folder to write; an older one is replaced when the new one is
        complete.
    card : dict
        JSON-able: what the model translates and in which scaling, see
        `gan_mri.inference.card`. Kept in the SavedModel under
        `assets.extra/gan_mri.json`, with "takes_reference". Beside it lies what the network
        makes of one image, see `gan_mri.inference.known_translation`.
    """
    served = Served(network)
    takes_reference = "reference" in input_names(network)
    with replacing_folder(path, also=(tf.errors.OpError,)) as unfinished:
        tf.saved_model.save(served, str(unfinished), signatures=dict(served.endpoints))
        write_json(unfinished / CARD, card | {"takes_reference": takes_reference})
        write_known_translation(
            unfinished, served.endpoints["serving_default"], random_streams(network)
        )


def export_translators(model, method, task, folder, cards):
    """Every direction of a trained model as a SavedModel.

    Parameters
    ----------
    model : gan_mri.models.translation.Translation
    method : gan_mri.recipes.recipe.Recipe
        With the settings of the model.
    task : gan_mri.tasks.Task
    folder : Path
        Takes a folder for each direction.
    cards : dict of str to dict
        By direction, see `gan_mri.inference.card.make_card`.
    """
    trained = model.exported_translators
    first = next(iter(cards.values()))
    free = (*[None] * len(first["view"]["geometry"]["size"]), first["channels"])
    with precision("float32"):
        networks = method.build_translators(free, task)
    for name, network in networks.items():
        network.set_weights(trained[name].get_weights())
        export_translator(network, folder / name, cards[name])
