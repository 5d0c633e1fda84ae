"""Wada and Kobayashi (paper 000): translation with the colours of a reference image.

"Unsupervised image-to-image translation from MRI-based simulated images to
realistic images reflecting specific color characteristics". The paper trains
on 477 rendered knees (of MRI of the OsteoArthritis Initiative) and 438
photographs, 256 x 256, for 400 epochs, and tests every one of 28 x 28
combinations of a rendering and a photograph.
"""

import dataclasses

from gan_mri.errors import GanMriError
from gan_mri.recipes.recipe import ADVERSARIAL, Recipe, at_least, free_sizes, one_of

_ROUTES = {"none": (), "outbound": ("A2B",), "round_trip": ("A2B", "B2A")}


@dataclasses.dataclass(frozen=True, kw_only=True)
class HistogramCycleGAN(Recipe):
    """CycleGAN with colour histograms, in its options; see `gan_mri.models.HistogramCycleGAN`.

    Fields
    ------
    filters, residual_blocks, resize_convolution, residual_padding
        Of the generators, see `gan_mri.networks.histogram_generator`. The
        paper says "original CycleGAN": 64 filters and 9 blocks, mirrored.
    discriminator_filters : int
    normalization, spectral_normalization
        Of all four networks.
    decoder_normalization
        Of generators that are given histograms, after these are joined.
    histograms : str
        Which generators are given the histograms of a reference image:
        "none", "outbound" (A2B alone) or "round_trip" (both).
    histogram_loss : str
        Whose translations are compared with their references: the same words.
    bins : int
        Of a histogram of one channel.
    bandwidth : float
        Of its kernel, in units of intensity, [-1, 1]. The paper gives none. A
        narrow one tells a generator nothing of colours that are further away.
    adversarial_weight, cycle_weight, identity_weight, histogram_weight
        Of equation 6. The paper gives none. 1, 10 and 5 are CycleGAN's own.
        For the last and for the bandwidth, method 6 was trained for 900 steps
        on 148 + 148 procedural knees of 64 x 64 (32 filters, 4 blocks): the
        colour difference to 12 unseen references was 7.7 with a weight of 10
        and a bandwidth of 0.02, 6.7 with 30 and 0.1. (With instance
        normalisation in the decoder, 11.1 with 30 and 0.02.)
    adversarial, pool_size, recompute
        See `gan_mri.models.CycleGAN`, `gan_mri.networks.resnet_generator`.
    """

    filters: int = at_least(1)
    residual_blocks: int = at_least(0)
    resize_convolution: bool
    residual_padding: str = one_of("reflect", "same")
    normalization: str = one_of("instance", "addons", "none")
    decoder_normalization: str = one_of("none", "instance", "addons")
    spectral_normalization: bool
    discriminator_filters: int = at_least(1)
    histograms: str = one_of("none", "outbound", "round_trip")
    histogram_loss: str = one_of("none", "outbound", "round_trip")
    bins: int = at_least(2)
    bandwidth: float = at_least(0.0)
    adversarial_weight: float = at_least(0.0)
    cycle_weight: float = at_least(0.0)
    identity_weight: float = at_least(0.0)
    histogram_weight: float = at_least(0.0)
    adversarial: str = one_of(*ADVERSARIAL)
    pool_size: int = at_least(0)
    recompute: bool = False

    def __post_init__(self):
        super().__post_init__()
        if not self.bandwidth:
            raise GanMriError("bandwidth must be above 0. Received: 0.0.")

    @property
    def built_in_data(self):
        return "knees"

    def build_model(self, image_shape, *, task, seed):
        # Imported here so that the list of recipes costs no TensorFlow.
        from gan_mri import models, networks

        free = free_sizes(image_shape)
        discriminators = {
            name: networks.patch_discriminator(
                free,
                filters=self.discriminator_filters,
                normalization=self.normalization,
                spectral_normalization=self.spectral_normalization,
                name=name,
            )
            for name in ("D_A", "D_B")
        }
        return models.HistogramCycleGAN(
            **{f"G_{name}": network for name, network in self._generators(free).items()},
            **discriminators,
            bins=self.bins,
            bandwidth=self.bandwidth,
            adversarial_weight=self.adversarial_weight,
            cycle_weight=self.cycle_weight,
            identity_weight=self.identity_weight,
            histogram_weight=self.histogram_weight,
            histogram_losses=_ROUTES[self.histogram_loss],
            adversarial=self.adversarial,
            image_losses=self.image_losses,
            pool_size=self.pool_size,
            image_shape=image_shape,
            seed=seed,
        )

    def build_translators(self, image_shape, task):
        from gan_mri.models.histogram_cyclegan import compose_translator

        return {
            direction: compose_translator(generator, self.bandwidth, name=direction)
            for direction, generator in self._generators(free_sizes(image_shape)).items()
        }

    def _generators(self, image_shape):
        """The generators by direction, with and without an input for a histogram."""
        from gan_mri import networks

        style = {
            "filters": self.filters,
            "residual_blocks": self.residual_blocks,
            "resize_convolution": self.resize_convolution,
            "residual_padding": self.residual_padding,
            "normalization": self.normalization,
            "spectral_normalization": self.spectral_normalization,
            "recompute": self.recompute,
        }
        generators = {}
        for direction in ("A2B", "B2A"):
            name = f"G_{direction}"
            if direction in _ROUTES[self.histograms]:
                generators[direction] = networks.histogram_generator(
                    image_shape,
                    bins=self.bins,
                    decoder_normalization=self.decoder_normalization,
                    name=name,
                    **style,
                )
            else:
                generators[direction] = networks.resnet_generator(image_shape, name=name, **style)
        return generators


