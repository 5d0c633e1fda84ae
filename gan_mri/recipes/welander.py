"""Welander, Karlsson, Eklund 2018, arXiv:1806.07777 (paper 001), and GAN-MRI.

"Generative adversarial networks for image-to-image translation on
multi-contrast MR images - a comparison of CycleGAN and UNIT".
"""

import dataclasses

from gan_mri.errors import GanMriError
from gan_mri.recipes.recipe import Recipe, at_least, free_sizes, one_of
from gan_mri.recipes.unit import UNIT as UnitRecipe


@dataclasses.dataclass(frozen=True, kw_only=True)
class _WithResnetGenerators(Recipe):
    """What the methods with CycleGAN's generators share."""

    filters: int = at_least(1, 32)
    residual_blocks: int = at_least(0, 9)
    resize_convolution: bool = False
    residual_padding: str = one_of("same", "reflect")
    normalization: str = one_of("instance", "addons", "none")
    spectral_normalization: bool = False

    @property
    def downsamplings(self):
        """How often the generators halve the size."""
        return 2

    def build_translators(self, image_shape):
        # Imported here so that the list of recipes costs no TensorFlow.
        from gan_mri import networks

        return {
            direction: networks.resnet_generator(
                image_shape,
                filters=self.filters,
                residual_blocks=self.residual_blocks,
                downsamplings=self.downsamplings,
                resize_convolution=self.resize_convolution,
                residual_padding=self.residual_padding,
                normalization=self.normalization,
                spectral_normalization=self.spectral_normalization,
                name=f"G_{direction}",
            )
            for direction in ("A2B", "B2A")
        }


class _GeneratorsAlone:
    """What the methods without discriminators share."""

    @property
    def needs_pairs(self):
        return True

    def build_model(self, image_shape, seed):
        from gan_mri import models

        translators = self.build_translators(free_sizes(image_shape))
        return models.Generators(translators["A2B"], translators["B2A"])


@dataclasses.dataclass(frozen=True, kw_only=True)
class CycleGAN(_WithResnetGenerators):
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

    discriminator_filters: int = at_least(1, 64)
    patch: bool = True
    multiscale: bool = False
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

    def build_model(self, image_shape, seed):
        # Imported here so that the list of recipes costs no TensorFlow.
        from gan_mri import models, networks

        free = free_sizes(image_shape)
        generators = {
            f"G_{direction}": generator
            for direction, generator in self.build_translators(free).items()
        }
        discriminators = {
            name: networks.patch_discriminator(
                free if self.patch else image_shape,
                filters=self.discriminator_filters,
                scales=2 if self.multiscale else 1,
                patch=self.patch,
                normalization=self.normalization,
                spectral_normalization=self.spectral_normalization,
                name=name,
            )
            for name in ("D_A", "D_B")
        }
        return models.CycleGAN(
            **generators,
            **discriminators,
            cycle_weight=self.cycle_weight,
            supervised_weight=self.supervised_weight,
            real_label=self.real_label,
            identity_modulus=self.identity_modulus,
            discriminator_iterations=self.discriminator_iterations,
            generator_iterations=self.generator_iterations,
            pool_size=self.pool_size,
            image_shape=image_shape,
            seed=seed,
        )

    @property
    def downsamplings(self):
        return 3 if self.multiscale else 2


@dataclasses.dataclass(frozen=True, kw_only=True)
class CycleGANs(CycleGAN):
    """CycleGAN_s: CycleGAN with the mean absolute error against the true image.

    Needs pairs. The paper: "a slight improvement in MAE for T2 images compared
    to CycleGAN".

    Command: `python -m gan_mri.train welander/cyclegan_s --data BIDS_FOLDER
    --contrasts T1w T2w --out runs/cyclegan_s`

    Fields
    ------
    As `CycleGAN`, with a `supervised_weight` of 10.
    """

    supervised_weight: float = at_least(0.0, 10.0)


@dataclasses.dataclass(frozen=True, kw_only=True)
class GeneratorsS(_GeneratorsAlone, _WithResnetGenerators):
    """Generators_s: CycleGAN's generators, trained with the true images alone.

    Needs pairs. The paper: best of all methods in every measure, and smooth.

    Command: `python -m gan_mri.train welander/generators_s --data BIDS_FOLDER
    --contrasts T1w T2w --out runs/generators_s`

    Fields
    ------
    filters, residual_blocks, resize_convolution, residual_padding,
    normalization, spectral_normalization
        See `gan_mri.networks.resnet_generator`.
    """


@dataclasses.dataclass(frozen=True, kw_only=True)
class UNIT(UnitRecipe):
    """UNIT as GAN-MRI trains it: unpaired, with a code that both contrasts share.

    The paper: data as for CycleGAN, 877 s an epoch on a 12 GB Titan X, 180
    epochs on average. No decay of the learning rate, no image pool.

    Command: `python -m gan_mri.train welander/unit --data BIDS_FOLDER
    --contrasts T1w T2w --out runs/unit`

    Fields
    ------
    See `gan_mri.recipes.unit.UNIT`.
    """


@dataclasses.dataclass(frozen=True, kw_only=True)
class Simple(_GeneratorsAlone, Recipe):
    """Simple: two convolutions, trained with the true images.

    Needs pairs. The baseline of the paper: worst in every measure but mutual
    information on T2 images. Adam with Keras's own defaults, no decay.

    Command: `python -m gan_mri.train welander/simple --data BIDS_FOLDER
    --contrasts T1w T2w --out runs/simple`

    Fields
    ------
    filters, kernel_size : int
        See `gan_mri.networks.simple_generator`; GAN-MRI's CycleGAN file has a
        `kernel_size` of 1, its UNIT file of 5.
    """

    decay_epoch: int = at_least(0, 200)
    learning_rate: float = at_least(0.0, 1e-3)
    beta_1: float = at_least(0.0, 0.9)
    filters: int = at_least(1, 256)
    kernel_size: int = at_least(1, 1)

    def build_translators(self, image_shape):
        from gan_mri import networks

        return {
            direction: networks.simple_generator(
                image_shape,
                filters=self.filters,
                kernel_size=self.kernel_size,
                name=f"G_{direction}",
            )
            for direction in ("A2B", "B2A")
        }


RECIPES = {
    "welander/cyclegan": CycleGAN,
    "welander/cyclegan_s": CycleGANs,
    "welander/generators_s": GeneratorsS,
    "welander/unit": UNIT,
    "welander/simple": Simple,
}
