"""Every kind of layer by itself, in slabs, against the layer or NumPy on the whole map."""

import keras
import numpy as np
import pytest
import tiny

from gan_mri import layers
from gan_mri.backend import addons_instance_normalization, precision
from gan_mri.errors import GanMriError
from gan_mri.inference.volumes.exact import apply_plan
from gan_mri.inference.volumes.graph import Graph
from gan_mri.inference.volumes.plan import fixed_plan
from gan_mri.inference.volumes.stages import stages

SIZES = {2: (13, 10), 3: (13, 10, 8)}
HEIGHTS = (1, 4)
CONVOLUTIONS = {
    (2, False): keras.layers.Conv2D,
    (3, False): keras.layers.Conv3D,
    (2, True): keras.layers.Conv2DTranspose,
    (3, True): keras.layers.Conv3DTranspose,
}
FLOAT64 = {"dtype": "float64"}


@pytest.fixture(autouse=True)
def seed():
    keras.utils.set_random_seed(2)


def network(shapes, *build, dtype="float64"):
    """Layers one after the other."""
    inputs = [
        keras.Input((*[None] * (len(shape) - 1), shape[-1]), name=f"i{index}", dtype=dtype)
        for index, shape in enumerate(shapes)
    ]
    inputs = x = inputs if len(inputs) > 1 else inputs[0]
    for layer in build:
        x = layer(x)
    # An activation at the end: what is in front of it is stored, or is not.
    return keras.Model(inputs, keras.layers.Activation("tanh", dtype=dtype)(x))


def check(model, *volumes, expected=None, atol=1e-12):
    """In slabs of every height, against the model on the whole volumes."""
    if expected is None:
        batches = [volume[np.newaxis] for volume in volumes]
        expected = np.asarray(model(batches if len(batches) > 1 else batches[0]))[0]
    given = {f"i{index}": volume for index, volume in enumerate(volumes)}
    graph = Graph(model, {name: volume.shape for name, volume in given.items()})
    for height in HEIGHTS:
        plan = fixed_plan(graph, {stage.sink: height for stage in stages(graph)})
        found = apply_plan(graph, given, plan)
        np.testing.assert_allclose(found, expected, rtol=0, atol=atol)


def alone(layer, rank=3, channels=2, size=None):
    volume = tiny.images(*(size or SIZES[rank]), channels)
    check(network([volume.shape], layer), volume)


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("kernel", [1, 3, 4])
def test_convolution(kernel, stride, padding):
    for size in ((13, 10), (12, 11)):
        alone(
            keras.layers.Conv2D(
                3, kernel, stride, padding, bias_initializer="random_normal", **FLOAT64
            ),
            rank=2,
            size=size,
        )


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("kernel", [3, (1, 4, 2)])
@pytest.mark.parametrize("stride", [1, 2])
def test_convolution_of_volumes(stride, kernel, padding):
    alone(keras.layers.Conv3D(3, kernel, stride, padding, activation="relu", **FLOAT64))


def test_dilated_convolution():
    alone(keras.layers.Conv2D(2, 3, dilation_rate=(2, 3), padding="same", **FLOAT64), rank=2)


@pytest.mark.parametrize("filters", [1, 3])
@pytest.mark.parametrize("kernel", [7, (3, 2, 5)])
def test_convolution_to_few_channels(filters, kernel):
    """Computed tap by tap."""
    alone(keras.layers.Conv3D(filters, kernel, padding="same", **FLOAT64), channels=8)


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("kernel", [1, 2, 3, 4])
def test_transposed_convolution(kernel, stride, padding):
    options = {"bias_initializer": "random_normal", **FLOAT64}
    alone(keras.layers.Conv2DTranspose(3, kernel, stride, padding, **options), rank=2)


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("kernel", [2, 3, 4])
def test_transposed_convolution_of_volumes(kernel, padding):
    alone(keras.layers.Conv3DTranspose(3, kernel, 2, padding, **FLOAT64))


