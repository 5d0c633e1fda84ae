import keras
import numpy as np
import pytest
import tensorflow as tf
import tiny
from scipy.ndimage import zoom

from gan_mri import weights
from gan_mri.backend import tf_variables
from gan_mri.errors import GanMriError
from gan_mri.networks.inputs import call_by_name, input_names
from gan_mri.networks.residual_unet import check_levels, residual_unet

SMALL = {"filters": 2, "levels": 3, "residual_blocks": 1}


@pytest.fixture(autouse=True)
def seed():
    keras.utils.set_random_seed(1)


def parameters(rank, channels, filters, levels, most=320, count=2, transposed=False):
    """Counted from the description: kernel, bias, gain and offset of every convolution."""

    def convolution(size, before, after, normalized=True):
        return size**rank * before * after + (3 if normalized else 1) * after

    widths = [min(filters * 2**level, most) for level in range(levels)]
    total = 0
    for level, (before, after) in enumerate(zip([channels, *widths], widths)):
        total += convolution(3, before, after) + (2 * count - 1) * convolution(3, after, after)
        if level or before != after:
            total += convolution(2 if level else 1, before, after)
    for below, width in zip(widths[:0:-1], widths[-2::-1]):
        total += convolution(2 if transposed else 1, below, width, normalized=False)
        total += convolution(3, 2 * width, width)
    return total + convolution(1, filters, channels, normalized=False)


def test_parameters():
    assert residual_unet((256, 256, 1)).count_params() == parameters(2, 1, 32, 5)
    # The docstring's.
    assert parameters(2, 1, 32, 5) == 8_444_865


@pytest.mark.parametrize(
    ("rank", "channels", "options"),
    [
        (2, 2, {"filters": 2, "levels": 4, "most_filters": 5, "residual_blocks": 3}),
        (3, 1, {"filters": 3, "levels": 2, "residual_blocks": 1, "upsampling": "transposed"}),
        (2, 1, {"filters": 1, "levels": 1, "residual_blocks": 1}),
    ],
)
def test_parameters_of_others(rank, channels, options):
    model = residual_unet((*[None] * rank, channels), **options)
    expected = parameters(
        rank,
        channels,
        options["filters"],
        options["levels"],
        options.get("most_filters", 320),
        options["residual_blocks"],
        "upsampling" in options,
    )
    assert model.count_params() == expected


@pytest.mark.parametrize(
    ("free", "upsampling"), [(False, "linear"), (True, "linear"), (True, "transposed")]
)
@pytest.mark.parametrize(
    "shape", [(1, 5, 17, 1), (2, 18, 31, 3), (1, 9, 5, 12, 1), (1, 8, 16, 6, 2)]
)
def test_every_size_comes_out_as_it_went_in(shape, free, upsampling):
    space = [None] * (len(shape) - 2) if free else shape[1:-1]
    model = residual_unet((*space, shape[-1]), upsampling=upsampling, **SMALL)
    images = tiny.images(*shape, dtype="float32")
    with tf.GradientTape() as tape:
        output = model(images, training=True)
        loss = tf.reduce_sum(output * tiny.images(*shape, seed=2, dtype="float32"))
    assert output.shape == shape and output.dtype == tf.float32
    assert np.all(np.abs(output) <= 1) and np.std(output) > 0
    gradients = tape.gradient(loss, tf_variables(model.trainable_variables))
    assert all(np.all(np.isfinite(gradient)) for gradient in gradients)
    # Kernels down to the smallest map; biases before a normalisation have none.
    assert all(np.any(gradient) for gradient in gradients if gradient.shape.rank > 1)


