"""pix2pix's two networks, for the systems that hold them."""

import dataclasses

from gan_mri.recipes.recipe import Recipe, at_least, one_of


@dataclasses.dataclass(frozen=True, kw_only=True)
class Pix2PixNetworks(Recipe):
    """A U-Net, and a discriminator that sees the source beside the image.

    Fields
    ------
    filters, levels, dropout
        Of the U-Net, see `gan_mri.networks.unet_generator`; 0 levels: as many as the
        image size allows, at most 8.
    discriminator_filters, discriminator_levels
        See `gan_mri.networks.conditional_discriminator`.
    normalization
        Of both networks.
    """

    filters: int = at_least(1)
    levels: int = at_least(0)
    dropout: float = at_least(0.0)
    discriminator_filters: int = at_least(1)
    discriminator_levels: int = at_least(1)
    normalization: str = one_of("instance", "addons", "batch", "none")

    def for_shape(self, image_shape):
        if self.levels:
            return self
        from gan_mri.networks.unet import levels_for

        return dataclasses.replace(self, levels=levels_for(image_shape))

    def unet(self, image_shape, seed, **options):
        """The generator, with the `options` of `gan_mri.networks.unet_generator` besides."""
        from gan_mri import networks
        from gan_mri.layers import RandomStream
        from gan_mri.networks.unet import PIX2PIX_INITIALIZER

        return networks.unet_generator(
            image_shape,
            filters=self.filters,
            levels=self.levels,
            dropout=self.dropout,
            stream=RandomStream(seed),
            normalization=self.normalization,
            initializer=PIX2PIX_INITIALIZER,
            name="generator",
            **options,
        )

    def conditional_discriminator(self, image_shape, **options):
        """The discriminator, with its builder's `options` besides."""
        from gan_mri import networks

        return networks.conditional_discriminator(
            image_shape,
            filters=self.discriminator_filters,
            levels=self.discriminator_levels,
            normalization=self.normalization,
            name="discriminator",
            **options,
        )
