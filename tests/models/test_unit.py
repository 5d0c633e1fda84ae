"""The update of UNIT in its options; `test_unit_golden_training` has its numbers."""

import golden
import numpy as np
import pytest
import tensorflow as tf
import tiny

from gan_mri.layers import SelfAttention, SpectralNormalization
from gan_mri.weights import gan_mri_order

SHAPE = (20, 16, 1)
DETERMINISTIC = {"noise": 0.0, "dropout": 0.0}
NAMES = [
    *("D_A_real", "D_A_fake", "D_B_real", "D_B_fake", "G_total"),
    *("kl_A", "kl_B", "kl_cycle_A", "kl_cycle_B"),
    *("reconstruction_A", "reconstruction_B", "cycle_A", "cycle_B"),
    *("adversarial_A", "adversarial_B"),
]


def step(model, batch):
    return {name: float(loss) for name, loss in model.train_step(batch).items()}


def groups(model):
    """Names of the networks by the group of variables that they are trained in."""
    parts = {f"D_{domain}": [f"discriminator_{domain}"] for domain in "AB"}
    return {**parts, "G": [name for name in model.networks if "discriminator" not in name]}


def assert_same_weights(model, other):
    ours, theirs = tiny.weights(model), tiny.weights(other)
    for name in ours:
        for a, b in zip(ours[name], theirs[name], strict=True):
            np.testing.assert_array_equal(a, b, err_msg=name)


def test_networks_by_their_names():
    model = tiny.unit()
    assert list(model.networks) == [
        *("encoder_A", "encoder_B", "shared_encoder", "shared_decoder"),
        *("generator_A", "generator_B", "discriminator_A", "discriminator_B"),
    ]
    for name, network in model.networks.items():
        assert getattr(model, name) is network
    # Nothing is shared but what is called so.
    trainable = [id(v) for n in model.networks.values() for v in n.trainable_variables]
    assert len(set(trainable)) == len(trainable)
    assert not model.needs_pairs


def test_names_of_the_losses_and_their_weights():
    model = tiny.unit(kl_weight=0.3, image_weight=7.0, adversarial_weight=2.0)
    before = tiny.weights(model)
    results = step(model, tiny.pair(2, *SHAPE))
    assert list(results) == NAMES
    expected = 0.3 * sum(results[name] for name in NAMES if name.startswith("kl"))
    expected += 7.0 * sum(results[n] for n in NAMES if n.startswith(("recon", "cycle")))
    expected += 2.0 * (results["adversarial_A"] + results["adversarial_B"])
    np.testing.assert_allclose(results["G_total"], expected, rtol=1e-12)
    # One Adam, whose counter all five steps of an iteration share.
    assert model.optimizers_by_name == {"all": model.adam}
    assert int(model.adam.iterations) == 5
    after = tiny.weights(model)
    for name, network in model.networks.items():
        moved = [not np.array_equal(a, b) for a, b in zip(before[name], after[name])]
        moving = ["moving" in v.name for v in network.variables]
        assert all(a != b for a, b in zip(moved, moving)), name


def test_losses_are_those_of_the_networks():
    """With a learning rate of 0 all five steps see the networks as they are."""
    model = tiny.unit(learning_rate=0.0, **DETERMINISTIC)
    A, B = tiny.pair(2, *SHAPE)

    def call(name, *inputs):
        return model.networks[name](*inputs, training=True)

    def encode(domain, image):
        return call("shared_encoder", call(f"encoder_{domain}", image))

    def decode(domain, code):
        return call(f"generator_{domain}", call("shared_decoder", code)).numpy()

    def cross_entropy(domain, image, label):
        judged = [np.asarray(scale) for scale in call(f"discriminator_{domain}", image)]
        return -sum(np.mean(np.log(p if label else 1 - p)) for p in judged)

    code_A, code_B = encode("A", A), encode("B", B)
    fake_A, fake_B = decode("A", code_B), decode("B", code_A)
    again_A, again_B = encode("A", fake_A), encode("B", fake_B)
    expected = {
        "D_A_real": 10 * cross_entropy("A", A, 1),
        "D_A_fake": 10 * cross_entropy("A", fake_A, 0),
        "D_B_real": 10 * cross_entropy("B", B, 1),
        "D_B_fake": 10 * cross_entropy("B", fake_B, 0),
        "kl_A": np.mean(code_A**2),
        "kl_B": np.mean(code_B**2),
        "kl_cycle_A": np.mean(again_A**2),
        "kl_cycle_B": np.mean(again_B**2),
        "reconstruction_A": np.mean(np.abs(decode("A", code_A) - A)),
        "reconstruction_B": np.mean(np.abs(decode("B", code_B) - B)),
        "cycle_A": np.mean(np.abs(decode("A", again_B) - A)),
        "cycle_B": np.mean(np.abs(decode("B", again_A) - B)),
        "adversarial_A": cross_entropy("A", fake_A, 1),
        "adversarial_B": cross_entropy("B", fake_B, 1),
    }
    results = step(model, (A, B))
    assert {*expected, "G_total"} == set(results)
    for name, value in expected.items():
        np.testing.assert_allclose(results[name], value, rtol=1e-10, err_msg=name)