@pytest.mark.parametrize(("rank", "transposed"), CONVOLUTIONS)
def test_spectral_normalization(rank, transposed):
    inner = CONVOLUTIONS[rank, transposed](3, 3, 2, "same", **FLOAT64)
    wrapped = layers.SpectralNormalization(inner, **FLOAT64)
    # Two power iterations, so that u is not what it was at first.
    for _ in range(2):
        wrapped(tiny.images(1, *SIZES[rank], 2), training=True)
    alone(wrapped, rank)


@pytest.mark.parametrize("convolved", [False, True])
@pytest.mark.parametrize("kind", ["instance", "addons", "batch"])
def test_normalization(kind, convolved):
    """By definition, of the input itself and of what a layer makes."""
    layer = {
        "instance": lambda: layers.InstanceNormalization(1e-2, **FLOAT64),
        "addons": addons_instance_normalization,
        "batch": lambda: layers.BatchStatistics(1e-2, **FLOAT64),
    }[kind]
    with precision("float64"):
        layer = layer()
    volume = tiny.images(*SIZES[3], 2)
    volume[..., 1] = 0.5 + 1e-2 * volume[..., 1]
    # Doubling is a layer that is computed on the way.
    doubled = [keras.layers.Rescaling(2.0, **FLOAT64)] if convolved else []
    model = network([volume.shape], *doubled, layer)
    gamma, beta = np.array([0.7, -1.3]), np.array([0.2, 0.4])
    layer.gamma.assign(gamma)
    layer.beta.assign(beta)
    x = volume * (2 if convolved else 1)
    deviation = x.std((0, 1, 2))
    epsilon = 1e-5 if kind == "addons" else 1e-2
    divisor = deviation + epsilon if kind == "instance" else np.sqrt(deviation**2 + epsilon)
    expected = np.tanh(gamma * (x - x.mean((0, 1, 2))) / divisor + beta)
    check(model, volume, expected=expected)


@pytest.mark.parametrize(
    "layer",
    [
        lambda: layers.ReflectionPadding3D(3, **FLOAT64),
        lambda: layers.ReflectionPadding3D((12, 0, 1), **FLOAT64),
        lambda: keras.layers.ZeroPadding3D(((4, 1), (0, 2), (1, 0)), **FLOAT64),
        lambda: keras.layers.Cropping3D(((4, 1), (0, 2), (1, 0)), **FLOAT64),
        lambda: layers.PadToMultiple(8, **FLOAT64),
        lambda: layers.LeakyReLU(0.3, **FLOAT64),
        lambda: keras.layers.ReLU(**FLOAT64),
        lambda: keras.layers.Activation("sigmoid", **FLOAT64),
        lambda: layers.Dropout(0.5, **FLOAT64),
        lambda: layers.GaussianNoise(1.0, **FLOAT64),
        lambda: keras.layers.UpSampling3D((2, 3, 1), **FLOAT64),
        lambda: keras.layers.BatchNormalization(**FLOAT64),
    ],
)
def test_others(layer):
    alone(layer())
    # Between two convolutions, where rows beyond the map's end are read.
    options = {"padding": "same", **FLOAT64}
    volume = tiny.images(*SIZES[3], 2)
    between = [keras.layers.Conv3D(2, 3, **options), layer(), keras.layers.Conv3D(2, 5, **options)]
    check(network([volume.shape], *between), volume)


def test_rows_that_are_padding_only():
    volume = tiny.images(5, 6, 1)
    padded = keras.layers.ZeroPadding2D(9, **FLOAT64)
    check(network([volume.shape], padded, keras.layers.Conv2D(2, 3, **FLOAT64)), volume)


@pytest.mark.parametrize("channels", [1, 3])
def test_channels(channels):
    alone(layers.ToChannels(channels, **FLOAT64), channels=1)
    alone(layers.ToChannels(1, **FLOAT64), channels=channels)


