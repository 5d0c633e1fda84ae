"""The papers' blocks against SciPy, whose "mirror" is TensorFlow's REFLECT."""

import keras
import numpy as np
import pytest
import scipy.ndimage
import tensorflow as tf
import tiny

from gan_mri import blocks
from gan_mri.backend import precision
from gan_mri.errors import GanMriError

SHAPES = {2: (6, 8, 2), 3: (4, 6, 8, 2)}


def model_of(block, shape, *arguments, dtype="float64", **options):
    """A functional model of one block, with weights between -1 and 1."""
    with precision(dtype):
        image = keras.Input(shape)
        model = keras.Model(image, block(image, *arguments, **options))
    random = np.random.default_rng(2)
    model.set_weights([random.uniform(-1, 1, w.shape) for w in model.get_weights()])
    return model


def mirrored_convolution(image, kernel, bias):
    """Correlate one image `(..., C)` with a kernel `(..., C, K)`, mirrored borders."""
    return np.stack(
        [
            sum(
                scipy.ndimage.correlate(image[..., c], kernel[..., c, k], mode="mirror")
                for c in range(kernel.shape[-2])
            )
            + bias[k]
            for k in range(kernel.shape[-1])
        ],
        axis=-1,
    )


def normalized(image, gamma, beta, epsilon=1e-5):
    axes = tuple(range(image.ndim - 1))
    return gamma * (image - image.mean(axes)) / (image.std(axes) + epsilon) + beta


def layers_of(model):
    """Class names of the layers that hold weights or an activation."""
    return [type(layer).__name__ for layer in model.layers[1:]]


@pytest.fixture(params=SHAPES)
def shape(request):
    return SHAPES[request.param]


@pytest.mark.parametrize("size", [3, 5])
def test_mirrored_convolution(shape, size):
    model = model_of(blocks.convolve, shape, 3, size, padding="reflect")
    images = tiny.images(1, *shape)
    expected = mirrored_convolution(images[0], *model.get_weights())
    np.testing.assert_allclose(model(images)[0], expected, rtol=0, atol=1e-11)


def test_c7s1(shape):
    model = model_of(blocks.c7s1, shape, 3)
    images = tiny.images(1, *shape)
    kernel, bias, gamma, beta = model.get_weights()
    assert kernel.shape[0] == 7
    expected = normalized(mirrored_convolution(images[0], kernel, bias), gamma, beta)
    np.testing.assert_allclose(model(images)[0], np.maximum(expected, 0), rtol=0, atol=1e-10)


@pytest.mark.parametrize("recompute", [False, True])
def test_R_with_mirrored_borders(shape, recompute):
    model = model_of(blocks.R, shape, 2, padding="reflect", recompute=recompute)
    images = tiny.images(1, *shape)
    weights = model.get_weights()
    y = normalized(mirrored_convolution(images[0], *weights[:2]), *weights[2:4])
    y = mirrored_convolution(np.maximum(y, 0), *weights[4:6])
    expected = images[0] + normalized(y, *weights[6:])
    np.testing.assert_allclose(model(images)[0], expected, rtol=0, atol=1e-10)


def test_recomputed_is_what_was_drawn(shape):
    """One layer for the layers that were drawn, which keep their weights."""
    image = keras.Input(shape)
    drawn = blocks.d(blocks.c7s1(image, 2), 3)
    plain = keras.Model(image, drawn)
    again = keras.Model(image, blocks.recomputed(image, drawn))
    assert layers_of(again) == ["Recomputed"]
    assert [type(layer).__name__ for layer in again.layers[1].inner_layers] == layers_of(plain)
    images = tiny.images(2, *shape, dtype="float32")
    np.testing.assert_array_equal(again(images), plain(images))


def test_R_with_zeros_differs_at_the_border_only_of_the_convolutions(shape):
    # Without normalisation a pixel depends on its 5-pixel neighbourhood alone.
    images = tiny.images(1, *(12 for _ in shape[:-1]), 2)
    inside = (0, *(slice(2, -2) for _ in shape[:-1]))
    zeros, mirrored = (
        model_of(blocks.R, images.shape[1:], 2, padding=padding, normalization="none")
        for padding in ("same", "reflect")
    )
    np.testing.assert_allclose(zeros(images)[inside], mirrored(images)[inside], rtol=0, atol=1e-11)
    assert np.abs(zeros(images)[0] - mirrored(images)[0]).max() > 0.1