def test_weight_decay_adds_the_squares_of_kernels_and_biases():
    plain, decayed = (
        tiny.unit(learning_rate=0.0, weight_decay=decay, **DETERMINISTIC) for decay in (0.0, 5e-3)
    )
    for network in plain.networks.values():
        for variable in gan_mri_order(network):
            if golden.kind(variable.name) == "bias":
                variable.assign(0.1 * tiny.images(*variable.shape))
    for name, network in plain.networks.items():
        decayed.networks[name].set_weights(network.get_weights())
    batch = tiny.pair(1, *SHAPE)
    without, results = step(plain, batch), step(decayed, batch)
    squares = {
        group: sum(
            np.sum(variable.numpy() ** 2)
            for name in names
            for variable in gan_mri_order(plain.networks[name])
            if golden.kind(variable.name) in ("kernel", "bias")
        )
        for group, names in groups(plain).items()
    }
    places = {"D_A_real": "D_A", "D_A_fake": "D_A", "D_B_real": "D_B", "D_B_fake": "D_B"}
    for name in NAMES:
        group = {**places, "G_total": "G"}.get(name)
        added = 5e-3 * squares[group] if group else 0.0
        assert group is None or added > 0.05
        np.testing.assert_allclose(results[name], without[name] + added, rtol=1e-12)
    # And it acts: the first moment after one step is half of the gradient.
    pairs = zip(plain.adam.variables_of("G"), plain.adam.moments["G"], decayed.adam.moments["G"])
    for variable, m, m_decayed in pairs:
        decays = golden.kind(variable.name) in ("kernel", "bias")
        expected = 5e-3 * variable.numpy() if decays else 0 * variable.numpy()
        np.testing.assert_allclose(m_decayed - m, expected, rtol=0, atol=1e-10)


def test_there_is_no_decay_unless_asked_for():
    """As it really was in 2018 (the collection's README, quirk 9)."""
    assert tiny.unit().weight_decay == 0


def test_initializer_is_a_setting():
    plain, normal = (
        tiny.unit(filters=16, discriminator_filters=16, initializer=initializer)
        for initializer in ("glorot_uniform", "normal")
    )
    for name, network in normal.networks.items():
        kernels = [w.ravel() for w in network.get_weights() if w.ndim > 1]
        values = np.concatenate(kernels)
        assert abs(values.std() - 0.02) < 5 * 0.02 / np.sqrt(2 * values.size)
        assert np.abs(values).max() > 3 * 0.02
        glorot = np.concatenate(
            [w.ravel() for w in plain.networks[name].get_weights() if w.ndim > 1]
        )
        assert abs(glorot.std() / 0.02 - 1) > 0.5
    # Networks and layers of one shape have numbers of their own.
    for model in (plain, normal):
        kernels = [
            weight
            for network in model.networks.values()
            for weight in network.get_weights()
            if weight.ndim > 1
        ]
        assert len({kernel.tobytes() for kernel in kernels}) == len(kernels)


