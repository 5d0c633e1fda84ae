"""`image_losses` of recipes: their spellings, what they add, what they ask of the data."""

import json
from dataclasses import asdict

import numpy as np
import pytest
import tensorflow as tf
import tiny

import gan_mri
from gan_mri import recipes
from gan_mri.errors import GanMriError
from gan_mri.networks.discriminator_features import discriminator_features
from gan_mri.train import _parser, parse

SHAPE = (20, 16, 1)
RECIPES = ("welander/cyclegan", "welander/generators_s", "welander/unit", "wada/method6")
#: Losses of each weight; what they need is below.
TEXT = "l1:100,gradient_difference:10"


def build(recipe, **settings):
    small = {"residual_blocks": 0, "spectral_normalization": False, "pool_size": 0}
    small |= {"noise": 0.0, "dropout": 0.0}
    fields = asdict(recipes.get(recipe))
    small = {key: value for key, value in small.items() if key in fields}
    settings = {**tiny.small(recipe), **small, **settings}
    return gan_mri.build(recipe, SHAPE, dtype="float64", seed=3, **settings)


def steepness(image):
    return [np.abs(np.diff(image, axis=axis)) for axis in (1, 2)]


def gradient_difference(truth, image):
    """Mean over all slopes, of both axes, of how much their sizes differ."""
    pairs = zip(steepness(truth), steepness(image))
    return np.concatenate([np.abs(true - made).ravel() for true, made in pairs]).mean()


@pytest.mark.parametrize("given", [TEXT, {"l1": 100, "gradient_difference": 10}])
@pytest.mark.parametrize("recipe", RECIPES)
def test_the_total_changes_by_weight_times_value(recipe, given):
    plain, model = build(recipe), build(recipe, image_losses=given)
    # A batch of one: in training, UNIT's networks see statistics of the batch.
    A, B = tiny.pair(1, *SHAPE)
    fake_A, fake_B = (np.asarray(made) for made in model((A, B)))
    without, results = tiny.step(plain, (A, B)), tiny.step(model, (A, B))
    values = {
        "l1_A": np.abs(A - fake_A).mean(),
        "l1_B": np.abs(B - fake_B).mean(),
        "gradient_difference_A": gradient_difference(A, fake_A),
        "gradient_difference_B": gradient_difference(B, fake_B),
    }
    assert set(results) - set(without) == set(values)
    for name, value in values.items():
        np.testing.assert_allclose(results[name], value, rtol=1e-6, err_msg=name)
    added = sum((100 if name.startswith("l1") else 10) * results[name] for name in values)
    assert added > 1
    np.testing.assert_allclose(results["G_total"] - without["G_total"], added, rtol=1e-9)
    # They are trained with, not only shown.
    ours, theirs = tiny.weights(model), tiny.weights(plain)
    generator = next(name for name in ours if name.startswith(("G_", "generator")))
    assert any(np.any(a != b) for a, b in zip(ours[generator], theirs[generator]))


def test_every_spelling_is_one_setting():
    text = recipes.get("welander/cyclegan", image_losses=TEXT)
    assert text == recipes.get(
        "welander/cyclegan", image_losses={"l1": 100, "gradient_difference": 10}
    )
    assert text == recipes.get("welander/cyclegan", image_losses="L1:100.0,Gradient-Difference:1e1")
    assert text.image_losses == TEXT
    command = ["welander/cyclegan", "--set", f"image_losses={TEXT}", "filters=8"]
    options = parse(_parser(), command)
    settings = {name: options[name] for name in ("image_losses", "filters")}
    assert recipes.get("welander/cyclegan", **settings) == text.replace(filters=8)


def test_weights_keep_every_digit():
    weight = 123456.789012345
    recipe = recipes.get("welander/unit", image_losses={"l1": weight, "ssim": 0.1})
    model = gan_mri.build("welander/unit", SHAPE, image_losses=recipe.image_losses, **tiny.SETTINGS)
    assert model.terms["l1_A"].weight == weight
    assert model.terms["ssim_B"].weight == 0.1


def test_settings_survive_json():
    recipe = recipes.get("welander/unit", image_losses={"l1": 0.1, "edge": 3})
    stored = json.loads(json.dumps(asdict(recipe)))
    assert recipes.get("welander/unit", **stored) == recipe


