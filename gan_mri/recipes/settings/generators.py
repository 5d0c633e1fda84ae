"""Methods without discriminators: their settings, and how their models are made of them."""

import dataclasses

from gan_mri.recipes.recipe import Recipe, at_least, free_sizes
from gan_mri.recipes.settings.resnet import WithResnetGenerators
from gan_mri.tasks import Task


class _Supervised:
    """What the methods that are trained with the true images alone share."""

    def task(self, contrasts=None):
        return Task.between("A", "B", paired=True)

    def build_model(self, image_shape, *, task, seed):
        # Imported here so that the list of recipes costs no TensorFlow.
        from gan_mri import models

        translators = self.build_translators(free_sizes(image_shape), task)
        return models.Generators(*translators.values(), task=task, image_losses=self.image_losses)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ResnetGenerators(_Supervised, WithResnetGenerators):
    """CycleGAN's generators, trained with the true images alone."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class SimpleGenerators(_Supervised, Recipe):
    """Two convolutions, trained with the true images.

    Fields
    ------
    filters, kernel_size : int
        See `gan_mri.networks.simple_generator`.
    """

    filters: int = at_least(1)
    kernel_size: int = at_least(1)

    def build_translators(self, image_shape, task):
        from gan_mri import networks

        return {
            direction.name: networks.simple_generator(
                image_shape,
                filters=self.filters,
                kernel_size=self.kernel_size,
                name=f"G_{direction.name}",
            )
            for direction in task.directions
        }
