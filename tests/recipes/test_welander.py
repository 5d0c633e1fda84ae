import dataclasses

import numpy as np
import pytest
import tiny

import gan_mri
from gan_mri import papers, recipes
from gan_mri.errors import GanMriError
from gan_mri.weights import gan_mri_order


def kinds(network):
    """Class names of all layers, those of inner networks too."""
    found = set()
    for layer in network.layers:
        found |= kinds(layer) if hasattr(layer, "layers") else {type(layer).__name__}
    return found


def test_defaults_are_those_of_the_paper_and_of_gan_mri():
    recipe = recipes.get("welander/cyclegan")
    assert (recipe.epochs, recipe.decay_epoch, recipe.batch_size) == (200, 101, 1)
    assert (recipe.learning_rate, recipe.beta_1, recipe.beta_2) == (2e-4, 0.5, 0.999)
    assert (recipe.filters, recipe.residual_blocks) == (32, 9)
    assert (recipe.cycle_weight, recipe.real_label, recipe.pool_size) == (10, 1, 50)
    assert not recipe.needs_pairs


def test_settings_reach_the_networks():
    plain = tiny.cyclegan().networks
    changed = tiny.cyclegan(
        resize_convolution=True,
        residual_padding="reflect",
        spectral_normalization=True,
        normalization="none",
        patch=False,
        filters=3,
        discriminator_filters=5,
    ).networks
    assert all("InstanceNormalization" in kinds(net) for net in plain.values())
    assert not any("InstanceNormalization" in kinds(net) for net in changed.values())
    assert all("SpectralNormalization" in kinds(net) for net in changed.values())
    for name in ("G_A2B", "G_B2A"):
        assert "UpSampling2D" in kinds(changed[name]) - kinds(plain[name])
        # Two of c7s1, two of the residual block, two of resize-convolution.
        counts = [
            sum(type(layer).__name__ == "ReflectionPadding2D" for layer in net.layers)
            for net in (plain[name], changed[name])
        ]
        assert counts == [2, 6]
        assert gan_mri_order(changed[name])[0].shape == (7, 7, 1, 3)
    for name in ("D_A", "D_B"):
        assert changed[name].output_shape == (None, 1)
        assert gan_mri_order(changed[name])[0].shape == (4, 4, 1, 5)


def test_multiscale_has_two_scales_and_a_level_more():
    networks = tiny.cyclegan((24, 24, 1), multiscale=True).networks
    judgements = networks["D_A"](tiny.images(1, 24, 24, 1))
    assert [tuple(scale.shape) for scale in judgements] == [(1, 3, 3, 1), (1, 2, 2, 1)]
    # c7s1-2, d4, d8, d16: the residual block has 16 channels.
    assert (3, 3, 16, 16) in [w.shape for w in networks["G_A2B"].get_weights()]


def test_settings_reach_the_system():
    model = tiny.cyclegan(
        cycle_weight=3.0,
        supervised_weight=2.0,
        identity_modulus=4,
        discriminator_iterations=2,
        generator_iterations=3,
        pool_size=5,
        learning_rate=1e-3,
    )
    assert (model.cycle_weight, model.supervised_weight) == (3.0, 2.0)
    assert model.identity_modulus == 4
    assert (model.discriminator_iterations, model.generator_iterations) == (2, 3)
    assert (model.pools["A"].size, model.pools["B"].size) == (5, 5)
    for optimizer in model.optimizers_by_name.values():
        assert float(optimizer.learning_rate) == 1e-3


def test_supervised_weight_asks_for_pairs():
    assert recipes.get("welander/cyclegan", supervised_weight=10.0).needs_pairs
    assert tiny.cyclegan(supervised_weight=10.0).needs_pairs
    assert not tiny.cyclegan().needs_pairs


def test_free_size_without_a_pool():
    model = tiny.cyclegan((None, None, 1), dtype="float32")
    for height in (17, 20):
        losses = model.train_step(tiny.pair(1, height, 18, 1, dtype="float32"))
        assert float(losses["G_total"]) > 0


def test_free_size_with_a_pool():
    with pytest.raises(GanMriError, match="pool_size must be 0.*pool_size=50"):
        gan_mri.build("welander/cyclegan", (None, None, 1), **tiny.SETTINGS)


def test_multiscale_and_dense():
    with pytest.raises(GanMriError, match="multiscale=True needs patch=True"):
        recipes.get("welander/cyclegan", multiscale=True, patch=False)


def test_dense_and_free_size():
    with pytest.raises(GanMriError, match="patch=False needs a fixed image size"):
        tiny.cyclegan((None, None, 1), patch=False)


METHODS = {
    "cyclegan": {"needs_pairs": False, "translator": 2_849_537},
    "cyclegan_s": {"needs_pairs": True, "translator": 2_849_537},
    "generators_s": {"needs_pairs": True, "translator": 2_849_537},
    # Encoder, shared encoder and decoder, generator, and their moving statistics.
    "unit": {
        "needs_pairs": False,
        "translator": 3_915_776 + 2 * 1_181_184 + 3_912_449 + 2 * 3_072 + 2 * 1_024,
    },
    "simple": {"needs_pairs": True, "translator": 2 * 256 + 256 + 1},
}


def test_the_paper_has_five_methods():
    methods, paper = recipes.methods_of("welander"), papers.of("welander")
    assert set(methods) == set(METHODS)
    assert "1806.07777" in paper.source