def method1():
    """Method 1, the original CycleGAN. The paper's colour difference: 14.1.

    Command: `python -m gan_mri.train wada/method1 --data knees --out runs/wada1`
    """
    return HistogramCycleGAN(
        epochs=400,
        decay_epoch=200,
        batch_size=1,
        learning_rate=0.0002,
        beta_1=0.5,
        beta_2=0.999,
        filters=64,
        residual_blocks=9,
        resize_convolution=False,
        residual_padding="reflect",
        normalization="instance",
        decoder_normalization="none",
        spectral_normalization=False,
        discriminator_filters=64,
        histograms="none",
        histogram_loss="none",
        bins=256,
        bandwidth=0.1,
        adversarial_weight=1.0,
        cycle_weight=10.0,
        identity_weight=5.0,
        histogram_weight=30.0,
        adversarial="least_squares",
        pool_size=50,
    )


def method2():
    """Method 2, CycleGAN with spectral normalisation. The paper's colour difference: 13.7.

    Command: `python -m gan_mri.train wada/method2 --data knees --out runs/wada2`
    """
    return HistogramCycleGAN(
        epochs=400,
        decay_epoch=200,
        batch_size=1,
        learning_rate=0.0002,
        beta_1=0.5,
        beta_2=0.999,
        filters=64,
        residual_blocks=9,
        resize_convolution=False,
        residual_padding="reflect",
        normalization="instance",
        decoder_normalization="none",
        spectral_normalization=True,
        discriminator_filters=64,
        histograms="none",
        histogram_loss="none",
        bins=256,
        bandwidth=0.1,
        adversarial_weight=1.0,
        cycle_weight=10.0,
        identity_weight=5.0,
        histogram_weight=30.0,
        adversarial="least_squares",
        pool_size=50,
    )


def method3():
    """Method 3, method 2 with the histogram loss. The paper's colour difference: 13.0.

    The generators do not see what they shall resemble: the reference is the
    image of the other domain in the batch.

    Command: `python -m gan_mri.train wada/method3 --data knees --out runs/wada3`
    """
    return HistogramCycleGAN(
        epochs=400,
        decay_epoch=200,
        batch_size=1,
        learning_rate=0.0002,
        beta_1=0.5,
        beta_2=0.999,
        filters=64,
        residual_blocks=9,
        resize_convolution=False,
        residual_padding="reflect",
        normalization="instance",
        decoder_normalization="none",
        spectral_normalization=True,
        discriminator_filters=64,
        histograms="none",
        histogram_loss="round_trip",
        bins=256,
        bandwidth=0.1,
        adversarial_weight=1.0,
        cycle_weight=10.0,
        identity_weight=5.0,
        histogram_weight=30.0,
        adversarial="least_squares",
        pool_size=50,
    )


def method4():
    """Method 4, method 2 with histograms as input. The paper's colour difference: 8.9.

    Command: `python -m gan_mri.train wada/method4 --data knees --out runs/wada4`
    """
    return HistogramCycleGAN(
        epochs=400,
        decay_epoch=200,
        batch_size=1,
        learning_rate=0.0002,
        beta_1=0.5,
        beta_2=0.999,
        filters=64,
        residual_blocks=9,
        resize_convolution=False,
        residual_padding="reflect",
        normalization="instance",
        decoder_normalization="none",
        spectral_normalization=True,
        discriminator_filters=64,
        histograms="round_trip",
        histogram_loss="none",
        bins=256,
        bandwidth=0.1,
        adversarial_weight=1.0,
        cycle_weight=10.0,
        identity_weight=5.0,
        histogram_weight=30.0,
        adversarial="least_squares",
        pool_size=50,
    )


def method5():
    """Method 5, input and loss of histograms for A2B alone. The paper's colour difference: 5.0.

    Command: `python -m gan_mri.train wada/method5 --data knees --out runs/wada5`
    """
    return HistogramCycleGAN(
        epochs=400,
        decay_epoch=200,
        batch_size=1,
        learning_rate=0.0002,
        beta_1=0.5,
        beta_2=0.999,
        filters=64,
        residual_blocks=9,
        resize_convolution=False,
        residual_padding="reflect",
        normalization="instance",
        decoder_normalization="none",
        spectral_normalization=True,
        discriminator_filters=64,
        histograms="outbound",
        histogram_loss="outbound",
        bins=256,
        bandwidth=0.1,
        adversarial_weight=1.0,
        cycle_weight=10.0,
        identity_weight=5.0,
        histogram_weight=30.0,
        adversarial="least_squares",
        pool_size=50,
    )


def method6():
    """Method 6, input and loss of histograms for both. The paper's colour difference: 4.6.

    Command: `python -m gan_mri.train wada/method6 --data knees --out runs/wada6`,
    then `python -m gan_mri.translate runs/wada6 RENDERING OUTPUT --reference PHOTOGRAPH`
    """
    return HistogramCycleGAN(
        epochs=400,
        decay_epoch=200,
        batch_size=1,
        learning_rate=0.0002,
        beta_1=0.5,
        beta_2=0.999,
        filters=64,
        residual_blocks=9,
        resize_convolution=False,
        residual_padding="reflect",
        normalization="instance",
        decoder_normalization="none",
        spectral_normalization=True,
        discriminator_filters=64,
        histograms="round_trip",
        histogram_loss="round_trip",
        bins=256,
        bandwidth=0.1,
        adversarial_weight=1.0,
        cycle_weight=10.0,
        identity_weight=5.0,
        histogram_weight=30.0,
        adversarial="least_squares",
        pool_size=50,
    )


RECIPES = {
    "wada/method1": method1,
    "wada/method2": method2,
    "wada/method3": method3,
    "wada/method4": method4,
    "wada/method5": method5,
    "wada/method6": method6,
}
