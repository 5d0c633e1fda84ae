"""Synb0's update against the same arithmetic by hand."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import tiny

import gan_mri
from gan_mri.backend import tf_variables
from gan_mri.errors import GanMriError
from gan_mri.models.synb0 import Synb0
from gan_mri.networks.synb0_unet import synb0_unet
from gan_mri.tasks import Direction, Task

SHAPE = (18, 16, 1)
SMALL = {"filters": 2, "levels": 2}
FOUR = ("T1w", "b0_AP", "b0_PA", "b0")


def built(shape=SHAPE, dtype="float64", contrasts=FOUR, **settings):
    settings = SMALL | settings
    return gan_mri.build(
        "schilling/synb0", shape, contrasts=contrasts, dtype=dtype, seed=1, **settings
    )


def masked(truth, image):
    """Mean squared difference where either is brighter than -0.9."""
    seen = (truth > -0.9) | (image > -0.9)
    return np.square(truth - image)[seen].mean()


def predictions(model, batch):
    T1w = batch["T1w"]
    return [model.network([T1w, batch[name]]).numpy() for name in ("distorted", "reversed")]


def test_the_losses_are_those_of_the_paper():
    model = built(weight_decay=0.0)
    batch = tiny.by_domain(model.task, 2, *SHAPE, dtype="float64")
    first, second = predictions(model, batch)
    values = tiny.step(model, batch)
    truth = batch["undistorted"]
    each = [masked(truth, made) for made in (first, second)]
    assert values["foreground_l2_undistorted"] == pytest.approx(np.mean(each))
    assert values["agreement"] == pytest.approx(masked(first, second))
    assert values["G_total"] == pytest.approx(np.mean(each) + masked(first, second))


def test_blips_are_alike():
    """One network for both: exchanged blips give the same losses and the same step."""
    models = built(), built()
    batch = tiny.by_domain(models[0].task, 1, *SHAPE, dtype="float64")
    other = batch | {"distorted": batch["reversed"], "reversed": batch["distorted"]}
    one, two = (tiny.step(model, given) for model, given in zip(models, (batch, other)))
    assert one == pytest.approx(two, rel=1e-12)
    for ours, theirs in zip(*(model.network.get_weights() for model in models)):
        np.testing.assert_allclose(ours, theirs, atol=1e-9)


def test_weight_decay_is_in_the_gradient_as_in_pytorch():
    """With Adam's first step g / |g| by the learning rate, what the decay adds decides signs."""
    plain, decayed = built(weight_decay=0.0), built(weight_decay=1e4)
    batch = tiny.by_domain(plain.task, 1, *SHAPE, dtype="float64")
    before = [w.numpy() for w in tf_variables(plain.network.trainable_variables)]
    ours, theirs = tiny.step(plain, batch), tiny.step(decayed, batch)
    assert ours == pytest.approx(theirs, rel=1e-12)
    after = [w.numpy() for w in tf_variables(decayed.network.trainable_variables)]
    for old, new in zip(before, after):
        far = np.abs(old) > 1e-3
        np.testing.assert_allclose((old - new)[far], 1e-4 * np.sign(old[far]), rtol=1e-3)


def test_one_blip_alone():
    model = built(contrasts=("T1w", "b0_AP", "b0"))
    assert model.task.domains == ("T1w", "distorted", "undistorted")
    batch = tiny.by_domain(model.task, 2, *SHAPE, dtype="float64")
    made = model.network([batch["T1w"], batch["distorted"]]).numpy()
    values = tiny.step(model, batch)
    assert set(values) == {"G_total", "foreground_l2_undistorted"}
    assert values["G_total"] == pytest.approx(masked(batch["undistorted"], made))


def test_losses_and_weights_are_choices():
    model = built(image_losses="l1:3,gradient_difference:2", agreement_weight=0.5)
    batch = tiny.by_domain(model.task, 1, *SHAPE, dtype="float64")
    first, second = predictions(model, batch)
    values = tiny.step(model, batch)
    each = [np.abs(batch["undistorted"] - made).mean() for made in (first, second)]
    assert values["l1_undistorted"] == pytest.approx(np.mean(each))
    total = 3 * values["l1_undistorted"] + 2 * values["gradient_difference_undistorted"]
    assert values["G_total"] == pytest.approx(total + 0.5 * masked(first, second))
    assert "agreement" not in built(agreement_weight=0.0).terms


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_it_learns_in_a_graph(dtype):
    model = built(dtype=dtype, learning_rate=0.01)
    x, y = np.mgrid[-1:1:18j, -1:1:16j]
    truth = (1.8 * np.exp(-4 * (x**2 + y**2)) - 1)[None, ..., None].astype("f4")
    batch = {name: truth for name in model.task.domains}
    step = tf.function(model.train_step, autograph=False)
    losses = [float(step(batch)["G_total"]) for _ in range(20)]
    assert np.isfinite(losses).all() and losses[-1] < 0.5 * losses[0]


def test_volumes():
    model = built((10, 9, 12, 1), dtype="float32", filters=1)
    batch = tiny.by_domain(model.task, 1, 10, 9, 12, 1)
    before = model.network.get_weights()
    assert all(map(np.isfinite, tiny.step(model, batch).values()))
    assert any(np.any(old != new) for old, new in zip(before, model.network.get_weights()))


def test_tasks_of_other_kinds():
    network = synb0_unet((None, None, 1), **SMALL)
    way = Direction("undistorted", ("T1w", "distorted"), "undistorted")
    domains = ("T1w", "distorted", "undistorted")
    with pytest.raises(GanMriError, match="task: expected all domains to be paired"):
        Synb0(network, Task(domains, (way,), domains[:2]))
    with pytest.raises(GanMriError, match="task: expected one direction"):
        Synb0(network, Task.between("A", "B", paired=True))


def test_the_network_is_the_only_one():
    model = built()
    assert isinstance(model.network, keras.Model)
    assert list(model.networks) == ["G_undistorted"] and list(model.state())[0].startswith("net")
