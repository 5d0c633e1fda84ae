import keras
import numpy as np
import pytest
import tiny

from gan_mri.errors import GanMriError
from gan_mri.layers import SelfAttention
from gan_mri.papers.maheshwari.attention_maps import attention_maps

SIZE = (8, 6)
POSITIONS = [(0, 0), (5, 3)]


def network(nested, rank=2, channels=3):
    """(model, its layer): attention over means of 2x2 (2x2x2) pixels, with random weights."""
    pooling = {2: keras.layers.AveragePooling2D, 3: keras.layers.AveragePooling3D}[rank]
    free = (*[None] * rank, channels)
    layer = SelfAttention(reduction=1)
    image, features = keras.Input(free), keras.Input(free)
    if nested:
        inner = keras.Model(features, layer(features))
        model = keras.Model(image, inner(pooling(2)(image)))
    else:
        model = keras.Model(image, layer(pooling(2)(image)))
    layer.set_weights([3 * tiny.images(*w.shape, seed=5) for w in layer.get_weights()])
    return model, layer


def expected_map(image, layer, feature):
    """The map of a feature, by NumPy."""
    space = image.shape[:-1]
    halves = [part for length in space for part in (length // 2, 2)]
    means = image.reshape(*halves, image.shape[-1]).mean(axis=tuple(range(1, 2 * len(space), 2)))
    f, g = (
        means @ np.array(convolution.kernel).reshape(image.shape[-1], -1)
        + np.array(convolution.bias)
        for convolution in (layer.key, layer.query)
    )
    powers = np.exp(f @ g[feature])
    return powers / powers.sum()


@pytest.mark.parametrize("nested", [False, True])
def test_maps_are_those_of_the_features_that_cover_the_pixels(nested):
    images = tiny.images(2, *SIZE, 3)
    model, layer = network(nested)
    maps = attention_maps(model, images, POSITIONS)
    assert maps.shape == (2, 2, 4, 3)
    for image, of_image in zip(images, maps):
        for row, feature in zip(of_image, [(0, 0), (2, 1)]):
            np.testing.assert_allclose(row, expected_map(image, layer, feature), rtol=1e-4)
    assert "call" not in vars(layer)


def test_maps_of_volumes_and_of_positions_of_their_own():
    images = tiny.images(2, 4, 6, 8, 3)
    model, layer = network(False, rank=3)
    maps = attention_maps(model, images, [[(0, 0, 0)], [(3, 2, 7)]])
    assert maps.shape == (2, 1, 2, 3, 4)
    for image, (row,), feature in zip(images, maps, [(0, 0, 0), (1, 1, 3)]):
        np.testing.assert_allclose(row, expected_map(image, layer, feature), rtol=1e-4)


def test_a_network_without_attention():
    inputs = keras.Input((None, None, 1))
    model = keras.Model(inputs, keras.layers.Conv2D(1, 1)(inputs), name="plain")
    with pytest.raises(GanMriError, match="SelfAttention layer. Received: 'plain'"):
        attention_maps(model, tiny.images(1, *SIZE, 1), POSITIONS)


@pytest.mark.parametrize(
    "positions, message",
    [
        ([(8, 0)], r"inside of images of \(8, 6\) pixels. Received: \(8, 0\)"),
        ([(0, -1)], r"Received: \(0, -1\)"),
        ([(0.5, 1.0)], "whole numbers"),
        ([(1, 2, 3)], r"shape \(P, 2\) or \(2, P, 2\). Received: .* \(1, 3\)"),
        ([[(1, 2)]], "Received"),
        ((1, 2), "Received"),
        (np.zeros((0, 2), int), "Received"),
    ],
)
def test_wrong_positions(positions, message):
    with pytest.raises(GanMriError, match=message):
        attention_maps(network(False)[0], tiny.images(2, *SIZE, 3), positions)


def test_an_image_without_batch():
    with pytest.raises(GanMriError, match=r"Received: shape \(8, 6, 3\)"):
        attention_maps(network(False)[0], tiny.images(*SIZE, 3), POSITIONS)
