"""An exported model, callable on arrays."""

import functools
import logging
from pathlib import Path

import numpy as np
import tensorflow as tf

from gan_mri.errors import GanMriError
from gan_mri.inference.card import Card
from gan_mri.inference.operations import check_operations
from gan_mri.inference.packed import is_packed
from gan_mri.inference.rebuilt import rebuilt_from_files
from gan_mri.networks.inputs import input_names
from gan_mri.tasks import NOISE

_log = logging.getLogger("gan_mri")

# What loading a SavedModel raises that is cut short or damaged: its loader trusts what it reads.
_UNLOADABLE = (
    OSError,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    AssertionError,
    RuntimeError,
    RecursionError,
    tf.errors.OpError,
)


class Translator:
    """A model of `gan_mri.inference.export`, callable on NumPy arrays.

    A SavedModel is a program. What runs is the network that is built anew from the recipe and
    the settings of the card, with the exported weights: of the file only numbers are taken.
    Where that is not possible (models of older versions, whose layers have changed since), the
    exported graph runs. Either way a graph that does more than compute is refused unread, see
    `gan_mri.inference.operations`. A packed model (`gan_mri.inference.packed`) has no graph.

    Parameters
    ----------
    path : str or Path
    trust : bool
        Run the exported graph, whatever it does.

    Attributes
    ----------
    card : gan_mri.inference.card.Card
    network : keras.Model or None
        That was built anew; None where the exported graph runs.

    Raises
    ------
    GanMriError
        If the folder is no such SavedModel, or its graph does more than compute.
    """

    def __init__(self, path, *, trust=False):
        self.path = Path(path)
        packed = is_packed(self.path)
        if not packed and not (self.path / "saved_model.pb").is_file():
            what = "a folder without it" if self.path.is_dir() else "no such folder"
            raise GanMriError(
                f"{path}: expected a SavedModel (a folder with saved_model.pb). Received: {what}."
            )
        self.card = Card.read(self.path)
        if packed:
            self.network, self._served = self._of_packed()
        else:
            if not trust:
                check_operations(self.path)
            self.network, self._served = (None if trust else self._rebuilt()) or (None, None)
        if self.network is None:
            self._served = _load(self.path)
            self._endpoints = dict(self._served.signatures)
            self._names = list(self._endpoints["serving_default"].structured_input_signature[1])
        else:
            self._names = input_names(self.network)
            self._endpoints = {
                name: functools.partial(_call, endpoint, self._names)
                for name, endpoint in self._served.endpoints.items()
            }

    def _of_packed(self):
        """The network of a model that holds no graph, so that there is no other way."""
        found = rebuilt_from_files(self.card, self.path)
        if found is None:
            raise GanMriError(
                f"{self.path}: expected a packed model: card, known translation and weights. "
                "Received one in which settings or translation are missing."
            )
        return found

    def _rebuilt(self):
        try:
            return rebuilt_from_files(self.card, self.path)
        except GanMriError as error:
            # The graph only computes, and is what was trained.
            _log.warning("%s The exported graph is run instead.", error)
            return None

    def __call__(self, images, references=None):
        """Translate images.

        Parameters
        ----------
        images : array-like (N, *spatial, C), or dict of them
            In [-1, 1]; a dict by the names of the inputs, which a model of several
            sources needs. Of a model that makes images out of noise: `(N, noise)`, see
            `gan_mri.tasks.Direction.draw_noise`.
        references : array-like, optional
            Where `takes_reference`, and only there: images of the target
            domain in [-1, 1], of any size. `(N, *spatial', C)`, or one for all
            images, `(*spatial', C)` or `(1, *spatial', C)`.

        Returns
        -------
        ndarray (N, *spatial, C)
            float32 in [-1, 1].

        Raises
        ------
        GanMriError
            For inputs that are missing, for references that are missing, not
            taken, or of another shape.
        """
        return self._run("serving_default", images, references)

    def sample(self, images, references=None):
        """One stochastic translation: as a call, but with noise and dropout."""
        return self._run("sample", images, references)

    @property
    def stochastic(self):
        """Whether `sample` is possible."""
        return "sample" in self._endpoints

    @property
    def takes_reference(self):
        """Whether every call needs references."""
        return "reference" in self._names

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
        inputs = self._named(images)
        self.check_reference(references)
        if references is not None:
            inputs["reference"] = self._checked(next(iter(inputs.values())), references)
        inputs = {name: tf.convert_to_tensor(array) for name, array in inputs.items()}
        return self._endpoints[signature](**inputs)["translation"].numpy()

    def _named(self, images):
        # Out of noise a model makes images of no image.
        names = list(self.card.inputs) or [NOISE]
        if not isinstance(images, dict):
            images = {names[0]: images} if len(names) == 1 else {}
        if set(images) != set(names):
            raise GanMriError(
                f"{self.path}: expected images for {', '.join(names)}, a dict by these names. "
                f"Received: {', '.join(images) or 'an array'}."
            )
        arrays = {name: np.asarray(images[name], np.float32) for name in names}
        for name, neighbours in self.card.neighbours.items():
            width = (2 * neighbours + 1) * self.card.channels
            if arrays[name].shape[-1:] != (width,):
                beside = f", with {neighbours} slices on either side" if neighbours else ""
                raise GanMriError(
                    f"{self.path}: expected images of {width} channel(s) for {name}{beside}. "
                    f"Received an array of shape {arrays[name].shape}."
                )
        return arrays

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


def _load(path):
    """The SavedModel as TensorFlow loads it."""
    try:
        # Kept whole: a signature alone does not keep its variables alive.
        loaded = tf.saved_model.load(str(path))
        loaded.signatures["serving_default"]
        return loaded
    except _UNLOADABLE as error:
        what = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise GanMriError(
            f"{path}: expected a SavedModel with the signature serving_default; "
            f"loading it failed: {what}"
        ) from error


def _call(endpoint, names, **inputs):
    return endpoint(*[inputs[name] for name in names])
