"""Translators that are exported with other weights than the trained ones."""

import numpy as np
import pytest
import tensorflow as tf
import tiny

import gan_mri
from gan_mri import models, recipes
from gan_mri.inference.export import export_translators

SHAPE = (20, 18, 1)


class Averaged(models.Generators):
    """Exports the mean of a generator's first and its present weights."""

    def remember(self, translators):
        self.averages = dict(translators)
        self.first = {name: net.get_weights() for name, net in self.translators.items()}

    @property
    def exported_translators(self):
        for name, network in self.translators.items():
            pairs = zip(self.first[name], network.get_weights())
            self.averages[name].set_weights([(a + b) / 2 for a, b in pairs])
        return self.averages


def test_by_default_the_trained_ones():
    model = tiny.cyclegan()
    assert model.exported_translators == model.translators


def test_the_averages_are_exported(tmp_path):
    method = recipes.get("welander/simple", filters=4)
    task = method.task()
    trained, averages = (method.build_translators((None, None, 1), task) for _ in range(2))
    model = Averaged(*trained.values(), task=task)
    model.compile(learning_rate=0.1)
    model.remember(averages)
    for seed in range(2):
        model.train_step(tiny.by_domain(task, 1, *SHAPE, seed=seed))
    card = {"view": {"geometry": {"size": [20, 18]}}, "channels": 1}
    export_translators(model, method, task, tmp_path, {name: card for name in trained})
    images = tiny.images(2, *SHAPE, dtype="float32")
    for name in ("A2B", "B2A"):
        served = tf.saved_model.load(str(tmp_path / name)).signatures["serving_default"]
        made = served(image=tf.constant(images))["translation"]
        (kernel, bias, second, last) = (
            (a + b) / 2 for a, b in zip(model.first[name], trained[name].get_weights())
        )
        hidden = np.maximum(images @ kernel[0, 0] + bias, 0)
        np.testing.assert_allclose(made, hidden @ second[0, 0] + last, atol=1e-5)
        assert np.abs(made - trained[name](images)).max() > 0.01


@pytest.mark.parametrize("name", ["welander/unit", "wada/method6"])
def test_what_training_uses_is_what_translators_are_made_of(name, tmp_path):
    """Composed translators see every update of the networks that are trained."""
    model = gan_mri.build(name, SHAPE, seed=1, learning_rate=0.01, **tiny.small(name))
    batch = tiny.by_domain(model.task, 1, *SHAPE)
    before = {domain: np.array(made) for domain, made in model(batch).items()}
    model.train_step(batch)
    for domain, made in model(batch).items():
        assert np.abs(made - before[domain]).max() > 1e-3
