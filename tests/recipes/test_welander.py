import pytest
import tiny

import gan_mri
from gan_mri import recipes
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
