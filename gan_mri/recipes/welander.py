"""Welander, Karlsson, Eklund 2018, arXiv:1806.07777 (paper 001), and GAN-MRI.

"Generative adversarial networks for image-to-image translation on
multi-contrast MR images - a comparison of CycleGAN and UNIT".
"""

import dataclasses

from gan_mri.errors import GanMriError
from gan_mri.recipes.recipe import Recipe, at_least, one_of


@dataclasses.dataclass(frozen=True, kw_only=True)
class CycleGAN(Recipe):
    """CycleGAN as GAN-MRI trains it: T1w and T2w, unpaired.

    The paper: 900 + 900 axial slices (number 120) of the Human Connectome
    Project, brain-extracted and registered, 304 x 256; 180 epochs on average
    at 419 s on a 12 GB Titan X; evaluated on 213 pairs after z-scoring every
    image (its Figure 1 has bars, no numbers).

    Command: `python -m gan_mri.train welander/cyclegan --data BIDS_FOLDER
    --contrasts T1w T2w --out runs/cyclegan`

    Fields
    ------
    filters, residual_blocks, resize_convolution, residual_padding
        Of the generators, see `gan_mri.networks.resnet_generator`.
    discriminator_filters, patch
        Of the discriminators, see `gan_mri.networks.patch_discriminator`.
    multiscale : bool
        Discriminators at two scales, and one more level in the generators.
    normalization, spectral_normalization
        Of all four networks.
    cycle_weight, supervised_weight, real_label, identity_modulus,
    discriminator_iterations, generator_iterations, pool_size
        Of the update, see `gan_mri.models.CycleGAN`.
    """

    filters: int = at_least(1, 32)
    residual_blocks: int = at_least(0, 9)
    resize_convolution: bool = False
    residual_padding: str = one_of("same", "reflect")
    discriminator_filters: int = at_least(1, 64)
    patch: bool = True
    multiscale: bool = False
    normalization: str = one_of("instance", "addons", "none")
    spectral_normalization: bool = False
    cycle_weight: float = at_least(0.0, 10.0)
    supervised_weight: float = at_least(0.0, 0.0)
    real_label: float = at_least(0.0, 1.0)
    identity_modulus: int = at_least(0, 0)
    discriminator_iterations: int = at_least(1, 1)
    generator_iterations: int = at_least(1, 1)
    pool_size: int = at_least(0, 50)

    def __post_init__(self):
        super().__post_init__()
        if self.multiscale and not self.patch:
            raise GanMriError(
                "multiscale=True needs patch=True: a dense discriminator has one "
                "weight for every position of one image size (the 2018 code builds "
                "this combination but fails when it runs)."
            )

    @property
    def needs_pairs(self):
        return self.supervised_weight > 0

    def build(self, image_shape, *, seed=0, loss_scaling=False):
        # Imported here so that the list of recipes costs no TensorFlow.
        from gan_mri import models, networks

        if self.pool_size and None in image_shape:
            raise GanMriError(
                "pool_size must be 0 where the image size is free, because the pool "
                f"holds images of one size. Received: pool_size={self.pool_size}, "
                f"image_shape={tuple(image_shape)}."
            )
        generators = {
            f"G_{direction}": generator
            for direction, generator in self.build_translators(image_shape).items()
        }
        discriminators = {
            name: networks.patch_discriminator(
                image_shape,
                filters=self.discriminator_filters,
                scales=2 if self.multiscale else 1,
                patch=self.patch,
                normalization=self.normalization,
                spectral_normalization=self.spectral_normalization,
                name=name,
            )
            for name in ("D_A", "D_B")
        }
        model = models.CycleGAN(
            **generators,
            **discriminators,
            cycle_weight=self.cycle_weight,
            supervised_weight=self.supervised_weight,
            real_label=self.real_label,
            identity_modulus=self.identity_modulus,
            discriminator_iterations=self.discriminator_iterations,
            generator_iterations=self.generator_iterations,
            pool_size=self.pool_size,
            seed=seed,
        )
        model.compile(
            learning_rate=self.learning_rate,
            beta_1=self.beta_1,
            beta_2=self.beta_2,
            loss_scaling=loss_scaling,
        )
        return model

    def build_translators(self, image_shape):
        from gan_mri import networks

        return {
            direction: networks.resnet_generator(
                image_shape,
                filters=self.filters,
                residual_blocks=self.residual_blocks,
                downsamplings=3 if self.multiscale else 2,
                resize_convolution=self.resize_convolution,
                residual_padding=self.residual_padding,
                normalization=self.normalization,
                spectral_normalization=self.spectral_normalization,
                name=f"G_{direction}",
            )
            for direction in ("A2B", "B2A")
        }


RECIPES = {"welander/cyclegan": CycleGAN}