@pytest.mark.parametrize("none", ["", None, {}])
def test_none(none):
    assert recipes.get("welander/unit", image_losses=none) == recipes.get("welander/unit")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("l3:1", "expected names from l1, .*Received: 'l3'"),
        ("l1", "expected name:weight.*Received: 'l1'"),
        ("l1:much", "expected the weight of 'l1' to be a finite number.*Received: 'much'"),
        ({"l1": -1}, "expected the weight of 'l1' to be a finite number.*Received: -1"),
        ({"l1": "x"}, "expected the weight of 'l1' to be a finite number.*Received: 'x'"),
        ("l1:1,L1:2", "expected every name once.*'l1' again"),
        (5, "expected a dict from name to weight.*Received: 5"),
        (["l1"], "expected a dict from name to weight.*Received: ..l1"),
    ],
)
def test_wrong_values_are_refused_with_the_other_settings(given, expected):
    with pytest.raises(GanMriError, match=f"^image_losses: {expected}"):
        recipes.get("welander/cyclegan", image_losses=given)


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize(
    ("given", "paired"),
    [
        ("", ()),
        ("self_regularization:1,total_variation:0.1", ()),
        ("total_variation:1,ms_ssim:1", ("A", "B")),
        ("discriminator_features:10", ("A", "B")),
    ],
)
def test_losses_that_compare_with_the_truth_need_pairs(recipe, given, paired):
    if recipe == "welander/generators_s":
        if "discriminator" in given:
            return
        paired = ("A", "B")
    method = recipes.get(recipe, image_losses=given)
    assert method.task().paired == paired
    assert method.needs_pairs == bool(paired)
    assert build(recipe, image_losses=given).task == method.task()


@pytest.mark.parametrize("recipe", ["welander/cyclegan", "welander/unit", "wada/method6"])
def test_features_of_the_discriminators_train(recipe):
    others = {"adversarial_weight": 0.0, "cycle_weight": 0.0, "image_weight": 0.0}
    others |= {"identity_weight": 0.0, "histogram_weight": 0.0, "kl_weight": 0.0}
    fields = asdict(recipes.get(recipe))
    others = {key: value for key, value in others.items() if key in fields}
    model = build(recipe, image_losses="discriminator_features:4", **others)
    names = [name for name in model.networks if name.startswith(("D_", "discriminator"))]
    before = tiny.weights(model)
    results = tiny.step(model, tiny.pair(1, *SHAPE))
    values = [results[f"discriminator_features_{domain}"] for domain in "AB"]
    assert all(value > 0 for value in values)
    np.testing.assert_allclose(results["G_total"], 4 * sum(values), rtol=1e-12)
    after = tiny.weights(model)
    for name in set(before) - set(names):
        assert any(np.any(a != b) for a, b in zip(before[name], after[name])), name


def test_the_gradient_is_that_of_the_discriminators_before_their_step():
    """Which are updated between the forward and the backward pass of the generators."""
    settings = {"adversarial_weight": 0.0, "cycle_weight": 0.0}
    model, twin = (
        build("welander/cyclegan", image_losses="discriminator_features:4", **settings)
        for _ in range(2)
    )
    A, B = tiny.pair(1, *SHAPE)
    with tf.GradientTape() as tape:
        total = 0.0
        for truth, made, judge in (
            (A, twin.G_B2A(B, training=True), twin.D_A),
            (B, twin.G_A2B(A, training=True), twin.D_B),
        ):
            look = discriminator_features(judge)
            errors = [
                tf.reduce_mean(tf.abs(true - found)) for true, found in zip(look(truth), look(made))
            ]
            total += 4 * tf.add_n(errors) / len(errors)
    gradients = tape.gradient(total, twin.G_optimizer.variables_of("G"))
    np.testing.assert_allclose(tiny.step(model, (A, B))["G_total"], total, rtol=1e-10)
    # The first moment after one step, with a beta of 0.5.
    moments = model.G_optimizer.moments["G"][: len(gradients)]
    for moment, gradient in zip(moments, gradients):
        np.testing.assert_allclose(moment, 0.5 * gradient, rtol=0, atol=1e-10)
    assert max(np.abs(moment).max() for moment in moments) > 1e-3


def test_a_method_without_discriminators_has_no_features_of_theirs():
    with pytest.raises(GanMriError, match="'discriminator_features'.*has no network"):
        build("welander/generators_s", image_losses="discriminator_features:1")
