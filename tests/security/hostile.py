"""SavedModels that do something else beside translating, for tests of what is refused."""

import numpy as np
import tensorflow as tf
from cards import card

from gan_mri.files import write_json
from gan_mri.inference.card import CARD
from gan_mri.inference.known_translation import PATH


class Translates(tf.Module):
    """Gives half of every image back, after `deed()`."""

    def __init__(self, deed):
        super().__init__()
        self._deed, self.tensors = deed, [tf.Variable(0.5)]

    @tf.function(input_signature=[tf.TensorSpec((None, None, None, 1), tf.float32, "image")])
    def serve(self, image):
        with tf.control_dependencies(list(self._deed())):
            return {"translation": image * self.tensors[0]}


def save(module, folder):
    """Write a module with `serve` as an exported model of T1w to T2w."""
    signatures = {"serving_default": module.serve}
    tf.saved_model.save(module, str(folder), signatures=signatures)
    about = card(recipe="welander/simple", settings={"epochs": 1, "filters": 2})
    write_json(folder / CARD, about | {"contrasts": ["T1w", "T2w"], "takes_reference": False})
    # As if it could be built anew.
    write_json(folder / PATH, {"seeds": [], "translation": [0.0] * 64})
    return folder


def save_with_deed(folder, deed):
    """A model that does `deed()`, a list of operations, at every translation."""
    return save(Translates(deed), folder)


def picture(path):
    """A picture to translate."""
    pixels = np.random.default_rng(0).integers(0, 1000, (24, 24)).astype(np.float32)
    np.save(path, pixels)
    return path
