"""pix2pix's update against the same arithmetic by hand, and what it needs of a system."""

import numpy as np
import pytest
import tensorflow as tf
import tiny

import gan_mri
from gan_mri import losses

SMALL = {"filters": 2, "levels": 3, "discriminator_filters": 2, "discriminator_levels": 2}


def built(shape=(24, 20, 1), **settings):
    return gan_mri.build("isola/pix2pix", shape, seed=1, **(SMALL | {"dropout": 0.0} | settings))


def batch(shape=(24, 20, 1)):
    return tiny.images(1, *shape), tiny.images(1, *shape, seed=1)


def test_the_losses_are_those_of_the_paper():
    model = built(dtype="float64")
    A, B = map(tf.constant, batch())
    fake = model.generator(A, training=True)
    judged = {
        name: model.discriminator([image, A], training=True).numpy()
        for name, image in (("real", B), ("fake", fake))
    }
    values = {name: float(value) for name, value in model.train_step((A, B)).items()}
    # Cross-entropy of logits, halved for the discriminator (section 3.3).
    assert values["D_real"] == pytest.approx(np.log1p(np.exp(-judged["real"])).mean() / 2)
    assert values["D_fake"] == pytest.approx(np.log1p(np.exp(judged["fake"])).mean() / 2)
    assert values["l1_B"] == pytest.approx(np.abs(fake.numpy() - B.numpy()).mean())
    # The generator is judged by the discriminator after its step.
    judged = model.discriminator([fake, A], training=True).numpy()
    assert values["adversarial"] == pytest.approx(np.log1p(np.exp(-judged)).mean())
    assert values["G_total"] == pytest.approx(values["adversarial"] + 100 * values["l1_B"])


def test_one_direction_either_way():
    task = built().task
    assert [way.name for way in task.directions] == ["A2B"] and task.paired == ("A", "B")
    other = built(direction="B2A")
    A, B = map(tf.constant, batch())
    assert set(other.translators) == {"B2A"}
    fake = other.generator(B, training=True).numpy()
    assert float(other.train_step({"A": A, "B": B})["l1_A"]) == pytest.approx(
        np.abs(fake - A.numpy()).mean(), rel=1e-5
    )


@pytest.mark.parametrize("adversarial", ["least_squares", "hinge", "wgan-gp"])
def test_other_games_and_losses(adversarial):
    model = built(adversarial=adversarial, image_losses="l1:10,discriminator_features:2")
    before = [weights.copy() for weights in model.generator.get_weights()]
    step = tf.function(model.train_step)
    for _ in range(3):
        values = {name: float(value) for name, value in step(batch()).items()}
    assert all(map(np.isfinite, values.values())) and set(values) == set(model.terms)
    total = sum(
        model.terms[name].weight * value
        for name, value in values.items()
        if model.terms[name].kind in ("generator", "image")
    )
    assert values["G_total"] == pytest.approx(total, rel=1e-5)
    assert any(not np.array_equal(*pair) for pair in zip(before, model.generator.get_weights()))
    assert (f"random_{0}" in model.state()) == (adversarial == "wgan-gp")


def test_volumes():
    model = built((20, 18, 22, 1), filters=1, discriminator_filters=1)
    values = model.train_step(batch((20, 18, 22, 1)))
    assert all(np.isfinite(float(value)) for value in values.values())


def test_the_features_are_the_discriminators_own():
    model = built(image_losses="discriminator_features:1")
    A, B = batch()
    values = model.train_step((A, A))
    assert float(values["discriminator_features_B"]) > 0
    assert "discriminator_features" in losses.IMAGE_LOSSES
