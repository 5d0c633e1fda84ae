"""The settings of CycleGAN with colour histograms, and how its model is made of them."""

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
        Of equation 6. The paper gives none.
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
