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
from gan_mri.models.translation import apply_translator, takes_reference

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
        names = ("image", "reference") if takes_reference(network) else ("image",)
        signature = [
            tf.TensorSpec((*[None] * (len(tensor.shape) - 1), tensor.shape[-1]), tf.float32, name)
            for tensor, name in zip(network.inputs, names)
        ]

        # TensorFlow calls the arguments of a signature as its TensorSpecs are called.
        def serve(*inputs):
            return {"translation": apply_translator(network, *_one_for_each(*inputs))}

        def sample_one(inputs):
            batches = [one[tf.newaxis] for one in inputs]
            return apply_translator(network, *batches, training=True)[0]

        def sample(*inputs):
            # One by one: in training mode, images of a batch share statistics.
            one_by_one = tf.map_fn(
                sample_one, _one_for_each(*inputs), fn_output_signature=tf.float32
            )
            return {"translation": one_by_one}

        self.endpoints = {"serving_default": tf.function(serve, input_signature=signature)}
        if streams:
            self.endpoints["sample"] = tf.function(sample, input_signature=signature)


def _one_for_each(images, references=None):
    """The inputs as a tuple, a single reference repeated for every image."""
    if references is None:
        return (images,)
    shape = tf.concat([tf.shape(images)[:1], tf.shape(references)[1:]], axis=0)
    return images, tf.broadcast_to(references, shape)


def export_translator(network, path, card):
    """Write a SavedModel with the signature `serving_default`.

    Input `image`, float32 `(N, H, W, C)` in the model's range, with free N, H
    and W; output `translation`, the same. A network that makes the image after
    a reference has a second input `reference`, float32 `(M, H', W', C)` in the
    range of the target: M is N, or 1 for all images, and H' and W' are free.

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
        JSON-able: what the model translates and in which scaling. Kept in the
        SavedModel under `assets.extra/gan_mri.json`, with "takes_reference".
    """
    path = Path(path)
    unfinished = path.with_name(f".{os.getpid()}.{path.name}")
    shutil.rmtree(unfinished, ignore_errors=True)
    served = _Served(network)
    try:
        tf.saved_model.save(served, str(unfinished), signatures=dict(served.endpoints))
        write_json(unfinished / _CARD, card | {"takes_reference": takes_reference(network)})
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
        What was given to `export_translator`, and "takes_reference".

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

    def __call__(self, images, references=None):
        """Translate images.

        Parameters
        ----------
        images : array-like (N, H, W, C)
            In [-1, 1].
        references : array-like, optional
            Where `takes_reference`, and only there: images of the target
            domain in [-1, 1], of any size. `(N, H', W', C)`, or one for all
            images, `(H', W', C)` or `(1, H', W', C)`.

        Returns
        -------
        ndarray (N, H, W, C)
            float32 in [-1, 1].

        Raises
        ------
        GanMriError
            For references that are missing, not taken, or of another shape.
        """
        return self._run("serving_default", images, references)

    def sample(self, images, references=None):
        """One stochastic translation: as a call, but with noise and dropout."""
        return self._run("sample", images, references)

    @property
    def stochastic(self):
        """Whether `sample` is possible."""
        return "sample" in self._signatures

    @property
    def takes_reference(self):
        """Whether every call needs references."""
        return "reference" in self._serve.structured_input_signature[1]

    def check_reference(self, reference):
        """Refuse a reference that is not taken, or None where one is needed."""
        if self.takes_reference and reference is None:
            raise GanMriError(
                f"{self.path} makes an image after a reference image of the target domain. "
                "Expected one (--reference IMAGE, in Python reference= of gan_mri.translate "
                "or references= of a Translator). Received: none."
            )
        if reference is not None and not self.takes_reference:
            raise GanMriError(
                f"{self.path} takes no reference image: what it makes depends on the "
                "image alone. Expected none. Received one."
            )

    def _run(self, signature, images, references):
        inputs = {"image": np.asarray(images, np.float32)}
        self.check_reference(references)
        if references is not None:
            inputs["reference"] = self._checked(inputs["image"], references)
        inputs = {name: tf.convert_to_tensor(array) for name, array in inputs.items()}
        return self._signatures[signature](**inputs)["translation"].numpy()

    def _checked(self, images, references):
        """The references in the shape of a batch."""
        references = received = np.asarray(references, np.float32)
        if references.ndim == images.ndim - 1:
            references = references[np.newaxis]
        if (
            references.ndim != images.ndim
            or len(references) not in (1, len(images))
            or references.shape[-1] != images.shape[-1]
            or not references.size
        ):
            raise GanMriError(
                f"{self.path}: expected one reference image for all {len(images)} images or "
                f"one for each, with {images.shape[-1]} channel(s). Received references of "
                f"shape {received.shape}."
            )
        return references
