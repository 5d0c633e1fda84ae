import keras
import numpy as np
import pytest
import tensorflow as tf
import tiny

from gan_mri.backend import precision, tf_variables
from gan_mri.errors import GanMriError
from gan_mri.layers import RandomStream, random_streams
from gan_mri.networks.unet import PIX2PIX_INITIALIZER, levels_for, unet_generator

SMALL = {"filters": 2, "levels": 3}


def parameters(rank, channels, filters, levels):
    """Counted from the paper's names: kernel + bias, and gain + offset where normalised."""
    widths = [filters * min(2**level, 8) for level in range(levels)]
    taps = 4**rank
    total = 0
    for before, after in zip([channels, *widths], widths):
        total += taps * before * after + after
    total += 2 * sum(widths[1:-1])
    # The innermost map comes alone, every other one beside what came up.
    width = widths[-1]
    for skip in reversed(widths[:-1]):
        total += taps * width * skip + skip + 2 * skip
        width = 2 * skip
    return total + taps * width * channels + channels


def test_parameters_are_the_papers():
    """54.4 million at 256 x 256 with 3 channels."""
    model = unet_generator((256, 256, 3))
    assert model.count_params() == parameters(2, 3, 64, 8)
    assert round(model.count_params() / 1e6, 1) == 54.4


@pytest.mark.parametrize(("rank", "levels"), [(2, 2), (2, 5), (3, 4)])
def test_parameters_of_other_sizes(rank, levels):
    model = unet_generator((*[None] * rank, 2), filters=3, levels=levels)
    assert model.count_params() == parameters(rank, 2, 3, levels)


@pytest.mark.parametrize("free", [False, True])
@pytest.mark.parametrize(
    "shape", [(1, 3, 17, 1), (1, 18, 21, 3), (2, 32, 31, 1), (1, 9, 11, 13, 1), (1, 8, 16, 3, 2)]
)
def test_every_size_comes_out_as_it_went_in(shape, free):
    """With free sizes and with fixed ones, which share their weights."""
    levels = min(3, levels_for(shape[1:]))
    space = [None] * (len(shape) - 2) if free else shape[1:-1]
    model = unet_generator((*space, shape[-1]), filters=2, levels=levels)
    images = tiny.images(*shape, dtype="float32")
    output = model(images)
    assert output.shape == shape and output.dtype == tf.float32
    assert np.all(np.abs(output) <= 1)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(model(images, training=True) * images)
    gradients = tape.gradient(loss, tf_variables(model.trainable_variables))
    assert all(np.all(np.isfinite(gradient)) for gradient in gradients)
    assert all(np.any(gradient) for gradient in gradients[:1] + gradients[-2:])
    other = unet_generator((*[None] * (len(shape) - 2), shape[-1]), filters=2, levels=levels)
    other.set_weights(model.get_weights())
    np.testing.assert_allclose(other(images), output, rtol=0, atol=1e-6)


