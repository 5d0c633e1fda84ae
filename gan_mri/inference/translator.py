"""An exported model, callable on arrays."""

from pathlib import Path

import numpy as np
import tensorflow as tf

from gan_mri.errors import GanMriError
from gan_mri.inference.card import Card
from gan_mri.tasks import NOISE


class Translator:
    """A SavedModel of `gan_mri.inference.export`, callable on NumPy arrays.

    Parameters
    ----------
    path : str or Path

    Attributes
    ----------
    card : gan_mri.inference.card.Card

    Raises
    ------
    GanMriError
        If the folder is no such SavedModel.
    """

    def __init__(self, path):
        self.path = Path(path)
        if not (self.path / "saved_model.pb").is_file():
            what = "a folder without it" if self.path.is_dir() else "no such folder"
            raise GanMriError(
                f"{path}: expected a SavedModel (a folder with saved_model.pb). Received: {what}."
            )
        self.card = Card.read(self.path)
        try:
            # Kept: a signature alone does not keep its variables alive.
            self._loaded = tf.saved_model.load(str(self.path))
            self._signatures = dict(self._loaded.signatures)
            self._serve = self._signatures["serving_default"]
        except (OSError, ValueError, KeyError, IndexError, tf.errors.OpError) as error:
            raise GanMriError(
                f"{path}: expected a SavedModel with the signature serving_default; "
                f"loading it failed: {str(error).splitlines()[0]}"
            ) from error

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
        return "sample" in self._signatures

    @property
    def takes_reference(self):
        """Whether every call needs references."""
        return "reference" in self._serve.structured_input_signature[1]

    @property
    def variables(self):
        """Values of the network's variables, in the network's order."""
        return [variable.numpy() for variable in self._loaded.tensors]

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
        return self._signatures[signature](**inputs)["translation"].numpy()

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
