"""The update of CycleGAN with colour histograms, term by term."""

import numpy as np
import pytest
import tensorflow as tf
import tiny
from scipy.special import expit

import gan_mri
from gan_mri import models, recipes
from gan_mri.errors import GanMriError
from gan_mri.networks.inputs import input_names, takes_reference

SHAPE = (20, 18, 3)
BINS, BANDWIDTH = 8, 0.1
SMALL = {**tiny.SETTINGS, "pool_size": 0, "bins": BINS, "bandwidth": BANDWIDTH}
METHODS = {
    # Generators that take histograms, translations in the histogram loss, spectral normalisation.
    "method1": ((), (), False),
    "method2": ((), (), True),
    "method3": ((), ("A2B", "B2A"), True),
    "method4": (("A2B", "B2A"), (), True),
    "method5": (("A2B",), ("A2B",), True),
    "method6": (("A2B", "B2A"), ("A2B", "B2A"), True),
}


def build(method="method6", *, dtype="float64", **settings):
    settings = {**SMALL, **settings}
    return gan_mri.build(f"wada/{method}", SHAPE, dtype=dtype, seed=3, **settings)


def histogram(images):
    """Equations 1 to 5 of paper 000 in NumPy: (N, C, bins)."""
    width = 2 / BINS
    edges = -1 + width * np.arange(BINS + 1)
    below = expit((np.asarray(images)[..., np.newaxis] - edges) / BANDWIDTH).mean(axis=(1, 2))
    return below[..., :-1] - below[..., 1:]


def step(model, batch):
    return {name: float(loss) for name, loss in model.train_step(batch).items()}


@pytest.mark.parametrize("method", METHODS)
def test_what_each_method_of_table_1_has(method):
    inputs, compared, spectral = METHODS[method]
    model = build(method)
    for direction in ("A2B", "B2A"):
        generator = model.networks[f"G_{direction}"]
        takes = direction in inputs
        assert input_names(generator) == ["image", "histogram"][: 1 + takes]
        names = [tensor.name.split(":")[0] for tensor in model.translators[direction].inputs]
        assert names == ["image", "reference"][: 1 + takes]
        assert takes_reference(model.translators[direction]) == takes
    assert recipes.get(f"wada/{method}").spectral_normalization == spectral
    losses = step(model, tiny.pair(1, *SHAPE))
    found = {name for name in losses if name.startswith("histogram")}
    assert found == {f"histogram_{direction[-1]}" for direction in compared}
    assert {"identity_A", "identity_B", "cycle_A", "cycle_B"} <= set(losses)
    assert all(np.isfinite(loss) for loss in losses.values())


@pytest.mark.parametrize("method", ["method3", "method5", "method6"])
def test_terms_of_the_loss(method):
    """With a learning rate of 0 every term is that of the networks as they are."""
    weights = {
        "adversarial_weight": 0.7,
        "cycle_weight": 3.0,
        "identity_weight": 2.0,
        "histogram_weight": 5.0,
    }
    model = build(method, learning_rate=0.0, spectral_normalization=False, **weights)
    A, B = tiny.pair(2, *SHAPE)

    def generate(direction, images, like):
        generator = model.networks[f"G_{direction}"]
        takes = "histogram" in input_names(generator)
        given = [images, histogram(like)] if takes else images
        return np.asarray(generator(given))

    def error(truth, image):
        return np.mean(np.abs(truth - image))

    def distance(like, image):
        difference = histogram(like) - histogram(image)
        return np.mean(np.sum(np.sqrt(np.sum(difference**2, axis=-1)), axis=-1))

    fake_A, fake_B = generate("B2A", B, A), generate("A2B", A, B)
    expected = {
        "cycle_A": error(A, generate("B2A", fake_B, A)),
        "cycle_B": error(B, generate("A2B", fake_A, B)),
        "identity_A": error(A, generate("B2A", A, A)),
        "identity_B": error(B, generate("A2B", B, B)),
        "adversarial_A": np.mean((np.asarray(model.D_A(fake_A)) - 1) ** 2),
        "adversarial_B": np.mean((np.asarray(model.D_B(fake_B)) - 1) ** 2),
    }
    expected["histogram_B"] = distance(B, fake_B)
    if method != "method5":
        expected["histogram_A"] = distance(A, fake_A)
    losses = step(model, (A, B))
    expected["G_total"] = sum(
        weights[f"{name.partition('_')[0]}_weight"] * value for name, value in expected.items()
    )
    for name, value in expected.items():
        np.testing.assert_allclose(losses[name], value, rtol=1e-6, err_msg=name)