class ByHand:
    """The parts of a network for one image `(H, W, C)`, with weights in the order of drawing."""

    def __init__(self, model):
        def number(layer):
            end = layer.name.rpartition("_")[2]
            return int(end) if end.isdigit() else 0

        drawn = sorted((layer for layer in model.layers if layer.weights), key=number)
        normalized = ["Normalization" in type(layer).__name__ for layer in drawn]
        pairs = [[np.array(weight) for weight in layer.get_weights()] for layer in drawn]
        self.kernels = [pair for pair, is_norm in zip(pairs, normalized) if not is_norm]
        self.norms = [pair for pair, is_norm in zip(pairs, normalized) if is_norm]

    def convolve(self, x, stride=1):
        kernel, bias = self.kernels.pop(0)
        size = len(kernel)
        # Of 3, a zero on either side; of 2, one at the end, where it sticks out.
        x = np.pad(x, [(size // 3, 1), (size // 3, 1), (0, 0)])
        windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), (0, 1))
        if size == 1:
            windows = windows[:-1, :-1]
        return np.einsum("ijchw,hwcd->ijd", windows[::stride, ::stride], kernel) + bias

    def normalize(self, x):
        gamma, beta = self.norms.pop(0)
        return gamma * (x - x.mean((0, 1))) / (x.std((0, 1)) + 1e-5) + beta

    def block(self, x, stride=1, projected=True):
        y = leaky(self.normalize(self.convolve(x, stride)))
        y = self.normalize(self.convolve(y))
        return leaky(y + (self.normalize(self.convolve(x, stride)) if projected else x))

    def double(self, x, skip):
        # Interpolated first, as the docstring says that it comes to the same.
        x = self.convolve(zoom(x, (2, 2, 1), order=1, mode="nearest", grid_mode=True))
        x = np.concatenate([x[: len(skip), : len(skip[0])], skip], -1)
        return leaky(self.normalize(self.convolve(x)))


def leaky(x):
    return np.where(x > 0, x, 0.01 * x)


@pytest.mark.parametrize("size", [(9, 14), (8, 11)])
def test_values_by_definition(size):
    """Three levels written out in NumPy, for odd and even sizes."""
    keras.backend.clear_session()
    model = residual_unet(
        (None, None, 1), filters=2, levels=3, most_filters=4, residual_blocks=2, dtype="float64"
    )
    random = np.random.default_rng(3)
    model.set_weights([random.normal(0, 0.5, weight.shape) for weight in model.get_weights()])
    x = tiny.images(*size, 1)
    hand = ByHand(model)
    first = hand.block(hand.block(x), projected=False)
    second = hand.block(hand.block(first, 2), projected=False)
    third = hand.block(hand.block(second, 2), projected=False)
    assert third.shape == (-(-size[0] // 4), -(-size[1] // 4), 4)
    expected = np.tanh(hand.convolve(hand.double(hand.double(third, second), first)))
    assert not hand.kernels and not hand.norms
    np.testing.assert_allclose(model(x[None])[0], expected, rtol=0, atol=1e-12)


def test_transposed_convolutions_instead():
    networks = residual_unet(upsampling="transposed", **SMALL), residual_unet(**SMALL)
    ours, theirs = ([type(layer).__name__ for layer in network.layers] for network in networks)
    assert ours.count("Conv2DTranspose") == 2 and "LinearUpsampling" not in ours
    assert theirs.count("LinearUpsampling") == 2 and "Conv2DTranspose" not in theirs


def test_several_sources_are_found_by_name():
    """As one input with their channels side by side."""
    shape = (None, None, 2)
    model = residual_unet(shape, sources=("T1w", "b0"), output_channels=1, **SMALL)
    together = residual_unet((None, None, 4), output_channels=1, **SMALL)
    together.set_weights(model.get_weights())
    assert input_names(model) == ["T1w", "b0"] and input_names(together) == ["image"]
    T1w, b0 = (tiny.images(2, 9, 10, 2, seed=seed, dtype="float32") for seed in (1, 2))
    made = call_by_name(model, {"b0": b0, "T1w": T1w, "mask": None})
    expected = together(np.concatenate([T1w, b0], -1))
    assert made.shape == (2, 9, 10, 1)
    np.testing.assert_allclose(made, expected, rtol=0, atol=1e-6)
    assert residual_unet(shape, sources=("T1w", "b0"), **SMALL).output_shape[-1] == 2


@pytest.mark.parametrize("dtype", ["bfloat16", "float64"])
@pytest.mark.parametrize("shape", [(2, 16, 16, 1), (1, 5, 9, 1), (1, 9, 8, 5, 1)])
def test_precision(dtype, shape):
    """Outputs and gradients of 16 bits, down to maps of two pixels, against float64."""
    wide = "float64" if dtype == "float64" else "float32"
    space, options = [None] * (len(shape) - 2), {"filters": 8, "levels": 3, "residual_blocks": 1}
    model = residual_unet((*space, 1), dtype=dtype, **options)
    exact = residual_unet((*space, 1), dtype="float64", **options)
    random = np.random.default_rng(4)
    values = [random.normal(0, 0.2, weight.shape) for weight in exact.get_weights()]
    found = []
    for network in (model, exact):
        network.set_weights(values)
        images = tf.cast(tiny.images(*shape), wide if network is model else "float64")
        with tf.GradientTape() as tape:
            output = network(images, training=True)
            loss = tf.reduce_sum(output * tf.cast(tiny.images(*shape, seed=2), output.dtype))
        found.append([output, *tape.gradient(loss, tf_variables(network.trainable_variables))])
        assert output.dtype == (wide if network is model else "float64")
    assert all(tf.as_dtype(weight.dtype) == wide for weight in model.weights)
    for ours, theirs in zip(*found):
        # Biases before a normalisation have a gradient of 0, and of rounding; so has a 1x1
        # kernel of one channel, whose size is normalised away.
        if ours.shape.rank > 1 and tuple(ours.shape) != (*[1] * len(space), 1, 8):
            error = np.linalg.norm(np.subtract(ours, theirs)) / np.linalg.norm(theirs)
            # 8 bits through two dozen layers; with what nobody wrote it is 0.8 and more.
            assert error < (1e-9 if dtype == "float64" else 0.5)


@pytest.mark.parametrize("shape", [(9, 10, 1), (6, 5, 7, 1)])
def test_recomputed(shape):
    """The same losses and gradients, if in another order."""
    images, truth = tiny.images(2, *shape), tiny.images(2, *shape, seed=1)
    found = []
    for recompute in (False, True):
        keras.utils.set_random_seed(5)
        model = residual_unet(shape, recompute=recompute, dtype="float64", **SMALL)
        kinds = {type(layer).__name__ for layer in model.layers}
        assert ("Recomputed" in kinds) == recompute
        variables = tf_variables(model.trainable_variables)

        @tf.function
        def step():
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(truth * model(images, training=True))
            return loss, tape.gradient(loss, variables)

        loss, gradients = step()
        found.append((float(loss), sorted(float(tf.reduce_sum(one**2)) for one in gradients)))
    np.testing.assert_allclose(found[0][0], found[1][0], rtol=1e-12)
    np.testing.assert_allclose(found[0][1], found[1][1], rtol=1e-9, atol=1e-18)


@pytest.mark.parametrize("residual_blocks", [1, 2])
def test_weights_open_in_either_form(residual_blocks, tmp_path):
    options = {**SMALL, "residual_blocks": residual_blocks}
    plain, again, other = (
        residual_unet(recompute=form, **options) for form in (False, True, False)
    )
    random = np.random.default_rng(6)
    plain.set_weights([random.normal(0, 0.5, weight.shape) for weight in plain.get_weights()])
    weights.save(plain, tmp_path / "plain.weights.h5")
    weights.load(again, tmp_path / "plain.weights.h5")
    weights.save(again, tmp_path / "again.weights.h5")
    weights.load(other, tmp_path / "again.weights.h5")
    images = tiny.images(1, 9, 12, 1, dtype="float32")
    for network in (again, other):
        np.testing.assert_allclose(network(images), plain(images), rtol=0, atol=1e-6)


@pytest.mark.parametrize("recompute", [False, True])
def test_files(recompute, tmp_path):
    options = {"recompute": recompute, **SMALL}
    images = tiny.images(1, 18, 13, 1, dtype="float32")
    model, other = (residual_unet(**options) for _ in range(2))
    model.save_weights(tmp_path / "network.weights.h5")
    other.load_weights(tmp_path / "network.weights.h5")
    model.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras", safe_mode=True)
    for one in (other, loaded):
        np.testing.assert_array_equal(one(images), model(images))


def test_export_with_free_size(tmp_path):
    model = residual_unet(**SMALL)
    model.export(str(tmp_path / "saved"))
    loaded = tf.saved_model.load(str(tmp_path / "saved"))
    for shape in ((1, 17, 30, 1), (3, 24, 20, 1)):
        images = tiny.images(*shape, dtype="float32")
        np.testing.assert_allclose(
            loaded.serve(tf.constant(images)), model(images), rtol=0, atol=1e-5
        )


@pytest.mark.parametrize("size", range(2, 34))
def test_levels_that_fit(size):
    """As long as the smallest map has two voxels along the shortest axis."""
    halvings = 0
    while -(-size // 2 ** (halvings + 1)) >= 2:
        halvings += 1
    most = halvings + 1
    check_levels(most, (size, 40, 1))
    check_levels(1, (None, size, 1))
    with pytest.raises(GanMriError, match=f"^levels: expected from 1 to {most} for images of"):
        check_levels(most + 1, (40, size, None, 1))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"levels": 0}, "levels: expected from 1. Received: 0"),
        ({"input_shape": (16, 40, 1)}, r"levels: .* 1 to 4 for images of \(16, 40\). Received: 5"),
        ({"residual_blocks": 0}, "residual_blocks: expected one or more .* Received: 0"),
        ({"upsampling": "bilinear"}, "upsampling: expected linear or transposed.*'bilinear'"),
        ({"sources": ("T1w",)}, r"sources: expected two or more .* Received: \('T1w',\)"),
        ({"sources": ("b0", "b0")}, "sources: expected two or more different names"),
        ({"sources": "T1w"}, "sources: expected two or more different names.* 'T1w'"),
        ({"normalization": "layer"}, "normalization must be one of .*'layer'"),
    ],
)
def test_what_it_does_not_take(options, message):
    with pytest.raises(GanMriError, match=message):
        residual_unet(**options)


def test_convolutions_between_the_smallest_maps_are_never_of_16_bits():
    model = residual_unet((8, 9, 16, 1), filters=2, levels=3, dtype="bfloat16")
    found = {}
    for layer in model.layers:
        if type(layer).__name__ == "Conv3D" and layer.kernel_size == (3, 3, 3):
            found.setdefault(layer.output.shape[1], set()).add(layer.compute_dtype)
    assert found == {8: {"bfloat16"}, 4: {"bfloat16"}, 2: {"float32"}}
