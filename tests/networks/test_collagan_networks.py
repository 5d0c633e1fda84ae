"""CollaGAN's networks against the published sizes, and against NumPy."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import tiny

from gan_mri.backend import tf_variables
from gan_mri.layers import RandomStream, Recomputed, innermost_layers
from gan_mri.layers.channel_attention import ChannelAttention
from gan_mri.networks.collagan import MISSING, collagan_generator
from gan_mri.networks.collagan_discriminator import _HalvedByMaximum, collagan_discriminator
from gan_mri.networks.collagan_translator import compose_collagan_translator

SMALL = {"filters": 3, "branch_filters": 2, "levels": 2}


def generator_parameters(rank, channels, contrasts, filters, branch, levels):
    """Counted from the description: kernel + bias, and gain + offset where normalised."""

    def twice(before, after):
        return sum(3**rank * width * after + after + 2 * after for width in (before, after))

    def attention(width):
        units = width // 4
        return (contrasts + width + 1) * units + (units + 1) * units + (units + 1) * width

    encoder, width = 0, channels + contrasts
    for level in range(levels):
        after = branch * 2**level
        encoder += twice(width, after) + 2**rank * after * 2 * after + 2 * after
        width = 2 * after
    total = contrasts * encoder + twice(contrasts * width, filters * 2**levels)
    for level in reversed(range(levels)):
        wide, narrow = filters * 2 ** (level + 1), filters * 2**level
        total += attention(wide) + 2**rank * wide * narrow + narrow
        total += twice(contrasts * branch * 2**level + narrow, narrow)
    return total + filters * channels + channels


def discriminator_parameters(rank, channels, contrasts, base):
    def convolution(before, after, size):
        return size**rank * before * after + after

    fine = convolution(channels, base, 3) + 2 * convolution(base, base, 3)
    fine += convolution(base, 4 * base, 4)
    maxima = convolution(channels, base, 3) + convolution(base, 2 * base, 3)
    maxima += convolution(2 * base, 4 * base, 3)
    coarse = convolution(channels, 4 * base, 4) + 3 * convolution(4 * base, 4 * base, 3)
    joined = convolution(12 * base, 8 * base, 4) + convolution(8 * base, 16 * base, 4)
    heads = convolution(16 * base, 1, 3)
    heads += convolution(16 * base, 32 * base, 4) + convolution(32 * base, contrasts, 5)
    return fine + maxima + coarse + joined + heads


def test_parameters_are_the_papers():
    """At 240 x 240 with four contrasts."""
    generator = collagan_generator((240, 240, 1))
    assert generator.count_params() == generator_parameters(2, 1, 4, 64, 16, 4) == 34_125_441
    # Two convolutions of 1,024 channels are most of it.
    assert 2 * 9 * 1024 * 1024 > 0.5 * generator.count_params()
    discriminator = collagan_discriminator((240, 240, 1))
    assert discriminator.count_params() == discriminator_parameters(2, 1, 4, 4) == 212_133
    assert discriminator.output_shape == [(None, 15, 15, 1), (None, 4)]


@pytest.mark.parametrize(("rank", "channels", "contrasts"), [(2, 3, 3), (3, 1, 5)])
def test_parameters_of_other_sizes(rank, channels, contrasts):
    shape = (*[None] * rank, channels)
    generator = collagan_generator(
        shape, contrasts=contrasts, filters=8, branch_filters=3, levels=2
    )
    count = generator_parameters(rank, channels, contrasts, 8, 3, 2)
    assert generator.count_params() == count
    discriminator = collagan_discriminator(shape, contrasts=contrasts, filters=2)
    assert discriminator.count_params() == discriminator_parameters(rank, channels, contrasts, 2)


def test_widths_are_the_papers():
    """Of all convolutions by kernel size: each encoder, and the decoder."""
    widths = {2: [], 3: []}
    for layer in collagan_generator((240, 240, 1)).layers:
        if hasattr(layer, "filters") and layer.kernel_size[0] in widths:
            widths[layer.kernel_size[0]].append(layer.filters)
    encoders = [width for width in (16, 32, 64, 128) for _ in range(2 * 4)]
    decoder = [width for width in (1024, 512, 256, 128, 64) for _ in range(2)]
    assert sorted(widths[3]) == sorted(encoders + decoder)
    halving = [width for width in (32, 64, 128, 256) for _ in range(4)]
    assert sorted(widths[2]) == sorted(halving + [512, 256, 128, 64])


def planes(shape, contrasts, target, dtype="float32"):
    values = np.eye(contrasts, dtype=dtype)[target]
    return np.broadcast_to(values, (*shape[:-1], contrasts))


def inputs_for(shape, contrasts, target, dtype="float32"):
    shown = [tiny.images(*shape, seed=seed, dtype=dtype) for seed in range(contrasts)]
    shown[target] = np.full(shape, MISSING, dtype)
    return [*shown, planes(shape, contrasts, target, dtype)]


@pytest.mark.parametrize("recompute", [False, True])
@pytest.mark.parametrize("shape", [(2, 17, 21, 1), (1, 24, 16, 3), (1, 9, 10, 11, 1)])
def test_every_size_comes_out_as_it_went_in(shape, recompute):
    free = (*[None] * (len(shape) - 2), shape[-1])
    model = collagan_generator(free, contrasts=3, recompute=recompute, **SMALL)
    names = [tensor.name.split(":")[0] for tensor in model.inputs]
    assert names == ["image_1", "image_2", "image_3", "target"]
    inputs = [tf.constant(one) for one in inputs_for(shape, 3, 1)]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        made = model(inputs, training=True)
        loss = tf.reduce_sum(made * tiny.images(*shape, dtype="float32"))
    assert made.shape == shape and made.dtype == tf.float32
    assert np.all(np.abs(made) <= 1)
    gradients = tape.gradient(loss, [*inputs, *tf_variables(model.trainable_variables)])
    assert all(np.all(np.isfinite(gradient)) for gradient in gradients)
    assert all(np.any(gradient) for gradient in gradients[:4])


def in_order_of_creation(model):
    """Layers with weights, class by class: Keras numbers their names."""
    layers = [layer for layer in innermost_layers(model) if layer.get_weights()]
    numbered = [(type(layer).__name__, layer.name.rpartition("_")[2], layer) for layer in layers]
    return [
        layer
        for _, number, layer in sorted(
            numbered, key=lambda one: (one[0], int(one[1]) if one[1].isdigit() else -1)
        )
    ]


def test_recomputation_changes_nothing():
    """But the order of the weights."""
    shape = (2, 17, 21, 1)
    inputs = [tf.constant(one) for one in inputs_for(shape, 3, 0, "float64")]
    plain, block = (
        collagan_generator(contrasts=3, recompute=recompute, dtype="float64", **SMALL)
        for recompute in (False, True)
    )
    pairs = list(zip(*map(in_order_of_creation, (plain, block)), strict=True))
    for ours, theirs in pairs:
        theirs.set_weights(ours.get_weights())
    gradients = []
    for model in (plain, block):
        with tf.GradientTape() as tape:
            made = model(inputs, training=True)
            loss = tf.reduce_sum(made * tiny.images(*shape, seed=9))
        kernels = [pair[model is block].kernel for pair in pairs if hasattr(pair[0], "kernel")]
        gradients.append([made, *tape.gradient(loss, tf_variables(kernels))])
    assert any(isinstance(layer, Recomputed) for layer in block.layers)
    for ours, theirs in zip(*gradients, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-11)


def convolved(x, kernel, bias):
    """3x3, zeros beyond the border; by definition."""
    x = np.pad(x, [(1, 1), (1, 1), (0, 0)])
    rows, columns = (length - 2 for length in x.shape[:2])
    windows = [[x[i : i + 3, j : j + 3] for j in range(columns)] for i in range(rows)]
    return np.einsum("ijhwc,hwcd->ijd", np.array(windows), kernel) + bias


def twice(x, weights):
    for kernel, bias, gamma, beta in zip(*[iter(weights)] * 4):
        x = convolved(x, kernel, bias)
        x = gamma * (x - x.mean((0, 1))) / (x.std((0, 1)) + 1e-5) + beta
        x = np.where(x > 0, x, 0.2 * x)
    return x


def by_blocks(x):
    """`(H, W, C)` as `(H/2, W/2, 2, 2, C)`."""
    rows, columns, channels = x.shape
    return x.reshape(rows // 2, 2, columns // 2, 2, channels).transpose(0, 2, 1, 3, 4)


def test_values_by_definition():
    """One level, three contrasts, written out in NumPy; the padding of an odd size too."""
    model = collagan_generator(contrasts=3, filters=3, branch_filters=2, levels=1, dtype="float64")
    random = np.random.default_rng(5)
    model.set_weights([random.normal(0, 0.4, weight.shape) for weight in model.get_weights()])
    kinds = {"Conv2D": [], "InstanceNormalization": [], "Conv2DTranspose": []}
    kinds["ChannelAttention"] = []
    for layer in model.layers:
        if type(layer).__name__ in kinds:
            kinds[type(layer).__name__].append(layer)
    shape, target = (1, 17, 20, 1), 1
    inputs = inputs_for(shape, 3, target, "float64")

    # Layers by what they are, as Keras orders them by depth: encoder by encoder at each.
    def weights_of(kind, number):
        return [np.array(weight) for weight in kinds[kind][number].get_weights()]

    def pair(first, second, before):
        return [
            *weights_of("Conv2D", first),
            *weights_of("InstanceNormalization", before[0]),
            *weights_of("Conv2D", second),
            *weights_of("InstanceNormalization", before[1]),
        ]

    codes, skips = [], []
    for k in range(3):
        x = np.concatenate([(inputs[k][0] + 1) / 2, inputs[3][0]], axis=-1)
        # 17 rows become 18: nothing before, one mirrored row after.
        x = np.pad(x, [(0, 1), (0, 0), (0, 0)], mode="reflect")
        skips.append(twice(x, pair(k, 3 + k, (k, 3 + k))))
        kernel, bias = weights_of("Conv2D", 6 + k)
        codes.append(np.einsum("ijhwc,hwcd->ijd", by_blocks(skips[-1]), kernel) + bias)
    x = twice(np.concatenate(codes, axis=-1), pair(9, 10, (6, 7)))
    first, bias_1, second, bias_2, third, bias_3 = weights_of("ChannelAttention", 0)
    hidden = np.concatenate([np.eye(3)[target], x.mean((0, 1))])
    for kernel, bias in ((first, bias_1), (second, bias_2)):
        hidden = hidden @ kernel + bias
        hidden = np.where(hidden > 0, hidden, 0.2 * hidden)
    x = x / (1 + np.exp(-(hidden @ third + bias_3)))
    kernel, bias = weights_of("Conv2DTranspose", 0)
    x = np.einsum("ijc,hwdc->ihjwd", x, kernel)
    x = x.reshape(18, 20, -1) + bias
    x = twice(np.concatenate([*skips, x], axis=-1), pair(11, 12, (8, 9)))
    kernel, bias = weights_of("Conv2D", 13)
    expected = np.tanh(x @ kernel[0, 0] + bias)[:17]
    np.testing.assert_allclose(model(inputs)[0], expected, rtol=0, atol=1e-11)


@pytest.mark.parametrize("shape", [(2, 17, 21, 3), (1, 9, 10, 11, 1)])
def test_discriminator_of_any_size(shape):
    model = collagan_discriminator(
        (*[None] * (len(shape) - 2), shape[-1]), contrasts=3, filters=2, dtype="float64"
    )
    image = tf.constant(tiny.images(*shape))
    with tf.GradientTape() as tape:
        tape.watch(image)
        judged, logits = model(image, training=True)
        loss = tf.reduce_sum(judged * tiny.images(*judged.shape))
        loss += tf.reduce_sum(logits * tiny.images(*logits.shape))
    assert judged.shape == (shape[0], *[-(-length // 16) for length in shape[1:-1]], 1)
    assert logits.shape == (shape[0], 3)
    gradients = tape.gradient(loss, [image, *tf_variables(model.trainable_variables)])
    assert all(np.all(np.isfinite(gradient)) for gradient in gradients)
    assert all(np.any(gradient) for gradient in gradients)


@pytest.mark.parametrize("shape", [(2, 8, 6, 3), (1, 4, 6, 8, 2)])
def test_the_maximum_of_neighbouring_pixels(shape):
    images = tiny.images(*shape)
    number, *space, channels = shape
    cut = [size for length in space for size in (length // 2, 2)]
    pairs = tuple(range(2, 2 * len(space) + 1, 2))
    expected = images.reshape(number, *cut, channels).max(axis=pairs)
    np.testing.assert_array_equal(_HalvedByMaximum(dtype="float64")(images), expected)


def test_dropout_is_of_training_alone_and_of_the_stream():
    stream = RandomStream(7)
    model = collagan_discriminator((16, 16, 1), filters=2, stream=stream)
    image = tiny.images(1, 16, 16, 1, dtype="float32")
    calm = [model(image) for _ in range(2)]
    np.testing.assert_array_equal(calm[0][0], calm[1][0])
    assert int(stream.count) == 0
    drawn = [model(image, training=True) for _ in range(2)]
    assert int(stream.count) == 4
    for head in range(2):
        assert np.any(drawn[0][head] != drawn[1][head])
    without = collagan_discriminator((16, 16, 1), filters=2, dropout=0.0)
    without.set_weights(model.get_weights())
    np.testing.assert_array_equal(without(image, training=True)[0], calm[0][0])


@pytest.mark.parametrize("dtype", ["bfloat16", "float64"])
def test_precision(dtype):
    wide = "float64" if dtype == "float64" else "float32"
    generator = collagan_generator(contrasts=3, dtype=dtype, **SMALL)
    discriminator = collagan_discriminator(contrasts=3, filters=2, dtype=dtype)
    made = generator(inputs_for((1, 18, 21, 1), 3, 2, wide))
    for output in (made, *discriminator(made)):
        assert output.dtype == wide and np.all(np.isfinite(output))
    for network in (generator, discriminator):
        assert all(tf.as_dtype(weight.dtype) == wide for weight in network.weights)


def test_attention_comes_before_every_enlargement():
    model = collagan_generator(contrasts=3, **SMALL)
    layers = [layer for layer in model.layers if isinstance(layer, ChannelAttention)]
    assert [layer.last.units for layer in layers] == [12, 6]


@pytest.mark.parametrize("shape", [(2, 17, 21, 1), (1, 18, 20, 3), (1, 9, 10, 11, 1)])
def test_a_translator_is_the_generator_with_the_missing_image_filled_in(shape):
    domains = ("T1w", "T2w", "FLAIR")
    free = (*[None] * (len(shape) - 2), shape[-1])
    generator = collagan_generator(free, contrasts=3, **SMALL)
    for number, target in enumerate(domains):
        translator = compose_collagan_translator(generator, domains, target)
        names = [tensor.name.split(":")[0] for tensor in translator.inputs]
        assert names == [domain for domain in domains if domain != target]
        inputs = inputs_for(shape, 3, number)
        given = [one for k, one in enumerate(inputs[:3]) if k != number]
        np.testing.assert_array_equal(translator(given), generator(inputs))
        assert len(translator.get_weights()) == len(generator.get_weights())


def test_keras_files_round_trip(tmp_path):
    domains = ("T1w", "T2w", "FLAIR")
    generator = collagan_generator((18, 21, 1), contrasts=3, **SMALL)
    translator = compose_collagan_translator(generator, domains, "FLAIR")
    discriminator = collagan_discriminator((18, 21, 1), contrasts=3, filters=2)
    given = [*tiny.pair(1, 18, 21, 1, dtype="float32")]
    for network, inputs in ((translator, given), (discriminator, given[0])):
        network.save(tmp_path / "network.keras")
        loaded = keras.models.load_model(tmp_path / "network.keras", safe_mode=True)
        for ours, theirs in zip(
            tf.nest.flatten(network(inputs)), tf.nest.flatten(loaded(inputs)), strict=True
        ):
            np.testing.assert_array_equal(ours, theirs)