@pytest.mark.parametrize("weight", ["identity_weight", "histogram_weight"])
def test_a_term_of_weight_0_is_not_computed(weight):
    losses = step(build(**{weight: 0.0}), tiny.pair(1, *SHAPE))
    assert not any(name.startswith(weight.partition("_")[0]) for name in losses)


def test_the_histogram_loss_brings_colors_nearer():
    model = build(
        "method6",
        adversarial_weight=0.0,
        cycle_weight=0.0,
        identity_weight=0.0,
        spectral_normalization=False,
        learning_rate=5e-3,
    )
    A, B = tiny.pair(1, *SHAPE)
    B = 0.2 * B + np.array([0.5, -0.5, 0.0])
    train = tf.function(model.train_step)
    losses = [float(train((A, B))["histogram_B"]) for _ in range(40)]
    assert losses[-1] < 0.5 * losses[0]


def test_a_translator_looks_at_the_colors_of_its_reference_alone():
    model = build(dtype="float32")
    image = tiny.images(2, *SHAPE, dtype="float32")
    references = tiny.images(2, 11, 13, 3, seed=5, dtype="float32")
    translate = model.translators["A2B"]
    before = np.asarray(translate([image, references]))
    assert before.shape == image.shape
    mirrored = np.asarray(translate([image, references[:, ::-1, ::-1]]))
    np.testing.assert_allclose(mirrored, before, rtol=0, atol=1e-5)
    other = np.asarray(translate([image, references * 0.3]))
    assert np.abs(other - before).max() > 1e-3
    generated = model.G_A2B([image, histogram(references).astype("float32")])
    np.testing.assert_allclose(before, generated, rtol=0, atol=1e-4)


def test_build_translators_fits_the_weights():
    model = build(dtype="float32")
    fresh = recipes.get("wada/method6", **SMALL).build_translators((None, None, 3), model.task)
    given = [tiny.images(1, *SHAPE, dtype="float32", seed=seed) for seed in (0, 1)]
    for direction, network in fresh.items():
        network.set_weights(model.translators[direction].get_weights())
        np.testing.assert_allclose(
            network(given), model.translators[direction](given), rtol=0, atol=1e-5
        )


def system(**options):
    """A system of method 6's networks, with options that no recipe of the paper has."""
    parts = build(spectral_normalization=False).networks
    options = {"bins": BINS, "bandwidth": BANDWIDTH, "pool_size": 0, **options}
    model = models.HistogramCycleGAN(**parts, image_shape=SHAPE, **options)
    model.compile(learning_rate=0.0)
    return model


def test_supervision_is_a_term_of_its_own_weight():
    model = system(supervised_weight=10.0)
    A, B = tiny.pair(1, *SHAPE)
    before, results = tiny.step(system(), (A, B)), tiny.step(model, (A, B))
    assert set(results) - set(before) == {"supervised_A", "supervised_B"}
    fake_A, fake_B = (np.asarray(made) for made in model((A, B)))
    expected_A, expected_B = np.mean(np.abs(fake_A - A)), np.mean(np.abs(fake_B - B))
    np.testing.assert_allclose(results["supervised_A"], expected_A, rtol=1e-6)
    np.testing.assert_allclose(results["supervised_B"], expected_B, rtol=1e-6)
    added = results["G_total"] - before["G_total"]
    np.testing.assert_allclose(added, 10 * (expected_A + expected_B), rtol=1e-5)
    assert model.terms["supervised_A"] == ("image", 10.0, "B2A")
    assert model.needs_pairs and not system().needs_pairs


def test_identity_learning_of_cyclegan_is_refused():
    """Two terms of one name would be one of them."""
    with pytest.raises(GanMriError, match="identity_modulus: expected 0.*Received: 2"):
        system(identity_modulus=2)
