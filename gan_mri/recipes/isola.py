"""Isola, Zhu, Zhou, Efros 2017, "Image-to-image translation with conditional adversarial networks".

pix2pix: the paired method that paper 003, the tutorial, begins with.
"""

import dataclasses

from gan_mri.recipes.recipe import ADVERSARIAL, at_least, free_sizes, one_of
from gan_mri.recipes.settings.one_direction import OneDirection
from gan_mri.recipes.settings.pix2pix import Pix2PixNetworks


@dataclasses.dataclass(frozen=True, kw_only=True)
class Pix2Pix(OneDirection, Pix2PixNetworks):
    """pix2pix's settings; slices or volumes.

    Fields
    ------
    dropout_at_inference
        Of the U-Net, see `gan_mri.networks.unet_generator`.
    spectral_normalization
        Of both networks.
    adversarial, adversarial_weight
        See `gan_mri.models.Pix2Pix`.
    """

    dropout_at_inference: bool
    spectral_normalization: bool
    adversarial: str = one_of(*ADVERSARIAL)
    adversarial_weight: float = at_least(0.0)

    @property
    def data_options(self):
        # Their jitter: enlarged by 286 / 256 with a random window, and mirrored.
        return {"augment": "mirror jitter"}

    def build_model(self, image_shape, *, task, seed):
        # Imported here so that the list of recipes costs no TensorFlow.
        from gan_mri import models

        free = free_sizes(image_shape)
        generator = self._generator(free, seed)
        discriminator = self.conditional_discriminator(
            free,
            source_channels=self.source_shape(free)[-1],
            spectral_normalization=self.spectral_normalization,
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
        return self.unet(
            self.source_shape(image_shape),
            seed,
            output_channels=image_shape[-1],
            dropout_at_inference=self.dropout_at_inference,
            spectral_normalization=self.spectral_normalization,
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
