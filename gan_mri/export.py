"""Translators as SavedModels that need no gan_mri to run."""

import os
import shutil
from pathlib import Path

import numpy as np
import tensorflow as tf

from gan_mri.backend import tf_variables
from gan_mri.errors import GanMriError
from gan_mri.files import read_json, write_json
from gan_mri.layers import random_streams

#: TensorFlow leaves this folder of a SavedModel to the application.
_CARD = Path("assets.extra") / "gan_mri.json"


class _Served(tf.Module):
    """A network behind the signature `serving_default`.

    Holds the variables and nothing of Keras, so that the file does not depend
    on a Keras generation.
    """

    def __init__(self, network):
        super().__init__()
        streams = random_streams(network)
        self.tensors = tf_variables(network.variables) + [s.count for s in streams]
        rank, channels = len(network.input_shape) - 2, network.input_shape[-1]
        image = tf.TensorSpec((None, *[None] * rank, channels), tf.float32, "image")

        def serve(image):
            return {"translation": network(image)}

        def sample_one(image):
            return network(image[tf.newaxis], training=True)[0]

        def sample(image):
            # One by one: in training mode, images of a batch share statistics.
            return {"translation": tf.map_fn(sample_one, image)}

        self.endpoints = {"serving_default": tf.function(serve, input_signature=[image])}
        if streams:
            self.endpoints["sample"] = tf.function(sample, input_signature=[image])


def export_translator(network, path, card):
    """Write a SavedModel with the signature `serving_default`.

    Input `image`, float32 `(N, H, W, C)` in the model's range, with free N, H
    and W; output `translation`, the same. A network with noise or dropout
    (UNIT) has a second signature, `sample`, which draws them: another
    translation at every call; `serving_default` leaves them out.

    Parameters
    ----------
    network : keras.Model
        With free spatial sizes, in float32.
    path : str or Path
        The folder to write; an older one is replaced when the new one is
        complete.
    card : dict
        JSON-able: what the model translates and in which scaling. Kept in the
        SavedModel under `assets.extra/gan_mri.json`.
    """
    path = Path(path)
    unfinished = path.with_name(f".{os.getpid()}.{path.name}")
    shutil.rmtree(unfinished, ignore_errors=True)
    served = _Served(network)
    try:
        tf.saved_model.save(
            served, str(unfinished), signatures=dict(served.endpoints)
        )
        write_json(unfinished / _CARD, card)
        shutil.rmtree(path, ignore_errors=True)
        os.replace(unfinished, path)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


class Translator:
    """A SavedModel of `export_translator`, callable on NumPy arrays.

    Parameters
    ----------
    path : str or Path

    Attributes
    ----------
    card : dict
        What was given to `export_translator`.

    Raises
    ------
    GanMriError
        If the folder is no such SavedModel.
    """

    def __init__(self, path):
        self.path = Path(path)
        if not (self.path / "saved_model.pb").is_file():
            raise GanMriError(
                f"{path}: expected a SavedModel (a folder with saved_model.pb). "
                f"Received: {'a folder without it' if self.path.is_dir() else 'no such folder'}."
            )
        self.card = read_json(self.path / _CARD)
        try:
            # Kept: a signature alone does not keep its variables alive.
            self._loaded = tf.saved_model.load(str(self.path))
            self._signatures = dict(self._loaded.signatures)
            self._serve = self._signatures["serving_default"]
        except (OSError, ValueError, KeyError, tf.errors.OpError) as error:
            raise GanMriError(
                f"{path}: expected a SavedModel with the signature serving_default; "
                f"loading it failed: {str(error).splitlines()[0]}"
            ) from error

    def __call__(self, images):
        """Translate `(N, H, W, C)` float32 in [-1, 1] to the same shape and range."""
        images = tf.convert_to_tensor(np.asarray(images, np.float32))
        return self._serve(image=images)["translation"].numpy()

    @property
    def stochastic(self):
        """Whether `sample` is possible."""
        return "sample" in self._signatures

    def sample(self, images):
        """One stochastic translation: as a call, but with noise and dropout."""
        images = tf.convert_to_tensor(np.asarray(images, np.float32))
        return self._signatures["sample"](image=images)["translation"].numpy()
