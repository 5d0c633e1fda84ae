"""Isola, Zhu, Zhou, Efros 2017, "Image-to-image translation with conditional adversarial networks".

pix2pix: the paired method that paper 003, the tutorial, begins with.
"""

import dataclasses

from gan_mri.recipes.recipe import ADVERSARIAL, at_least, free_sizes, one_of
from gan_mri.recipes.settings.one_direction import OneDirection


@dataclasses.dataclass(frozen=True, kw_only=True)
class Pix2Pix(OneDirection):
    """pix2pix's settings; slices or volumes.

    Fields
    ------
    filters, levels, dropout, dropout_at_inference
        Of the U-Net, see `gan_mri.networks.unet_generator`; 0 levels: as many as the
        image size allows, at most 8.
    discriminator_filters, discriminator_levels
        See `gan_mri.networks.conditional_discriminator`.
    normalization, spectral_normalization
        Of both networks.
    adversarial, adversarial_weight
        See `gan_mri.models.Pix2Pix`.
    """

    filters: int = at_least(1)
    levels: int = at_least(0)
    dropout: float = at_least(0.0)
    dropout_at_inference: bool
    discriminator_filters: int = at_least(1)
    discriminator_levels: int = at_least(1)
    normalization: str = one_of("instance", "addons", "batch", "none")
    spectral_normalization: bool
    adversarial: str = one_of(*ADVERSARIAL)
    adversarial_weight: float = at_least(0.0)

    @property
    def data_options(self):
        # Their jitter: enlarged by 286 / 256 with a random window, and mirrored.
        return {"augment": "mirror jitter"}

    def for_shape(self, image_shape):
        if self.levels:
            return self
        from gan_mri.networks.unet import levels_for

        return dataclasses.replace(self, levels=levels_for(image_shape))

    def build_model(self, image_shape, *, task, seed):
        # Imported here so that the list of recipes costs no TensorFlow.
        from gan_mri import models, networks

        free = free_sizes(image_shape)
        generator = self._generator(free, seed)
        discriminator = networks.conditional_discriminator(
            free,
            source_channels=self.source_shape(free)[-1],
            filters=self.discriminator_filters,
            levels=self.discriminator_levels,
            normalization=self.normalization,
            spectral_normalization=self.spectral_normalization,
            name="discriminator",
        )
        return models.Pix2Pix(
            generator,
            discriminator,
            task,
            adversarial=self.adversarial,
            adversarial_weight=self.adversarial_weight,
            image_losses=self.image_losses,
            seed=seed,
        )

    def build_translators(self, image_shape, task):
        return {self.direction: self._generator(image_shape, seed=0)}

    def _generator(self, image_shape, seed):
        from gan_mri import networks
        from gan_mri.layers import RandomStream
        from gan_mri.networks.unet import PIX2PIX_INITIALIZER

        return networks.unet_generator(
            self.source_shape(image_shape),
            output_channels=image_shape[-1],
            filters=self.filters,
            levels=self.levels,
            dropout=self.dropout,
            dropout_at_inference=self.dropout_at_inference,
            stream=RandomStream(seed),
            normalization=self.normalization,
            initializer=PIX2PIX_INITIALIZER,
            spectral_normalization=self.spectral_normalization,
            name="generator",
        )


def pix2pix():
    """pix2pix, from A to B (`--set direction=B2A` for the other way): needs pairs.

    The paper: facades 256 x 256, 400 images, batch 1, 200 epochs, jitter from 286
    and mirrored, 100 times the mean absolute error; images normalised each by itself.
    Trainable parameters at 256 x 256 x 3: 54.4 million and 2.8 million. As many levels
    as the image size allows, for volumes too.

    Published pix2pix keeps its dropout when it translates (`dropout_at_inference=true`):
    a translation is then another one each time.

    Command: `python -m gan_mri.train isola/pix2pix --data BIDS_FOLDER --contrasts T1w T2w
    --out runs/pix2pix`
    """
    return Pix2Pix(
        epochs=200,
        decay_epoch=100,
        batch_size=1,
        learning_rate=2e-4,
        beta_1=0.5,
        beta_2=0.999,
        image_losses="l1:100",
        direction="A2B",
        filters=64,
        levels=0,
        dropout=0.5,
        dropout_at_inference=False,
        discriminator_filters=64,
        discriminator_levels=3,
        normalization="instance",
        spectral_normalization=False,
        adversarial="bce",
        adversarial_weight=1.0,
    )


RECIPES = {"isola/pix2pix": pix2pix}