def test_noise_adds_its_variance_to_the_terms_of_the_code():
    quiet, noisy = (tiny.unit(learning_rate=0.0, noise=noise, dropout=0.0) for noise in (0.0, 0.7))
    batch = tiny.pair(1, 64, 64, 1)
    base = step(quiet, batch)
    drawn = [step(noisy, batch) for _ in range(2)]
    assert drawn[0]["kl_A"] != drawn[1]["kl_A"]
    count = 2 * 16 * 16 * 8
    for name in ("kl_A", "kl_B"):
        mean = np.mean([losses[name] for losses in drawn])
        # Deviation of the mean of (c + n)^2 over `count` values.
        error = np.sqrt((2 * 0.7**4 + 4 * 0.7**2 * base[name]) / count)
        assert abs(mean - base[name] - 0.7**2) < 5 * error
    assert step(quiet, batch) == base


def test_dropout_acts_in_training():
    model = tiny.unit(learning_rate=0.0, noise=0.0, dropout=0.5)
    batch = tiny.pair(1, *SHAPE)
    first, second = step(model, batch), step(model, batch)
    changed = [name for name in NAMES if first[name] != second[name]]
    # The judgements of real images draw nothing.
    assert set(NAMES) - set(changed) == {"D_A_real", "D_B_real"}


def test_translation_draws_nothing_unless_asked():
    model, plain = tiny.unit(), tiny.unit(**DETERMINISTIC)
    for name, network in model.networks.items():
        plain.networks[name].set_weights(network.get_weights())
    images = tiny.pair(2, *SHAPE)
    for direction, image in zip(("A2B", "B2A"), images):
        translator = model.translators[direction]
        expected = plain.translators[direction](image)
        for _ in range(2):
            np.testing.assert_array_equal(translator(image), expected)
        first, second = (translator(image, training=True).numpy() for _ in range(2))
        assert np.abs(first - second).max() > 0.01
    as_A, as_B = model(images)
    np.testing.assert_array_equal(as_A, model.translators["B2A"](images[1]))
    np.testing.assert_array_equal(as_B, model.translators["A2B"](images[0]))
    (stream,) = model.random_streams
    assert plain.random_streams == [] and int(stream.count) > 0


def test_images_of_a_batch_are_translated_by_themselves():
    model = tiny.unit(**DETERMINISTIC)
    images = tiny.images(3, *SHAPE) * np.array([0.2, 0.5, 1.0]).reshape(3, 1, 1, 1)
    translator = model.translators["A2B"]
    together = translator(images)
    one_by_one = np.concatenate([translator(images[i : i + 1]) for i in range(3)])
    np.testing.assert_allclose(together, one_by_one, rtol=0, atol=1e-12)
    # In training they share statistics, as in the 2018 code.
    assert np.abs(translator(images, training=True) - one_by_one).max() > 0.01


