"""Every adversarial loss by name, in every system that has discriminators."""

import numpy as np
import pytest
import tensorflow as tf
import tiny

import gan_mri
from gan_mri import losses, models
from gan_mri.errors import GanMriError
from gan_mri.recipes.recipe import ADVERSARIAL

SHAPE = (20, 16, 1)
SYSTEMS = ("welander/cyclegan", "wada/method6", "welander/unit")


def build(recipe, adversarial, dtype="float32", **settings):
    small = {**tiny.small(recipe), "residual_blocks": 0, "spectral_normalization": False}
    settings = {**small, "adversarial": adversarial, **settings}
    return gan_mri.build(recipe, SHAPE, dtype=dtype, seed=3, **settings)


def softplus(x):
    return np.logaddexp(0, x)


#: Of judgements of real and of synthetic images, and of the generators' images.
FORMULAS = {
    "least_squares": (lambda x: 0.5 * (x - 1) ** 2, lambda x: 0.5 * x**2, lambda x: (x - 1) ** 2),
    "bce": (lambda x: 0.5 * softplus(-x), lambda x: 0.5 * softplus(x), lambda x: softplus(-x)),
    "hinge": (lambda x: np.maximum(0, 1 - x), lambda x: np.maximum(0, 1 + x), lambda x: -x),
    "absolute": (lambda x: np.abs(x - 1), np.abs, lambda x: np.abs(x - 1)),
    "wgan-gp": (lambda x: -x, lambda x: x, lambda x: -x),
}


def test_recipes_offer_every_pair_that_there_is():
    with pytest.raises(GanMriError) as caught:
        losses.adversarial("no such pair")
    known = str(caught.value).partition("one of ")[2].partition(". Received")[0].split(", ")
    assert set(known) == set(ADVERSARIAL) == set(FORMULAS)


@pytest.mark.parametrize("name", ADVERSARIAL)
@pytest.mark.parametrize("recipe", SYSTEMS)
def test_three_steps_are_finite_and_change_every_network(recipe, name):
    model = build(recipe, name)
    step = model.train_step
    # Second derivatives within a graph are another matter than without.
    if name == "wgan-gp":
        step = tf.function(step, autograph=False)
    for number in range(3):
        before = tiny.weights(model)
        results = step(tiny.by_domain(model.task, 1, *SHAPE, seed=number))
        assert all(np.isfinite(loss) for loss in results.values()), number
        after = tiny.weights(model)
        for network, weights in before.items():
            assert all(np.isfinite(weight).all() for weight in after[network]), network
            moved = [np.any(a != b) for a, b in zip(weights, after[network], strict=True)]
            assert any(moved), network


def judged(model, domain, images):
    """What a system's discriminator gives its losses, one array a scale."""
    if hasattr(model, "generator_A"):
        network = model.networks[f"discriminator_{domain}"]
        # Its outputs are probabilities.
        return [np.log(p / (1 - p)) for p in map(np.asarray, network(images))]
    return [np.asarray(model.networks[f"D_{domain}"](images))]


@pytest.mark.parametrize("name", ADVERSARIAL)
@pytest.mark.parametrize("recipe", ["welander/cyclegan", "welander/unit"])
def test_values_are_those_of_the_formulas(recipe, name):
    """With a learning rate of 0 every step sees the networks as they are."""
    settings = {"noise": 0.0, "dropout": 0.0} if recipe.endswith("unit") else {"pool_size": 0}
    model = build(recipe, name, "float64", learning_rate=0.0, **settings)
    A, B = tiny.pair(1, *SHAPE)
    results = tiny.step(model, (A, B))
    # UNIT's own weight, and its cross-entropy in full, as in the 2018 code.
    weight = 10.0 if recipe.endswith("unit") else 1.0
    if recipe.endswith("unit") and name == "bce":
        weight = 20.0
    fake_A, fake_B = (np.asarray(made) for made in model((A, B)))
    for domain, real, fake in (("A", A, fake_A), ("B", B, fake_B)):
        of_real, of_fake, of_generator = FORMULAS[name]
        judged_real, judged_fake = judged(model, domain, real), judged(model, domain, fake)
        values = {
            f"D_{domain}_real": weight * sum(of_real(x).mean() for x in judged_real),
            f"adversarial_{domain}": sum(of_generator(x).mean() for x in judged_fake),
        }
        fakes = weight * sum(of_fake(x).mean() for x in judged_fake)
        if name == "wgan-gp":
            # The penalty is above; tests of the game have its value.
            assert results[f"D_{domain}_fake"] > fakes + 0.01
        else:
            values[f"D_{domain}_fake"] = fakes
        for loss, value in values.items():
            np.testing.assert_allclose(results[loss], value, rtol=1e-8, atol=1e-9, err_msg=loss)


@pytest.mark.parametrize("recipe", ["welander/cyclegan", "welander/unit"])
def test_the_stream_of_the_penalty_belongs_to_the_state(recipe, tmp_path):
    """A restored system draws the points that the uninterrupted one draws."""
    settings = {"noise": 0.0, "dropout": 0.0} if recipe.endswith("unit") else {}
    model, other = (build(recipe, "wgan-gp", "float64", **settings) for _ in range(2))
    assert [int(stream.count) for stream in model.random_streams] == [0]
    tiny.step(model, tiny.pair(1, *SHAPE))
    # One for each discriminator.
    assert [int(stream.count) for stream in model.random_streams] == [2]
    path = tf.train.Checkpoint(**model.state()).write(str(tmp_path / "state"))
    tf.train.Checkpoint(**other.state()).read(path).assert_existing_objects_matched()
    batch = tiny.pair(1, *SHAPE, seed=1)
    ours = tiny.step(model, batch)
    assert tiny.step(other, batch) == ours
    # And without the stream it would not.
    tf.train.Checkpoint(**other.state()).read(path).assert_existing_objects_matched()
    other.random_streams[0].count.assign(7)
    assert tiny.step(other, batch)["D_A_fake"] != ours["D_A_fake"]


def test_noise_dropout_and_penalty_are_all_in_the_state():
    model = build("welander/unit", "wgan-gp")
    assert len(model.random_streams) == 2
    assert {"random_0", "random_1"} <= set(model.state())


def test_capitals_do_not_change_the_cross_entropy_of_unit():
    networks, found = build("welander/unit", "bce").networks, []
    for name in ("bce", "BCE"):
        model = models.UNIT(**networks, adversarial=name)
        model.compile(learning_rate=0.0)
        found.append(tiny.step(model, tiny.pair(1, *SHAPE, dtype="float32"))["D_A_real"])
    assert found[0] == pytest.approx(found[1], rel=1e-6)