@pytest.mark.parametrize("kind", ["Add", "Concatenate", "Maximum", "Multiply", "Subtract"])
def test_several_maps(kind):
    volumes = [tiny.images(*SIZES[3], 2, seed=seed) for seed in (1, 2)]
    merge = getattr(keras.layers, kind)(**FLOAT64)
    check(network([volume.shape for volume in volumes], merge), *volumes)


def test_cropping_like():
    volumes = [tiny.images(13, 12, 9, 2), tiny.images(10, 12, 6, 1)]
    crop = layers.CropLike(**FLOAT64)
    expected = np.tanh(volumes[0][1:11, :, 1:7])
    check(network([volume.shape for volume in volumes], crop), *volumes, expected=expected)


def pooled(volume, size, stride, padding, reduce):
    """Window by window; beyond the map is NaN, which `reduce` leaves out."""
    if padding == "same":
        sides = []
        for length in volume.shape[:-1]:
            missing = max((-(-length // stride) - 1) * stride + size - length, 0)
            sides.append((missing // 2, missing - missing // 2))
        volume = np.pad(volume, [*sides, (0, 0)], constant_values=np.nan)
    axes = tuple(range(volume.ndim - 1))
    windows = np.lib.stride_tricks.sliding_window_view(volume, (size,) * len(axes), axes)
    windows = windows[(slice(None, None, stride),) * len(axes)]
    return reduce(windows, axis=tuple(range(-len(axes), 0)))


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize(("size", "stride"), [(2, 2), (3, 2), (3, 1), (2, 3)])
@pytest.mark.parametrize("rank", [2, 3])
def test_pooling(rank, size, stride, padding):
    volume = tiny.images(*SIZES[rank], 2) - 0.5
    # Keras has no 3D pooling in float64.
    dtype, atol = ("float64", 1e-12) if rank == 2 else ("float32", 1e-6)
    for kind, reduce in (("Max", np.nanmax), ("Average", np.nanmean)):
        layer = getattr(keras.layers, f"{kind}Pooling{rank}D")(size, stride, padding, dtype=dtype)
        expected = np.tanh(pooled(volume, size, stride, padding, reduce))
        model = network([volume.shape], layer, dtype=dtype)
        check(model, volume, expected=expected, atol=atol)


@pytest.mark.parametrize("factor", [2, 3])
def test_linear_enlargement(factor):
    """Along each axis as `numpy.interp` has it, between the centres of the pixels."""
    expected = volume = tiny.images(9, 7, 2)
    for axis, length in enumerate(volume.shape[:2]):
        places = (np.arange(length * factor) + 0.5) / factor - 0.5
        expected = np.apply_along_axis(
            lambda line: np.interp(places, np.arange(len(line)), line), axis, expected
        )
    layer = keras.layers.UpSampling2D(factor, interpolation="bilinear", **FLOAT64)
    check(network([volume.shape], layer), volume, expected=np.tanh(expected))
    # What Keras computes, in float32.
    found = np.asarray(layer(volume[np.newaxis]))[0]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (lambda: keras.layers.Conv2D(2, 3, groups=2, **FLOAT64), "one group"),
        (lambda: keras.layers.Conv2DTranspose(2, 3, 2, output_padding=1, **FLOAT64), "output pad"),
        (lambda: keras.layers.UpSampling2D(interpolation="bicubic", **FLOAT64), "bicubic"),
        (lambda: keras.layers.GroupNormalization(2, **FLOAT64), "2 groups"),
        (lambda: keras.layers.LayerNormalization(**FLOAT64), "LayerNormalization"),
    ],
)
def test_what_cannot_be_done(layer, message):
    model = network([(9, 9, 4)], layer())
    with pytest.raises(GanMriError, match=f"layer .*{message}.*windows"):
        Graph(model, (9, 9, 4))