def same_convolution(x, kernel, bias):
    """4x4 with stride 2 by definition: of odd sizes, one zero before and two after."""
    sides = [(1, 1 + length % 2) for length in x.shape[:2]]
    x = np.pad(x, [*sides, (0, 0)])
    rows, columns = (length // 2 - 1 for length in x.shape[:2])
    windows = [
        [x[2 * i : 2 * i + 4, 2 * j : 2 * j + 4] for j in range(columns)] for i in range(rows)
    ]
    return np.einsum("ijhwc,hwcd->ijd", np.array(windows), kernel) + bias


def transposed(x, kernel, bias, like):
    rows, columns = x.shape[:2]
    wide = np.zeros((2 * rows + 2, 2 * columns + 2, kernel.shape[2]))
    for i in range(rows):
        for j in range(columns):
            wide[2 * i : 2 * i + 4, 2 * j : 2 * j + 4] += np.einsum("hwdc,c->hwd", kernel, x[i, j])
    return wide[1:-1, 1:-1][: like.shape[0], : like.shape[1]] + bias


def normalized(x, gamma, beta):
    return gamma * (x - x.mean((0, 1))) / (x.std((0, 1)) + 1e-5) + beta


def test_values_by_definition():
    """Three levels of an odd size, written out in NumPy."""
    model = unet_generator((None, None, 1), dtype="float64", **SMALL)
    random = np.random.default_rng(3)
    weights = [random.normal(0, 0.3, weight.shape) for weight in model.get_weights()]
    model.set_weights(weights)
    x = tiny.images(9, 14, 1)

    def take(count):
        taken, weights[:count] = weights[:count], []
        return taken

    leaky, relu = lambda x: np.where(x > 0, x, 0.2 * x), lambda x: np.maximum(x, 0)
    first = same_convolution(x, *take(2))
    second = normalized(same_convolution(leaky(first), *take(2)), *take(2))
    bottom = same_convolution(leaky(second), *take(2))
    assert bottom.shape == (2, 2, 8)
    up = normalized(transposed(relu(bottom), *take(2), second), *take(2))
    up = np.concatenate([up, second], -1)
    up = normalized(transposed(relu(up), *take(2), first), *take(2))
    up = np.concatenate([up, first], -1)
    expected = np.tanh(transposed(relu(up), *take(2), x))
    assert not weights
    np.testing.assert_allclose(model(x[None])[0], expected, rtol=0, atol=1e-12)


def test_dropout_is_in_the_first_three_blocks_of_the_decoder():
    kinds = [type(layer).__name__ for layer in unet_generator(filters=2, levels=6).layers]
    after = [kinds[index - 1] for index, kind in enumerate(kinds) if kind == "Dropout"]
    assert after == ["InstanceNormalization"] * 3
    assert kinds.index("Dropout") > kinds.index("Conv2DTranspose")
    rest = kinds[len(kinds) - kinds[::-1].index("Dropout") :]
    assert rest.count("Conv2DTranspose") == 3
    assert "Dropout" not in [
        type(layer).__name__ for layer in unet_generator(dropout=0, **SMALL).layers
    ]


@pytest.mark.parametrize("always", [False, True])
def test_dropout_draws(always):
    """In training; at inference if asked. From one stream, whatever the number of layers."""
    stream = RandomStream(5)
    model = unet_generator(
        filters=4, levels=4, dropout_at_inference=always, stream=stream, dtype="float64"
    )
    assert random_streams(model) == [stream]
    images = tiny.images(1, 20, 20, 1)

    def translate(count=None, **training):
        if count is not None:
            stream.count.assign(count)
        return model(images, **training).numpy()

    for options in ({}, {"training": False}, {"training": True}):
        drawn = translate(0, **options)
        np.testing.assert_array_equal(drawn, translate(0, **options))
        differs = np.any(drawn != translate(**options))
        assert differs == (always or options.get("training", False))
    if always:
        np.testing.assert_array_equal(translate(0), translate(0, training=True))


def test_layers_of_one_network_draw_apart():
    """Without a stream given, too: three layers with the same seed would repeat each other."""
    assert len(random_streams(unet_generator(filters=2, levels=4))) == 1


@pytest.mark.parametrize("dtype", ["bfloat16", "float64"])
@pytest.mark.parametrize("shape", [(2, 16, 16, 1), (1, 17, 9, 1), (1, 9, 8, 8, 1)])
def test_precision(dtype, shape):
    """Down to maps of one pixel, where bfloat16 has gradients that nobody wrote."""
    wide = "float64" if dtype == "float64" else "float32"
    levels = levels_for(shape[1:])
    space = [None] * (len(shape) - 2)
    options = {"filters": 8, "levels": levels, "dropout": 0}
    model = unet_generator((*space, 1), dtype=dtype, **options)
    exact = unet_generator((*space, 1), dtype="float64", **options)
    random = np.random.default_rng(4)
    weights = [random.normal(0, 0.2, weight.shape) for weight in exact.get_weights()]
    found = []
    for network in (model, exact):
        network.set_weights(weights)
        images = tf.cast(tiny.images(*shape), wide if network is model else "float64")
        with tf.GradientTape() as tape:
            output = network(images, training=True)
            loss = tf.reduce_sum(output * tf.cast(tiny.images(*shape, seed=2), output.dtype))
        gradients = tape.gradient(loss, tf_variables(network.trainable_variables))
        found.append([output, *gradients])
        assert output.dtype == (wide if network is model else "float64")
    assert all(tf.as_dtype(weight.dtype) == wide for weight in model.weights)
    for ours, theirs in zip(*found):
        # Biases before a normalisation have a gradient of 0, and of rounding.
        if ours.shape.rank > 1:
            error = np.linalg.norm(np.subtract(ours, theirs)) / np.linalg.norm(theirs)
            # 8 bits through a dozen layers; with what nobody wrote it is 0.8 and more.
            assert error < (1e-9 if dtype == "float64" else 0.3)


def test_initializer_and_spectral_normalization():
    with precision("float32"):
        model = unet_generator(
            (None, None, None, 1), filters=8, levels=3, initializer=PIX2PIX_INITIALIZER
        )
    kernels = np.concatenate([w.ravel() for w in model.get_weights() if w.ndim == 5])
    # Of 120,000 draws, to five standard errors.
    assert abs(kernels.std() - 0.02) < 5 * 0.02 / np.sqrt(2 * kernels.size)
    spectral = unet_generator(spectral_normalization=True, **SMALL)
    kinds = [type(layer).__name__ for layer in spectral.layers]
    assert kinds.count("SpectralNormalization") == 5
    assert kinds.count("Conv2DTranspose") == 1 and "Conv2D" not in kinds


def test_output_channels():
    assert unet_generator((8, 8, 1), output_channels=3, **SMALL).output_shape == (None, 8, 8, 3)


@pytest.mark.parametrize(
    ("sizes", "most", "expected"),
    [
        ((256, 256), 8, 8),
        ((512, 304), 8, 8),
        ((182, 218), 8, 8),
        ((128, 200), 8, 7),
        ((64, 64, 40), 8, 6),
        ((182, 218, 182), 5, 5),
        ((4, 9), 8, 2),
        ((3, 3), 8, 2),
    ],
)
def test_levels_for(sizes, most, expected):
    """As many as it takes to halve the shortest axis to one pixel, rounding up."""
    found = levels_for((*sizes, 1), most)
    assert found == expected
    length, halvings = min(sizes), 0
    while length > 1:
        length, halvings = -(-length // 2), halvings + 1
    assert found == min(most, halvings)


def test_levels_that_do_not_fit():
    with pytest.raises(GanMriError, match=r"from 2 to 5 for images of \(20, 33\). Received: 6"):
        unet_generator((20, 33, 1), levels=6)
    with pytest.raises(GanMriError, match="levels: expected from 2. Received: 1"):
        unet_generator(levels=1)
    for shape in ((None, 20, 1), (20, 2, 1)):
        with pytest.raises(GanMriError, match="levels_for: .* at least 3 pixels"):
            levels_for(shape)


@pytest.mark.parametrize("always", [False, True])
def test_files(always, tmp_path):
    options = {"dropout_at_inference": always, **SMALL}
    images = tiny.images(1, 18, 21, 1, dtype="float32")
    # Streams that nobody states differ from each other; weights do not hold them.
    model, other = (unet_generator(stream=RandomStream(3), **options) for _ in range(2))
    model.save_weights(tmp_path / "network.weights.h5")
    other.load_weights(tmp_path / "network.weights.h5")
    model.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras", safe_mode=True)
    for one in (other, loaded):
        for network in (model, one):
            for stream in random_streams(network):
                stream.count.assign(0)
        if always and one is loaded:
            assert np.all(np.isfinite(one(images)))
        else:
            np.testing.assert_array_equal(one(images), model(images))


def test_export_with_free_size(tmp_path):
    model = unet_generator(**SMALL)
    model.export(str(tmp_path / "saved"))
    loaded = tf.saved_model.load(str(tmp_path / "saved"))
    for shape in ((1, 17, 30, 1), (3, 24, 20, 1)):
        images = tiny.images(*shape, dtype="float32")
        np.testing.assert_allclose(
            loaded.serve(tf.constant(images)), model(images), rtol=0, atol=1e-5
        )
