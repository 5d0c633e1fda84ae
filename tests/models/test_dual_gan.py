"""Dual GAN's update against the same arithmetic by hand, and pix2pix by itself."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import tiny

import gan_mri
from gan_mri.errors import GanMriError
from gan_mri.models.dual_gan import DualGAN
from gan_mri.optimizers import Adam
from gan_mri.tasks import Direction, Task

SHAPE = (20, 17, 1)
SMALL = {"filters": 2, "levels": 3, "discriminator_filters": 2, "discriminator_levels": 2}
SMALL |= {"mask_filters": 2, "noise": 4}


def built(shape=SHAPE, dtype="float64", **settings):
    return gan_mri.build("guibas/dual_gan", shape, dtype=dtype, seed=1, **(SMALL | settings))


def batch(count=3, shape=SHAPE):
    return tiny.pair(count, *shape)


def test_the_losses_of_stage_1_are_cross_entropies():
    model, twin = built(dropout=0.0), built(dropout=0.0)
    masks, images = batch()
    seed = twin.random_streams[0].next()
    noise = tf.random.stateless_uniform((3, 4), seed, -1.0, 1.0, dtype=tf.float32)
    noise = tf.cast(noise, tf.float64)
    fake = twin.mask_generator(noise, training=True)
    real, false = (twin.mask_discriminator(x, training=True).numpy() for x in (masks, fake))
    values = tiny.step(model, (masks, images))
    assert values["D_mask_real"] == pytest.approx(np.log1p(np.exp(-real)).mean())
    assert values["D_mask_fake"] == pytest.approx(np.log1p(np.exp(false)).mean())
    # The generator is judged by the discriminator after its step, in which its averages moved too.
    total = values["adversarial_image"] + values["l1_image"] + values["adversarial_mask"]
    assert values["G_total"] == pytest.approx(total)
    assert set(values) == set(model.terms)


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_the_generator_of_masks_steps_more_often_than_its_discriminator(steps):
    model = built(mask_generator_steps=steps)
    for _ in range(2):
        tiny.step(model, batch())
    counts = {name: int(one.iterations) for name, one in model.optimizers_by_name.items()}
    assert counts == {"D_mask": 2, "G_mask": 2 * steps, "D": 2, "G": 2}


def test_stage_2_is_pix2pix_by_itself():
    settings = {"dropout": 0.0, "image_rate": 0.002, "image_beta_1": 0.3, "image_beta_2": 0.7}
    model = built(**settings)
    same = {name: SMALL[name] for name in SMALL if name not in ("mask_filters", "noise")}
    other = gan_mri.build(
        "isola/pix2pix",
        SHAPE,
        dtype="float64",
        image_losses="l1:1",
        dropout=0.0,
        learning_rate=0.002,
        beta_1=0.3,
        beta_2=0.7,
        **same,
    )
    for name, network in other.networks.items():
        network.set_weights(model.networks[name].get_weights())
    masks, images = batch()
    for _ in range(2):
        ours, theirs = tiny.step(model, (masks, images)), tiny.step(other, (masks, images))
        assert ours["l1_image"] == pytest.approx(theirs["l1_B"], rel=1e-9)
        assert ours["D_image_fake"] == pytest.approx(theirs["D_fake"], rel=1e-9)
        assert ours["adversarial_image"] == pytest.approx(theirs["adversarial"], rel=1e-9)
    for name, network in other.networks.items():
        for a, b in zip(network.get_weights(), model.networks[name].get_weights()):
            np.testing.assert_allclose(a, b, rtol=0, atol=1e-9)


def test_the_adam_of_stage_2_becomes_rmsprop():
    """Without momentum it is RMSprop but for the correction, which is gone after 60 steps."""
    gradients = np.random.default_rng(0).normal(1, 1, (120, 5))
    ours, theirs = (tf.Variable(np.zeros(5)) for _ in range(2))
    adam = Adam(1e-3, beta_1=np.float64(0), beta_2=np.float64(0.9), dtype="float64")
    adam.add_group("G", [ours])
    rmsprop = keras.optimizers.RMSprop(1e-3)
    for step, gradient in enumerate(gradients):
        if step == 60:
            at_60 = ours.numpy() - theirs.numpy()
        adam.apply("G", [tf.constant(gradient)])
        rmsprop.apply_gradients([(tf.constant(gradient), theirs)])
    assert np.abs(theirs).min() > 0.01
    np.testing.assert_allclose(ours.numpy() - theirs.numpy(), at_60, atol=1e-4)


def test_both_stages_have_rates_of_their_own_that_fall_together():
    model = built(learning_rate=0.01, image_rate=0.002)
    model.set_learning_rate(0.5)
    rates = {name: float(one.learning_rate) for name, one in model.optimizers_by_name.items()}
    assert rates == pytest.approx({"D_mask": 0.005, "G_mask": 0.005, "D": 0.001, "G": 0.001})


def test_a_call_makes_masks_of_noise_and_images_of_masks():
    model = built()
    masks, images = batch()
    made = model({"mask": masks, "image": images})
    np.testing.assert_array_equal(made["image"], model.painter.generator(masks))
    noise = model.task.direction("mask").draw_noise(range(3))
    np.testing.assert_array_equal(made["mask"], model.mask_generator(noise))
    assert np.abs(made["mask"][0] - made["mask"][1]).max() > 0


def test_the_noise_is_in_the_state(tmp_path):
    model, other = built(), built()
    tiny.step(model, batch())
    path = tf.train.Checkpoint(**model.state()).write(str(tmp_path / "state"))
    tf.train.Checkpoint(**other.state()).read(path).assert_existing_objects_matched()
    ours = tiny.step(model, batch())
    assert tiny.step(other, batch()) == ours
    other.random_streams[0].count.assign(7)
    assert tiny.step(other, batch())["D_mask_fake"] != ours["D_mask_fake"]


@pytest.mark.parametrize(("shape", "dtype"), [((17, 18, 17, 1), "float32"), (SHAPE, "bfloat16")])
def test_volumes_and_mixed_precision(shape, dtype):
    small = {"filters": 1, "discriminator_filters": 1, "mask_filters": 1}
    model = built(shape, dtype=dtype, **small)
    assert all(np.isfinite(value) for value in tiny.step(model, batch(2, shape)).values())


def test_other_tasks_are_refused():
    networks = built().networks
    masks = Direction("mask", (), "mask", 4)
    for ways in ((masks,), (masks, Direction("mask2", ("image",), "mask"))):
        with pytest.raises(GanMriError, match="expected two directions.*Received: mask"):
            DualGAN(**networks, task=Task(("mask", "image"), ways))
