import golden
import golden_unit
import h5py
import keras
import numpy as np
import pytest
import tensorflow as tf
import tiny

from gan_mri import networks
from gan_mri.backend import tf_variables
from gan_mri.errors import GanMriError
from gan_mri.layers import RandomStream
from gan_mri.weights import gan_mri_order, load_gan_mri

FREE = (None, None, 1)


def pyramid(length):
    """Sides of the three scales of a discriminator's judgement."""
    return [-(-(length // 2**scale) // 16) for scale in range(3)]


@pytest.mark.parametrize("size", [(64, 64), (17, 19), (70, 33)])
def test_sizes(size):
    image = tf.zeros((2, *size, 1))
    code = networks.unit_encoder(FREE, filters=2, residual_blocks=1)(image)
    height, width = (-(-length // 4) for length in size)
    assert code.shape == (2, height, width, 8)
    shared = networks.unit_shared_encoder((None, None, 8))(code)
    decoded = networks.unit_shared_decoder((None, None, 8))(shared)
    assert decoded.shape == shared.shape == code.shape
    generator = networks.unit_generator((None, None, 8), output_channels=3, residual_blocks=1)
    assert generator(decoded).shape == (2, 4 * height, 4 * width, 3)
    judged = networks.unit_discriminator(FREE, filters=2)(image)
    assert [scale.shape for scale in judged] == [
        (2, height, width, 1) for height, width in zip(*map(pyramid, size))
    ]


def test_sizes_of_judgements_are_those_of_the_paper_images():
    # 304 x 256 in the collection's README: 19 x 16, 10 x 8 and 5 x 4.
    assert list(zip(pyramid(304), pyramid(256))) == [(19, 16), (10, 8), (5, 4)]


def test_images_and_probabilities_stay_in_their_range():
    code = 30 * tiny.images(2, 5, 5, 8, dtype="float32")
    image = networks.unit_generator((None, None, 8), residual_blocks=0)(code)
    assert np.abs(image).max() <= 1
    discriminator = networks.unit_discriminator(FREE, filters=2, levels=2, scales=2)
    image = 30 * tiny.images(1, 24, 24, 1, dtype="float32")
    judged = discriminator(image)
    logits = keras.Model(
        discriminator.input,
        [discriminator.get_layer(f"logits_{scale}").output for scale in range(2)],
    )(image)
    for probability, logit in zip(judged, logits, strict=True):
        np.testing.assert_allclose(probability, 1 / (1 + np.exp(-logit)), rtol=1e-5)
        assert np.abs(logit).max() > 0.1


def test_every_scale_sees_the_averaged_image():
    discriminator = networks.unit_discriminator(FREE, filters=2)
    image = tiny.images(1, 64, 64, 1, dtype="float32")
    coarse = image.reshape(1, 16, 4, 16, 4, 1).mean(axis=(2, 4))
    # Constant blocks of 4 x 4: all that the coarsest scale can see.
    blocks = coarse.repeat(4, axis=1).repeat(4, axis=2)
    fine, averaged = discriminator(image), discriminator(blocks)
    np.testing.assert_allclose(fine[2], averaged[2], rtol=1e-5)
    assert np.abs(fine[0] - averaged[0]).max() > 1e-4


@pytest.mark.parametrize("size", [17, 35])
def test_gradients_in_bfloat16_where_maps_are_one_pixel_wide(size):
    """oneDNN leaves parts of them unwritten (TensorFlow 2.15 and 2.21 on CPUs with bfloat16)."""
    wide, half = (
        networks.unit_discriminator(FREE, filters=4, dtype=dtype)
        for dtype in ("float32", "bfloat16")
    )
    image = tf.constant(tiny.images(1, size, size, 1, dtype="float32"))

    def gradients(network):
        with tf.GradientTape() as tape:
            loss = tf.add_n([tf.reduce_sum(tf.math.log(y)) for y in network(image)])
        return tape.gradient(loss, tf_variables(network.trainable_variables))

    for network in (wide, half):
        golden.fill(gan_mri_order(network), seed=1)
    expected = gradients(wide)
    for _ in range(5):
        # What is left unwritten holds what was there before: infinity here.
        for count in 2 ** np.arange(6, 14):
            tf.fill((count * 9,), np.float32(np.inf))
        for ours, theirs in zip(gradients(half), expected):
            assert tf.norm(ours - theirs) < 0.3 * tf.norm(theirs) + 1e-3


def kernels_and_biases(network):
    """(kernels with their fans, biases) of a network's convolutions."""
    kernels, biases = [], []
    for variable in gan_mri_order(network):
        kind, value = golden.kind(variable.name), variable.numpy()
        if kind == "kernel":
            kernels.append((value, np.prod(value.shape[:-2]) * sum(value.shape[-2:])))
        elif kind == "bias":
            biases.append(value)
    return kernels, biases


BUILDERS = {
    "encoder": lambda **style: networks.unit_encoder(FREE, filters=16, **style),
    "shared_encoder": lambda **style: networks.unit_shared_encoder((None, None, 64), **style),
    "shared_decoder": lambda **style: networks.unit_shared_decoder((None, None, 64), **style),
    "generator": lambda **style: networks.unit_generator((None, None, 64), **style),
    "discriminator": lambda **style: networks.unit_discriminator(FREE, filters=16, **style),
}


@pytest.mark.parametrize("name", BUILDERS)
def test_kernels_are_glorot_uniform(name):
    """As they really were in 2018 (the collection's README, quirk 9)."""
    kernels, biases = kernels_and_biases(BUILDERS[name]())
    # All kernels together, each in units of its own limit.
    values = np.concatenate([(k / np.sqrt(6 / fans)).ravel() for k, fans in kernels])
    assert 0.99 < np.abs(values).max() <= 1
    # Uniform in -1..1 has a variance of 1/3 and a fourth moment of 1/5.
    assert abs(np.mean(values**2) - 1 / 3) < 5 * np.sqrt((1 / 5 - 1 / 9) / values.size)
    assert not any(bias.any() for bias in biases)


@pytest.mark.parametrize("name", BUILDERS)
def test_initializer_sets_every_kernel(name):
    normal = {"class_name": "RandomNormal", "config": {"mean": 0.0, "stddev": 0.02}}
    kernels, biases = kernels_and_biases(BUILDERS[name](initializer=normal))
    values = np.concatenate([kernel.ravel() for kernel, _ in kernels])
    assert abs(values.std() - 0.02) < 5 * 0.02 / np.sqrt(2 * values.size)
    assert abs(values.mean()) < 5 * 0.02 / np.sqrt(values.size)
    assert np.abs(values).max() > 3 * 0.02
    assert not any(bias.any() for bias in biases)
    # Every kernel has numbers of its own.
    assert np.unique(values).size > 0.99 * values.size


def test_noise_and_dropout_act_in_training_alone():
    code = tiny.images(1, 6, 6, 8, dtype="float32")
    stream = RandomStream()
    encoder = networks.unit_shared_encoder((None, None, 8), stream=stream)
    plain = networks.unit_shared_encoder((None, None, 8), noise=0.0, dropout=0.0)
    plain.set_weights(encoder.get_weights())
    expected = np.asarray(plain(code))
    for _ in range(2):
        np.testing.assert_array_equal(encoder(code), expected)
    np.testing.assert_array_equal(plain(code, training=True), plain(code))
    first, second = (np.asarray(encoder(code, training=True)) for _ in range(2))
    assert np.abs(first - expected).max() > 0.1 and np.abs(first - second).max() > 0.1
    # One draw of dropout and one of noise a pass.
    assert int(stream.count) == 4


def test_dropout_halves_the_residual_branch():
    """The share that is left out, and the factor 2 of what is not."""
    code = tiny.images(1, 24, 24, 16, dtype="float32")
    decoder = networks.unit_shared_decoder((None, None, 16), stream=RandomStream(1))
    branch = np.asarray(decoder(code)) - code
    drawn = np.asarray(decoder(code, training=True)) - code
    kept = np.abs(drawn) > 1e-6
    assert abs(kept.mean() - 0.5) < 5 * 0.5 / np.sqrt(branch.size)
    np.testing.assert_allclose(drawn[kept], 2 * branch[kept], rtol=0, atol=1e-5)


def test_stochastic_passes_are_those_of_2018():
    """Mean and deviation over its passes, and over ours, are what the mathematics says.

    The shared code is x + 2 b y + n, with the residual branch y, b 0 or 1 with
    equal chance and n of deviation 1: its mean is x + y, its variance y^2 + 1.
    """
    recorded = golden.fixture("unit_stochastic")
    assert abs(recorded["kept"] - 0.5) < 1e-4
    pixels = golden.fixture("unit_forward_gray")["A"][:1]
    A = golden_unit.to_range(pixels).astype("float32")
    encoder = networks.unit_encoder((64, 64, 1))
    shared = networks.unit_shared_encoder((16, 16, 256), stream=RandomStream(7))
    for network, name in ((encoder, "encoder_A"), (shared, "shared_encoder")):
        golden.fill(gan_mri_order(network), golden_unit.SEEDS[name])
    code = np.asarray(encoder(A))
    mean = np.asarray(shared(code))
    deviation = np.sqrt((mean - code) ** 2 + 1)

    def check(passes, found_mean, found_deviation):
        expected_mean, expected = golden_unit.thin(mean), golden_unit.thin(deviation)
        error = (found_mean - expected_mean) / (expected / np.sqrt(passes))
        assert np.abs(error).max() < 5
        assert abs(np.std(error) - 1) < 0.15
        # Of 649 estimates from `passes` numbers each; loose for their kurtosis.
        assert abs(np.mean((found_deviation / expected) ** 2) - 1) < 0.02

    check(int(recorded["passes_code"]), recorded["code_mean"], recorded["code_deviation"])
    ours = [golden_unit.thin(shared(code, training=True)) for _ in range(60)]
    check(60, np.mean(ours, axis=0), np.std(ours, axis=0, ddof=1))


def test_stochastic_translation_is_that_of_2018():
    """Mean and deviation of whole translations; theirs over 60 passes, ours over 10."""
    recorded, passes = golden.fixture("unit_stochastic"), 10
    pixels = golden.fixture("unit_forward_gray")["A"][:1]
    image = golden_unit.to_range(pixels).astype("float32")
    stream = RandomStream(7)
    parts = {
        "encoder_A": networks.unit_encoder((64, 64, 1), stream=stream),
        "shared_encoder": networks.unit_shared_encoder((16, 16, 256), stream=stream),
        "shared_decoder": networks.unit_shared_decoder((16, 16, 256), stream=stream),
        "generator_B": networks.unit_generator((16, 16, 256), stream=stream),
    }
    for name, network in parts.items():
        golden.fill(gan_mri_order(network), golden_unit.SEEDS[name])
    drawn = []
    for _ in range(passes):
        x = image
        for network in parts.values():
            x = network(x, training=True)
        drawn.append(golden_unit.thin(x))
    theirs, deviation = recorded["image_mean"], recorded["image_deviation"]
    error = (np.mean(drawn, axis=0) - theirs) / deviation
    error /= np.sqrt(1 / passes + 1 / recorded["passes_image"])
    assert abs(error.std() - 1) < 0.15 and np.abs(error).max() < 5
    ratio = np.mean(np.var(drawn, axis=0, ddof=1)) / np.mean(deviation**2)
    assert abs(ratio - 1) < 0.1


# Tensors of tiny networks as the 2018 files hold them.
def convolution(shape):
    # The last axis but one of a transposed convolution's kernel is its output.
    return [("kernel", shape), ("bias", (shape[-1],))]


def transposed(shape):
    return [("kernel", shape), ("bias", (shape[-2],))]


def statistics(channels):
    return [(kind, (channels,)) for kind in ("gamma", "beta", "moving_mean", "moving_variance")]


def residual(channels):
    block = [convolution((3, 3, channels, channels)), statistics(channels)]
    return [*block, [], *block, [], []]


LAYOUTS = {
    "encoder": (
        lambda: networks.unit_encoder(FREE, filters=2, residual_blocks=1),
        [
            [],
            convolution((7, 7, 1, 2)),
            convolution((3, 3, 2, 4)),
            convolution((3, 3, 4, 8)),
            *residual(8),
        ],
    ),
    "shared": (lambda: networks.unit_shared_encoder((None, None, 8)), residual(8)),
    "generator": (
        lambda: networks.unit_generator((None, None, 8), residual_blocks=1),
        [
            *residual(8),
            transposed((3, 3, 4, 8)),
            transposed((3, 3, 2, 4)),
            transposed((1, 1, 1, 2)),
        ],
    ),
    # The first convolution of every scale, then the second of every scale, ...
    "discriminator": (
        lambda: networks.unit_discriminator(FREE, filters=2, levels=2),
        [
            *[convolution((3, 3, 1, 2))] * 3,
            *[convolution((3, 3, 2, 4))] * 3,
            *[convolution((1, 1, 4, 1))] * 3,
        ],
    ),
}


def write(path, layout, *, change=None):
    """An HDF5 file as Keras 2.1 wrote it; `change` alters the shapes."""
    arrays, start = [], 0
    with h5py.File(path, "w") as file:
        names = [f"layer_{number}" for number in range(len(layout))]
        file.attrs["layer_names"] = np.array(names, dtype="S")
        for name, tensors in zip(names, layout):
            group = file.create_group(name)
            listed = [f"{name}_1/{kind}:0" for kind, _ in tensors]
            group.attrs["weight_names"] = np.array(listed, dtype="S")
            for dataset, (_, shape) in zip(listed, tensors):
                shape = change(shape) if change else shape
                array = np.arange(start, start + np.prod(shape), dtype="float32")
                start += array.size
                arrays.append(array.reshape(shape))
                group[dataset] = arrays[-1]
    return arrays


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_file_of_2018_fills_every_tensor(tmp_path, name):
    build, layout = LAYOUTS[name]
    arrays = write(tmp_path / "weights.hdf5", layout)
    network = build()
    load_gan_mri(network, tmp_path / "weights.hdf5")
    for variable, array in zip(gan_mri_order(network), arrays, strict=True):
        np.testing.assert_array_equal(variable, array)


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_file_of_another_network_changes_nothing(tmp_path, name):
    build, layout = LAYOUTS[name]
    write(tmp_path / "weights.hdf5", layout, change=lambda shape: (*shape[:-1], shape[-1] + 1))
    network = build()
    before = network.get_weights()
    with pytest.raises(GanMriError, match="tensor 0 of the file"):
        load_gan_mri(network, tmp_path / "weights.hdf5")
    for weight, kept in zip(network.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, kept)
