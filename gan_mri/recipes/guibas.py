"""Guibas, Virdi, Li 2017, "Synthetic medical images from dual generative adversarial networks"
(arXiv:1709.01872).

Dual GAN, which paper 003, the tutorial, shows as a way to combine GANs: images and their masks
out of noise, to train a segmenter with.
"""

import dataclasses

from gan_mri.errors import GanMriError
from gan_mri.recipes.recipe import at_least, free_sizes
from gan_mri.recipes.settings.pix2pix import Pix2PixNetworks
from gan_mri.tasks import Direction, Task


@dataclasses.dataclass(frozen=True, kw_only=True)
class DualGAN(Pix2PixNetworks):
    """Dual GAN's settings; slices or volumes. `learning_rate` and betas are stage I's, the
    settings of pix2pix's networks stage II's.

    Fields
    ------
    noise : int
        Random numbers that a mask is made of.
    mask_size : str
        Of the masks that stage I makes, "64x64"; "": that of the training images, which
        is all that it can be.
    mask_filters : int
        Of both networks of stage I, see `gan_mri.networks.dcgan`.
    mask_generator_steps : int
        See `gan_mri.models.dual_gan.DualGAN`.
    adversarial_weight : float
        Of stage II's adversarial loss, beside `image_losses`.
    image_rate, image_beta_1, image_beta_2 : float
        Of stage II's Adam.
    """

    noise: int = at_least(1)
    mask_size: str
    mask_filters: int = at_least(1)
    mask_generator_steps: int = at_least(1)
    adversarial_weight: float = at_least(0.0)
    image_rate: float = at_least(0.0)
    image_beta_1: float = at_least(0.0)
    image_beta_2: float = at_least(0.0)

    @property
    def data_options(self):
        return {"augment": "mirror"}

    @property
    def built_in_options(self):
        # Tissues are whole numbers up to 13: this window keeps them apart.
        return {
            "contrasts": ("tissue", "T1w"),
            "scaling": ("window:0:13", "auto"),
            "image_size": (32, 32),
            "steps_per_epoch": 50,
        }

    def for_shape(self, image_shape):
        size = "x".join(map(str, image_shape[:-1]))
        if self.mask_size not in ("", size):
            raise GanMriError(
                f"mask_size: expected {size}, the size of the training images, or nothing. "
                f"Received: {self.mask_size!r}."
            )
        return dataclasses.replace(super().for_shape(image_shape), mask_size=size)

    def task(self, contrasts=None):
        """The image from the mask, and the mask from noise."""
        paint = Direction("image", ("mask",), "image")
        draw = Direction("mask", (), "mask", self.noise)
        return Task(("mask", "image"), (paint, draw), ("mask", "image"))

    def build_model(self, image_shape, *, task, seed):
        # Imported here so that the list of recipes costs no TensorFlow.
        from gan_mri.models.dual_gan import DualGAN as Model
        from gan_mri.networks.dcgan import dcgan_discriminator

        channels = image_shape[-1]
        free = free_sizes(image_shape)
        mask_discriminator = dcgan_discriminator(
            self._mask_shape(channels), filters=self.mask_filters, name="mask_discriminator"
        )
        return Model(
            self._mask_generator(channels),
            mask_discriminator,
            self.unet(free, seed),
            self.conditional_discriminator(free),
            task,
            mask_generator_steps=self.mask_generator_steps,
            image_rate=self.image_rate,
            image_beta_1=self.image_beta_1,
            image_beta_2=self.image_beta_2,
            adversarial_weight=self.adversarial_weight,
            image_losses=self.image_losses,
            seed=seed,
        )

    def build_translators(self, image_shape, task):
        return {
            "image": self.unet(image_shape, seed=0),
            "mask": self._mask_generator(image_shape[-1]),
        }

    def _mask_generator(self, channels):
        from gan_mri.networks.dcgan import dcgan_generator

        return dcgan_generator(
            self._mask_shape(channels),
            noise=self.noise,
            filters=self.mask_filters,
            name="mask_generator",
        )

    def _mask_shape(self, channels):
        return (*map(int, self.mask_size.split("x")), channels)


def dual_gan():
    """Dual GAN: masks out of noise, images of masks; needs pairs of a mask and an image.

    The paper: retinal photographs and the masks of their vessels, 35 images, 100 epochs,
    batch 32. Trained on generated pairs alone, a U-Net finds vessels with an F1 of 0.8877;
    on real pairs 0.8988.

    Command: `python -m gan_mri.train guibas/dual_gan --data FOLDER --contrasts masks images
    --out runs/dual-gan`, with the masks first; one command trains both stages. Then
    `python -m gan_mri.generate runs/dual-gan OUT --number 100`; `gan_mri.translate` makes
    images of one's own masks. Without data, tissues and T1w of the phantom. Masks of several
    labels are whole numbers that are neighbours where tissues are; state their window
    (`--scaling window:0:13 auto`) and train at the size that they have, for resampling
    makes other labels of the means of two.

    From the paper and its published code (synthmed/siemens-submission): stage I is a DCGAN
    of 5x5 kernels, 100 random numbers, 512 to 64 channels, batch normalisation, whose
    generator steps twice for each step of the discriminator, Adam of 2e-4 and 0.5.
    Stage II is pix2pix with the mean absolute error weighing as much as the adversarial loss
    (Isola et al.: 100 times) and RMSprop with its defaults. Here that is Adam of 1e-3
    without momentum, betas of 0 and 0.9: the same but for a correction in the first steps.

    Set by this project: both stages step on the same batches, pix2pix's dropout and
    discriminator, mirrored images, how many levels the networks have. Generated masks are
    rounded to the labels of the training masks before stage II sees them.
    """
    return DualGAN(
        epochs=100,
        decay_epoch=100,
        batch_size=32,
        learning_rate=2e-4,
        beta_1=0.5,
        beta_2=0.999,
        image_losses="l1:1",
        noise=100,
        mask_size="",
        mask_filters=64,
        mask_generator_steps=2,
        filters=64,
        levels=0,
        dropout=0.5,
        discriminator_filters=64,
        discriminator_levels=3,
        normalization="instance",
        adversarial_weight=1.0,
        image_rate=1e-3,
        image_beta_1=0.0,
        image_beta_2=0.9,
    )


RECIPES = {"guibas/dual_gan": dual_gan}
