"""CycleGAN's settings, and how its model is made of them: for every paper that uses it."""

import dataclasses

from gan_mri.errors import GanMriError
from gan_mri.recipes.recipe import ADVERSARIAL, at_least, free_sizes, one_of
from gan_mri.recipes.settings.resnet import WithResnetGenerators
from gan_mri.tasks import Task


@dataclasses.dataclass(frozen=True, kw_only=True)
class CycleGAN(WithResnetGenerators):
    """CycleGAN with GAN-MRI's update; with a `supervised_weight`, CycleGAN_s.

    Fields
    ------
    discriminator_filters, patch
        Of the discriminators, see `gan_mri.networks.patch_discriminator`.
    multiscale : bool
        Discriminators at two scales, and one more level in the generators.
    cycle_weight, adversarial_weight, supervised_weight, adversarial, real_label,
    identity_modulus, discriminator_iterations, generator_iterations, pool_size
        Of the update, see `gan_mri.models.CycleGAN`.
    """

    discriminator_filters: int = at_least(1)
    patch: bool
    multiscale: bool
    cycle_weight: float = at_least(0.0)
    adversarial_weight: float = at_least(0.0)
    supervised_weight: float = at_least(0.0)
    adversarial: str = one_of(*ADVERSARIAL)
    real_label: float = at_least(0.0)
    identity_modulus: int = at_least(0)
    discriminator_iterations: int = at_least(1)
    generator_iterations: int = at_least(1)
    pool_size: int = at_least(0)

    def __post_init__(self):
        super().__post_init__()
        if self.multiscale and not self.patch:
            raise GanMriError(
                "multiscale=True needs patch=True: a dense discriminator has one "
                "weight for every position of one image size (the 2018 code builds "
                "this combination but fails when it runs)."
            )
        if self.real_label != 1 and self.adversarial != "least_squares":
            raise GanMriError(
                "real_label is a setting of adversarial=least_squares. Received: "
                f"real_label={self.real_label!r} with adversarial={self.adversarial!r}."
            )

    def task(self, contrasts=None):
        paired = self.supervised_weight > 0 or self._losses_need_truth()
        return Task.between("A", "B", paired=paired)

    @property
    def downsamplings(self):
        return 3 if self.multiscale else 2

    def build_discriminator(self, image_shape, name):
        """The network that judges the images of one domain."""
        from gan_mri import networks

        return networks.patch_discriminator(
            image_shape,
            filters=self.discriminator_filters,
            scales=2 if self.multiscale else 1,
            patch=self.patch,
            normalization=self.normalization,
            spectral_normalization=self.spectral_normalization,
            name=name,
        )

    def build_model(self, image_shape, *, task, seed):
        # Imported here so that the list of recipes costs no TensorFlow.
        from gan_mri import models

        free = free_sizes(image_shape)
        generators = {
            f"G_{direction}": generator
            for direction, generator in self.build_translators(free, task).items()
        }
        discriminators = {
            name: self.build_discriminator(free if self.patch else image_shape, name)
            for name in ("D_A", "D_B")
        }
        return models.CycleGAN(
            **generators,
            **discriminators,
            cycle_weight=self.cycle_weight,
            adversarial_weight=self.adversarial_weight,
            supervised_weight=self.supervised_weight,
            adversarial=self.adversarial,
            real_label=self.real_label,
            identity_modulus=self.identity_modulus,
            discriminator_iterations=self.discriminator_iterations,
            generator_iterations=self.generator_iterations,
            pool_size=self.pool_size,
            image_losses=self.image_losses,
            image_shape=image_shape,
            seed=seed,
        )
