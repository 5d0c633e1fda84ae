"""A method that the package has not: one contrast from two others, by one small network."""

import dataclasses

import keras

from gan_mri import models, recipes
from gan_mri.recipes.recipe import Recipe, at_least, free_sizes
from gan_mri.tasks import Direction, Task

DOMAINS = ("T1w", "PDw", "T2w")


@dataclasses.dataclass(frozen=True, kw_only=True)
class FromTwo(Recipe):
    """The third contrast from the first two."""

    filters: int = at_least(1)

    def task(self, contrasts=None):
        first, second, made = DOMAINS
        return Task(DOMAINS, (Direction(made, (first, second), made),), DOMAINS)

    def build_translators(self, image_shape, task):
        (way,) = task.directions
        rank = len(image_shape) - 1
        convolution = {2: keras.layers.Conv2D, 3: keras.layers.Conv3D}[rank]
        inputs = [keras.Input(image_shape, name=name) for name in way.sources]
        x = keras.layers.Concatenate()(inputs)
        x = convolution(self.filters, 3, padding="same", activation="tanh")(x)
        x = convolution(image_shape[-1], 1, activation="tanh", dtype="float32")(x)
        return {way.name: keras.Model(inputs, x, name=f"G_{way.name}")}

    def build_model(self, image_shape, *, task, seed):
        networks = self.build_translators(free_sizes(image_shape), task)
        return models.Generators(*networks.values(), task=task, image_losses=self.image_losses)


def from_two():
    """With the values that a test takes."""
    return FromTwo(
        epochs=1,
        decay_epoch=1,
        batch_size=1,
        learning_rate=0.01,
        beta_1=0.9,
        beta_2=0.999,
        filters=2,
    )


def register(monkeypatch):
    """Let `gan_mri.recipes` know it, as "tests/from_two"."""
    known = recipes.all_recipes() | {"tests/from_two": from_two}
    monkeypatch.setattr(recipes, "all_recipes", lambda: known)