@pytest.mark.parametrize("size", [(17, 19), (22, 18), (33, 20)])
def test_any_size_trains_and_translates(size):
    model = tiny.unit((*size, 1), **DETERMINISTIC)
    A, B = tiny.pair(2, *size, 1)
    assert all(np.isfinite(value) for value in step(model, (A, B)).values())
    # Mirrored at the border to a multiple of 4, the odd pixel at the end.
    missing = [-length % 4 for length in size]
    sides = [(0, 0), *((m // 2, m - m // 2) for m in missing), (0, 0)]
    padded = np.pad(A, sides, mode="reflect")
    translated = model.translators["A2B"](padded).numpy()
    rows, columns = (
        slice(before, before + length) for (before, _), length in zip(sides[1:3], size)
    )
    expected = translated[:, rows, columns]
    assert expected.shape == A.shape
    np.testing.assert_allclose(model.translators["A2B"](A), expected, rtol=0, atol=1e-12)
    # A system for one size translates any other.
    assert model.translators["B2A"](tiny.images(1, 40, 21, 1)).shape == (1, 40, 21, 1)


def test_losses_of_odd_sizes_are_those_of_the_mirrored_images():
    model, other = (tiny.unit((18, 18, 1), learning_rate=0.0, **DETERMINISTIC) for _ in range(2))
    A, B = tiny.pair(1, 18, 18, 1)
    sides = [(0, 0), (1, 1), (1, 1), (0, 0)]
    mirrored = tuple(np.pad(images, sides, mode="reflect") for images in (A, B))
    ours, theirs = step(model, (A, B)), step(other, mirrored)
    for name in NAMES:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-12, err_msg=name)


@pytest.mark.parametrize("shape", [(20, 16, 3), (17, 18, 19, 1)])
def test_color_and_volumes(shape):
    # TensorFlow cannot average 2x2x2 voxels in float64.
    model = tiny.unit(shape, dtype="float32", spectral_normalization=True)
    results = step(model, tiny.pair(1, *shape, dtype="float32"))
    assert all(np.isfinite(value) for value in results.values())
    assert model.translators["A2B"](tiny.images(1, *shape)).shape == (1, *shape)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_mixed_precision(dtype):
    shape = (17, 20, 1)
    model = tiny.unit(shape, dtype=dtype)
    before = tiny.weights(model)
    for seed in range(2):
        results = model.train_step(tiny.pair(1, *shape, seed=seed, dtype="float32"))
        for name, value in results.items():
            assert value.dtype == tf.float32 and np.isfinite(value), name
    # float16 leaves steps out whose gradients overflow, and halves its scale.
    assert int(model.adam.iterations) == 10 or dtype == "float16"
    after = tiny.weights(model)
    for name, network in model.networks.items():
        assert all(tf.as_dtype(weight.dtype) == tf.float32 for weight in network.weights)
        assert all(np.isfinite(weight).all() for weight in after[name])
    # The discriminators, at least, have no overflow.
    for name in ("discriminator_A", "discriminator_B"):
        assert any(np.any(a != b) for a, b in zip(before[name], after[name]))
    assert model.translators["A2B"](tiny.images(1, *shape, dtype="float32")).dtype == tf.float32


def test_low_precision_computes_what_float32_does():
    wide, half = (
        tiny.unit(dtype=dtype, learning_rate=0.0, **DETERMINISTIC)
        for dtype in ("float32", "bfloat16")
    )
    batch = tiny.pair(1, *SHAPE, dtype="float32")
    ours, theirs = step(half, batch), step(wide, batch)
    for name in NAMES:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=0.1, err_msg=name)


def test_state_is_everything_that_training_changes(tmp_path):
    """A restored system draws the noise that the uninterrupted one draws."""
    model, other = tiny.unit(), tiny.unit(seed=4)
    other.random_streams[0].count.assign(77)
    batches = [tiny.pair(1, *SHAPE, seed=seed) for seed in range(3)]
    step(model, batches[0])
    path = tf.train.Checkpoint(**model.state()).write(str(tmp_path / "state"))
    other.random_streams[0].seed = model.random_streams[0].seed
    tf.train.Checkpoint(**other.state()).read(path).assert_existing_objects_matched()
    for batch in batches[1:]:
        assert step(model, batch) == step(other, batch)
    assert_same_weights(model, other)


def test_a_seed_makes_weights_and_noise():
    first, again, other = (tiny.unit(seed=seed) for seed in (1, 1, 2))
    assert_same_weights(first, again)
    assert [model.random_streams[0].seed for model in (first, again, other)] == [1, 1, 2]
    batch = tiny.pair(1, *SHAPE)
    assert step(first, batch) == step(again, batch)


def test_fit():
    model = tiny.unit(dtype="float32")
    A, B = tiny.pair(3, *SHAPE, dtype="float32")
    data = tf.data.Dataset.from_tensor_slices((A, B)).batch(1)
    history = model.fit(data, epochs=2, verbose=0).history
    assert set(NAMES) <= set(history) and len(history["G_total"]) == 2
    assert np.all(np.isfinite(history["G_total"]))
    assert int(model.adam.iterations) == 2 * 3 * 5


def spectral_layers(model):
    """Every layer of spectral normalisation of a system, by network."""
    return {
        name: [
            part
            for layer in network.layers
            for part in (
                (layer.query, layer.key, layer.value)
                if isinstance(layer, SelfAttention)
                else (layer,)
            )
            if isinstance(part, SpectralNormalization)
        ]
        for name, network in model.networks.items()
    }


@pytest.mark.parametrize("attention", ["encoder", "generator"])
def test_spectral_normalization_moves_once_in_a_step_and_not_in_translation(attention):
    model = tiny.unit(spectral_normalization=True, attention=attention, learning_rate=0.0)
    spectral = spectral_layers(model)
    assert all(spectral.values())

    def settle(layer, times):
        kernel = np.array(layer.layer.kernel)
        axis = -2 if "Transpose" in type(layer.layer).__name__ else -1
        matrix = np.moveaxis(kernel, axis, -1).reshape(-1, kernel.shape[axis])
        u = np.ravel(layer.u)
        for _ in range(times):
            v = matrix @ u / np.linalg.norm(matrix @ u)
            u = matrix.T @ v / np.linalg.norm(matrix.T @ v)
        return u

    expected = {name: [settle(layer, 1) for layer in found] for name, found in spectral.items()}
    step(model, tiny.pair(1, *SHAPE))
    model.translators["A2B"](tiny.images(1, *SHAPE))
    for name, found in spectral.items():
        for layer, u in zip(found, expected[name]):
            np.testing.assert_allclose(np.ravel(layer.u), u, atol=1e-12, err_msg=name)


def test_charbonnier_in_place_of_the_mean_absolute_error():
    models = [
        tiny.unit(learning_rate=0.0, image_loss=loss, charbonnier_epsilon=0.5, **DETERMINISTIC)
        for loss in ("mean_absolute_error", "charbonnier")
    ]
    batch = tiny.pair(1, *SHAPE)
    plain, penalised = (step(model, batch) for model in models)
    for name in NAMES:
        if name.startswith(("reconstruction", "cycle")):
            # sqrt(x^2 + e^2) is above |x|, by e at most.
            assert plain[name] + 0.05 < penalised[name] < plain[name] + 0.5
        elif name != "G_total":
            np.testing.assert_allclose(plain[name], penalised[name], rtol=1e-12)
    image = models[1].generator_A(
        models[1].shared_decoder(
            models[1].shared_encoder(models[1].encoder_A(batch[0], training=True), training=True),
            training=True,
        ),
        training=True,
    )
    expected = np.mean(np.sqrt((np.asarray(image) - batch[0]) ** 2 + 0.25))
    np.testing.assert_allclose(penalised["reconstruction_A"], expected, rtol=1e-10)


def test_gray_images_shown_as_rgb_and_back():
    model = tiny.unit(channels=3)
    assert model.encoder_A.input_shape[-1] == model.generator_B.output_shape[-1] == 3
    assert model.discriminator_A.input_shape[-1] == 3
    gray = tiny.images(2, *SHAPE)
    translated = np.asarray(model.translators["A2B"](gray))
    assert translated.shape == gray.shape
    rgb = tiny.unit(image_shape=(*SHAPE[:-1], 3))
    for name, network in rgb.networks.items():
        network.set_weights(model.networks[name].get_weights())
    tripled = np.repeat(gray, 3, axis=-1)
    expected = np.asarray(rgb.translators["A2B"](tripled)).mean(axis=-1, keepdims=True)
    np.testing.assert_allclose(translated, expected, rtol=0, atol=1e-12)
    losses = step(model, tiny.pair(1, *SHAPE))
    assert all(np.isfinite(loss) for loss in losses.values())


def test_rgb_images_shown_as_gray():
    model = tiny.unit(image_shape=(*SHAPE[:-1], 3), channels=1)
    assert model.encoder_A.input_shape[-1] == 1
    rgb = tiny.images(2, *SHAPE[:-1], 3)
    translated = np.asarray(model.translators["B2A"](rgb))
    assert translated.shape == rgb.shape
    np.testing.assert_array_equal(translated[..., 0], translated[..., 2])


@pytest.mark.parametrize(
    ("attention", "network"), [("encoder", "encoder_A"), ("generator", "generator_B")]
)
def test_attention_is_where_it_is_asked_for_and_starts_as_the_identity(attention, network):
    model = tiny.unit(attention=attention)
    found = {
        name: [layer for layer in net.layers if isinstance(layer, SelfAttention)]
        for name, net in model.networks.items()
    }
    assert [name for name in found if found[name]] == [f"{attention}_A", f"{attention}_B"]
    (layer,) = found[network]
    images = tiny.images(1, *SHAPE)

    def translate():
        return np.array(model.translators["A2B"](images))

    before = translate()
    layer.value.kernel.assign(7 * np.array(layer.value.kernel))
    np.testing.assert_array_equal(translate(), before)
    layer.gamma.assign(1.0)
    assert np.abs(translate() - before).max() > 1e-3