def test_u_with_resize_convolution(shape):
    model = model_of(blocks.u, shape, 3, resize_convolution=True)
    images = tiny.images(1, *shape)
    kernel, bias, gamma, beta = model.get_weights()
    enlarged = images[0]
    for axis in range(len(shape) - 1):
        enlarged = np.repeat(enlarged, 2, axis=axis)
    expected = normalized(mirrored_convolution(enlarged, kernel, bias), gamma, beta)
    np.testing.assert_allclose(model(images)[0], np.maximum(expected, 0), rtol=0, atol=1e-10)


def test_sizes(shape):
    space = shape[:-1]
    doubled = tuple(2 * length for length in space)
    halved = tuple(length // 2 for length in space)
    assert model_of(blocks.u, shape, 3).output_shape == (None, *doubled, 3)
    assert model_of(blocks.d, shape, 3).output_shape == (None, *halved, 3)
    assert model_of(blocks.C, shape, 3).output_shape == (None, *halved, 3)
    assert model_of(blocks.C, shape, 3, strides=1).output_shape == (None, *space, 3)
    assert model_of(blocks.halve, shape).output_shape == (None, *halved, 2)


def test_C_is_leaky(shape):
    model = model_of(blocks.C, shape, 3, normalization="none")
    kernel = model.get_weights()[0]
    assert kernel.shape[:-2] == (4,) * (len(shape) - 1)
    images = tiny.images(1, *shape)
    convolution = keras.Model(model.input, model.layers[1].output)(images)
    assert np.min(convolution) < 0
    np.testing.assert_array_equal(
        model(images), np.where(convolution > 0, convolution, 0.2 * convolution)
    )


def test_halve_averages():
    images = tiny.images(1, 4, 6, 1)
    expected = images.reshape(1, 2, 2, 3, 2, 1).mean((2, 4))
    np.testing.assert_allclose(model_of(blocks.halve, (4, 6, 1))(images), expected)


def test_to_image(shape):
    model = model_of(blocks.to_image, shape, 1)
    images = tiny.images(1, *shape)
    expected = np.tanh(mirrored_convolution(images[0], *model.get_weights()))
    np.testing.assert_allclose(model(images)[0], expected, rtol=0, atol=1e-11)


@pytest.mark.parametrize(("block", "arguments"), [(blocks.to_image, (1,)), (blocks.connect, (1,))])
def test_networks_end_in_full_precision(block, arguments):
    model = model_of(block, (8, 8, 2), *arguments, dtype="bfloat16")
    assert model(tiny.images(1, 8, 8, 2, dtype="float32")).dtype == tf.float32
    mixed = model_of(blocks.c7s1, (8, 8, 2), 3, dtype="bfloat16")
    assert mixed(tiny.images(1, 8, 8, 2, dtype="float32")).dtype == tf.bfloat16


def test_addons_normalization_divides_by_the_root(shape):
    # Dark background is where the two conventions differ: std 1e-3.
    images = 1e-3 * tiny.images(1, *shape)
    model = model_of(blocks.normalize, shape, "addons")
    gamma, beta = model.get_weights()
    axes = tuple(range(len(shape) - 1))
    centered = images[0] - images[0].mean(axes)
    expected = gamma * centered / np.sqrt(images[0].var(axes) + 1e-5) + beta
    np.testing.assert_allclose(model(images)[0], expected, rtol=0, atol=1e-6)
    other = normalized(images[0], gamma, beta)
    assert np.abs(expected - other).max() > 0.1


def test_no_normalization():
    assert layers_of(model_of(blocks.d, (8, 8, 1), 2, normalization="none")) == [
        "Conv2D",
        "Activation",
    ]


def test_unknown_normalization():
    with pytest.raises(GanMriError, match="instance, addons, .*'layer'"):
        model_of(blocks.d, (8, 8, 1), 2, normalization="layer")


@pytest.mark.parametrize(
    ("block", "options", "convolutions"),
    [
        (blocks.c7s1, {}, 1),
        (blocks.d, {}, 1),
        (blocks.R, {}, 2),
        (blocks.u, {}, 1),
        (blocks.u, {"resize_convolution": True}, 1),
        (blocks.C, {}, 1),
    ],
)
def test_spectral_normalization_is_on_every_convolution(block, options, convolutions):
    model = model_of(block, (8, 8, 2), 2, spectral_normalization=True, **options)
    kinds = layers_of(model)
    assert kinds.count("SpectralNormalization") == convolutions
    assert not {"Conv2D", "Conv2DTranspose"} & set(kinds)
