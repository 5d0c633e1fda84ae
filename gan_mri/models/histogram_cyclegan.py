"""CycleGAN whose generators are told the colours that a translation shall have."""

import keras
import tensorflow as tf

from gan_mri import losses
from gan_mri.errors import GanMriError
from gan_mri.histogram import color_histogram
from gan_mri.layers import ColorHistogram
from gan_mri.models.cyclegan import CycleGAN
from gan_mri.networks.inputs import input_names
from gan_mri.tasks import Term


@keras.saving.register_keras_serializable(package="gan_mri")
class HistogramCycleGAN(CycleGAN):
    """CycleGAN with colour histograms as input of the generators and in their loss.

    The update is that of `CycleGAN` (steps 1 to 3), with these differences
    (Wada and Kobayashi, paper 000):

    * a generator with an input `histogram` is given the colour histograms of
      a reference image of its target domain: the image of that domain in the
      batch, and for the way back of a cycle the image that the cycle began
      with;
    * step 3 has two more terms (equation 6): `identity_weight` times the mean
      absolute errors of an image that is translated to its own domain, and
      `histogram_weight` times the distances (equation 7) between the
      histograms of the translations and of their references.

    Parameters
    ----------
    G_A2B, G_B2A, D_A, D_B : keras.Model
        As in `CycleGAN`; generators of `gan_mri.networks.histogram_generator`
        take histograms, others do not.
    bins : int
    bandwidth : float
        Of the histograms, see `gan_mri.histogram.color_histogram`.
    identity_weight : float
    histogram_weight : float
    histogram_losses : sequence of str
        The directions whose translations are compared with their references.
    **options
        Of `CycleGAN`, but for identity_modulus.

    Raises
    ------
    GanMriError
        For an `identity_modulus`: identity is a term of this system's loss.
    """

    def __init__(
        self,
        G_A2B,
        G_B2A,
        D_A,
        D_B,
        *,
        bins=256,
        bandwidth=0.1,
        identity_weight=5.0,
        histogram_weight=30.0,
        histogram_losses=("A2B", "B2A"),
        name="histogram_cyclegan",
        **options,
    ):
        if options.get("identity_modulus"):
            raise GanMriError(
                "identity_modulus: expected 0, as identity is a term of the loss here, weighed by "
                f"identity_weight. Received: {options['identity_modulus']!r}."
            )
        super().__init__(G_A2B, G_B2A, D_A, D_B, name=name, **options)
        self.bins, self.bandwidth = bins, bandwidth
        self.identity_weight = identity_weight
        self.histogram_weight = histogram_weight
        self.histogram_losses = tuple(histogram_losses)
        self._translators = {
            direction: compose_translator(generator, bandwidth, name=direction)
            for direction, generator in (("A2B", G_A2B), ("B2A", G_B2A))
        }

    @property
    def translators(self):
        return self._translators

    @property
    def terms(self):
        terms = super().terms
        for domain, direction in (("A", "B2A"), ("B", "A2B")):
            if self.identity_weight:
                terms[f"identity_{domain}"] = Term("image", self.identity_weight, direction)
            if self.histogram_weight and direction in self.histogram_losses:
                terms[f"histogram_{domain}"] = Term("image", self.histogram_weight, direction)
        return terms

    def _translations_and_losses(self, A, B):
        histograms = {"B2A": self._histogram(A), "A2B": self._histogram(B)}
        fake_A, fake_B, image_losses = super()._translations_and_losses(A, B, histograms)
        if self.identity_weight:
            for domain, images, direction in (("A", A, "B2A"), ("B", B, "A2B")):
                same = self._generate(direction, images, histograms)
                image_losses[f"identity_{domain}"] = losses.mean_absolute_error(images, same)
        if self.histogram_weight:
            for direction in self.histogram_losses:
                fake = fake_B if direction == "A2B" else fake_A
                image_losses[f"histogram_{direction[-1]}"] = losses.histogram_distance(
                    histograms[direction], self._histogram(fake)
                )
        return fake_A, fake_B, image_losses

    def _histogram(self, images):
        return color_histogram(images, self.bins, self.bandwidth)


def compose_translator(generator, bandwidth, *, name):
    """The network that translates an image, like a reference image where it takes a histogram.

    Parameters
    ----------
    generator : keras.Model
        Of an image, or of an image and a histogram.
    bandwidth : float
        Of the reference's histogram.
    name : str

    Returns
    -------
    keras.Model
        Of the input `image` and, for a generator that takes a histogram, the
        input `reference` `(N, H', W', C)` in [-1, 1], of any size.
    """
    if "histogram" not in input_names(generator):
        return generator
    dtype = tf.as_dtype(generator.outputs[0].dtype).name
    image_shape, (_, channels, bins) = generator.input_shape
    image = keras.Input(image_shape[1:], name="image", dtype=dtype)
    free = [None] * (len(image_shape) - 2)
    reference = keras.Input((*free, channels), name="reference", dtype=dtype)
    histogram = ColorHistogram(bins, bandwidth, dtype=dtype)(reference)
    return keras.Model([image, reference], generator([image, histogram]), name=name)
