"""UNIT's settings, and how its model is made of them: for every paper that uses it."""

import dataclasses

from gan_mri.errors import GanMriError
from gan_mri.recipes.recipe import ADVERSARIAL, Recipe, at_least, free_sizes, one_of


@dataclasses.dataclass(frozen=True, kw_only=True)
class UNIT(Recipe):
    """UNIT: unpaired, with a code that both contrasts share.

    Fields
    ------
    filters, residual_blocks
        Of encoders and generators, see `gan_mri.networks.unit`.
    noise, dropout : float or bool
        Standard deviation and rate; True is the usual value, False is none.
    discriminator_filters : int
    kl_weight, image_weight, adversarial_weight
        Of the losses, see `gan_mri.models.UNIT`.
    initializer : str
        "glorot_uniform", as it really is in the 2018 code, or "normal"
        (standard deviation 0.02), as that code means it to be.
    weight_decay : float
        0, as it really is in the 2018 code; it means to use 5e-5.
    spectral_normalization : bool
        On every convolution of every network.
    attention : str
        Self-attention at the end of the "encoder"s, or after the residual
        blocks of the "generator"s; "none" without.
    image_loss : str
        "mean_absolute_error" or "charbonnier", of reconstructions and cycles.
    charbonnier_epsilon : float
        See `gan_mri.losses.charbonnier`; for images in [-1, 1].
    adversarial : str
        See `gan_mri.losses.adversarial`.
    recompute : bool
        Compute residual blocks again in the backward pass instead of keeping their maps.
    channels : int
        Of the networks: 0 as many as the images have; 3 shows grey images as
        RGB, 1 shows RGB images as grey.
    """

    filters: int = at_least(1)
    residual_blocks: int = at_least(0)
    noise: float = at_least(0.0)
    dropout: float = at_least(0.0)
    discriminator_filters: int = at_least(1)
    kl_weight: float = at_least(0.0)
    image_weight: float = at_least(0.0)
    adversarial_weight: float = at_least(0.0)
    adversarial: str = one_of(*ADVERSARIAL)
    initializer: str = one_of("glorot_uniform", "normal")
    weight_decay: float = at_least(0.0)
    spectral_normalization: bool
    attention: str = one_of("none", "encoder", "generator")
    image_loss: str = one_of("mean_absolute_error", "charbonnier")
    charbonnier_epsilon: float = at_least(0.0)
    channels: int = at_least(0)
    recompute: bool = False

    def __post_init__(self):
        # On and off are spelled True and False too.
        for name, usual in (("noise", 1.0), ("dropout", 0.5)):
            if isinstance(getattr(self, name), bool):
                object.__setattr__(self, name, usual if getattr(self, name) else 0.0)
        super().__post_init__()
        if self.dropout >= 1:
            raise GanMriError(f"dropout must be below 1. Received: {self.dropout!r}.")
        if self.channels not in (0, 1, 3):
            raise GanMriError(
                "channels must be 0 (as the images), 1 (grey) or 3 (RGB). "
                f"Received: {self.channels!r}."
            )
        if self.image_loss == "charbonnier" and not self.charbonnier_epsilon:
            raise GanMriError(
                "charbonnier_epsilon must be above 0, or the gradient at 0 is none. "
                f"Received: {self.charbonnier_epsilon!r}."
            )

    def build_model(self, image_shape, *, task, seed):
        from gan_mri import losses, models, networks

        free = self._network_shape(image_shape)
        discriminators = {
            f"discriminator_{domain}": networks.unit_discriminator(
                free,
                filters=self.discriminator_filters,
                initializer=self._initializer(),
                spectral_normalization=self.spectral_normalization,
                name=f"discriminator_{domain}",
            )
            for domain in "AB"
        }
        return models.UNIT(
            **self._autoencoders(free, seed),
            **discriminators,
            kl_weight=self.kl_weight,
            image_weight=self.image_weight,
            adversarial_weight=self.adversarial_weight,
            image_loss=(
                losses.charbonnier(self.charbonnier_epsilon)
                if self.image_loss == "charbonnier"
                else losses.mean_absolute_error
            ),
            image_channels=image_shape[-1],
            weight_decay=self.weight_decay,
            adversarial=self.adversarial,
            image_losses=self.image_losses,
            seed=seed,
        )

    def build_translators(self, image_shape, task):
        from gan_mri.networks.unit_translator import compose_translator

        parts = self._autoencoders(self._network_shape(image_shape), seed=0)
        return {
            f"{source}2{target}": compose_translator(
                parts[f"encoder_{source}"],
                parts["shared_encoder"],
                parts["shared_decoder"],
                parts[f"generator_{target}"],
                channels=image_shape[-1],
                name=f"{source}2{target}",
            )
            for source, target in ("AB", "BA")
        }

    def _autoencoders(self, image_shape, seed):
        """The six networks between an image and an image, by name."""
        from gan_mri import networks
        from gan_mri.layers import RandomStream

        style = {
            "dropout": self.dropout,
            "stream": RandomStream(seed),
            "initializer": self._initializer(),
            "spectral_normalization": self.spectral_normalization,
            "recompute": self.recompute,
        }
        code = (*image_shape[:-1], 4 * self.filters)
        parts = {
            f"encoder_{domain}": networks.unit_encoder(
                image_shape,
                filters=self.filters,
                residual_blocks=self.residual_blocks,
                attention=self.attention == "encoder",
                name=f"encoder_{domain}",
                **style,
            )
            for domain in "AB"
        }
        parts["shared_encoder"] = networks.unit_shared_encoder(
            code, noise=self.noise, name="shared_encoder", **style
        )
        parts["shared_decoder"] = networks.unit_shared_decoder(code, name="shared_decoder", **style)
        for domain in "AB":
            parts[f"generator_{domain}"] = networks.unit_generator(
                code,
                output_channels=image_shape[-1],
                residual_blocks=self.residual_blocks,
                attention=self.attention == "generator",
                name=f"generator_{domain}",
                **style,
            )
        return parts

    def _network_shape(self, image_shape):
        """Of the images as the networks see them, of free size."""
        return (*free_sizes(image_shape)[:-1], self.channels or image_shape[-1])

    def _initializer(self):
        if self.initializer == "normal":
            # Not an object: one object gives all kernels of a shape the same values.
            return {
                "class_name": "RandomNormal",
                "config": {"mean": 0.0, "stddev": 0.02},
            }
        return self.initializer