@pytest.mark.parametrize("name", METHODS)
def test_translators_have_the_size_of_the_2018_networks(name):
    """And take any size; those of the model take their weights."""
    recipe = recipes.get(f"welander/{name}")
    assert recipe.needs_pairs == METHODS[name]["needs_pairs"]
    for direction, network in recipe.build_translators((64, 64, 1), recipe.task()).items():
        assert direction in ("A2B", "B2A")
        assert network.count_params() == METHODS[name]["translator"]
        assert network.output_shape[-1] == 1


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("shape", [(20, 18, 1), (None, None, 3)])
def test_translators_are_built_like_those_of_the_model(name, shape):
    fields = vars(recipes.get(f"welander/{name}"))
    small = {key: value for key, value in tiny.SETTINGS.items() if key in fields}
    recipe = recipes.get(f"welander/{name}", **small)
    pool = {"pool_size": 0} if "pool_size" in fields else {}
    model = gan_mri.build(f"welander/{name}", (20, 18, shape[-1]), **small, **pool)
    images = tiny.images(2, 20, 18, shape[-1], dtype="float32")
    for direction, network in recipe.build_translators(shape, recipe.task()).items():
        translator = model.translators[direction]
        network.set_weights(translator.get_weights())
        np.testing.assert_allclose(network(images), translator(images), rtol=0, atol=1e-5)


def test_defaults_of_the_supervised_methods():
    plain = dataclasses.asdict(recipes.get("welander/cyclegan"))
    supervised = dataclasses.asdict(recipes.get("welander/cyclegan_s"))
    assert supervised == plain | {"supervised_weight": 10.0}
    generators = dataclasses.asdict(recipes.get("welander/generators_s"))
    # CycleGAN's generators and Adam, and nothing else of it.
    assert generators == {name: plain[name] for name in generators}
    assert not {"cycle_weight", "pool_size", "patch"} & set(generators)


def test_defaults_of_unit():
    recipe = recipes.get("welander/unit")
    # Constant rate: no decay before the end.
    assert recipe.epochs <= recipe.decay_epoch
    assert (recipe.learning_rate, recipe.beta_1, recipe.beta_2) == (1e-4, 0.5, 0.999)
    assert (recipe.kl_weight, recipe.image_weight, recipe.adversarial_weight) == (0.1, 100, 10)
    assert (recipe.noise, recipe.dropout) == (1, 0.5)
    assert (recipe.filters, recipe.residual_blocks, recipe.discriminator_filters) == (64, 3, 64)
    # What the 2018 code asks for and does not get, is an option.
    assert (recipe.initializer, recipe.weight_decay) == ("glorot_uniform", 0)


def test_defaults_of_simple():
    recipe = recipes.get("welander/simple")
    # The Adam of Keras with its own defaults.
    assert (recipe.learning_rate, recipe.beta_1, recipe.beta_2) == (1e-3, 0.9, 0.999)
    assert recipe.epochs <= recipe.decay_epoch
    assert (recipe.filters, recipe.kernel_size) == (256, 1)


def test_settings_reach_unit():
    model = gan_mri.build(
        "welander/unit",
        (20, 16, 3),
        filters=3,
        discriminator_filters=5,
        residual_blocks=2,
        noise=0.0,
        kl_weight=1.0,
        image_weight=2.0,
        adversarial_weight=3.0,
        weight_decay=4.0,
        spectral_normalization=True,
        learning_rate=1e-3,
    )
    assert (model.kl_weight, model.image_weight) == (1, 2)
    assert (model.adversarial_weight, model.weight_decay) == (3, 4)
    assert float(model.adam.learning_rate) == pytest.approx(1e-3)
    networks = model.networks
    assert gan_mri_order(networks["encoder_A"])[0].shape == (7, 7, 3, 3)
    assert gan_mri_order(networks["discriminator_B"])[0].shape == (3, 3, 3, 5)
    assert networks["generator_A"].output_shape[-1] == 3
    assert all("SpectralNormalization" in kinds(network) for network in networks.values())
    counts = {
        name: [type(layer).__name__ for layer in network.layers]
        for name, network in networks.items()
    }
    assert [counts[name].count("Add") for name in ("encoder_A", "generator_B")] == [2, 2]
    assert "GaussianNoise" not in counts["shared_encoder"]
    assert counts["shared_encoder"].count("Dropout") == 1


@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        ("dropout", 1.0, "dropout must be below 1. Received: 1.0."),
        ("dropout", -0.1, "dropout must be a number from 0.0. Received: -0.1."),
        ("noise", -1, "noise must be a number from 0.0. Received: -1"),
        (
            "initializer",
            "zeros",
            "initializer must be one of glorot_uniform, normal. Received: 'zeros'.",
        ),
        ("kernel_size", 3, "'kernel_size' is not a setting of this recipe. It has: epochs"),
    ],
)
def test_wrong_settings_of_unit(setting, value, expected):
    with pytest.raises(GanMriError) as caught:
        recipes.get("welander/unit", **{setting: value})
    assert str(caught.value).startswith(expected)


def test_both_variants_of_simple():
    for kernel_size, count in ((1, 769), (5, 6913)):
        model = gan_mri.build("welander/simple", (20, 16, 1), kernel_size=kernel_size)
        assert [network.count_params() for network in model.networks.values()] == [count] * 2


def test_units_noise_and_dropout_may_be_switched():
    off = recipes.get("welander/unit", noise=False, dropout=False)
    assert (off.noise, off.dropout) == (0.0, 0.0)
    on = recipes.get("welander/unit", noise=True, dropout=True)
    assert (on.noise, on.dropout) == (1.0, 0.5)
