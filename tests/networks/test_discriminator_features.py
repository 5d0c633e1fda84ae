"""Against the convolutions written out, with the weights of the discriminator."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import tiny

from gan_mri import networks
from gan_mri.errors import GanMriError
from gan_mri.networks.discriminator_features import discriminator_features

FREE = (None, None, 2)


def patch(scales, normalization="none", dtype="float64"):
    return networks.patch_discriminator(
        FREE, filters=3, scales=scales, normalization=normalization, dtype=dtype
    )


def leaky(x, slope):
    return np.where(x > 0, x, slope * x)


def convolved(x, kernel, bias, strides):
    return np.asarray(tf.nn.conv2d(x, kernel, strides, "SAME")) + bias


def halved(x):
    count, rows, columns, channels = x.shape
    return x.reshape(count, rows // 2, 2, columns // 2, 2, channels).mean(axis=(2, 4))


def maps_of_a_patch(weights, x, normalized=False):
    """C-C-C-C: after each of the four activations of one scale."""
    maps, weights = [], iter(weights)
    for level, strides in enumerate((2, 2, 2, 1)):
        x = convolved(x, next(weights), next(weights), strides)
        if normalized and level > 0:
            gamma, beta = next(weights), next(weights)
            mean, deviation = x.mean((1, 2), keepdims=True), x.std((1, 2), keepdims=True)
            x = gamma * (x - mean) / (deviation + 1e-5) + beta
        x = leaky(x, 0.2)
        maps.append(x)
    return maps


def assert_same(found, expected, tolerance=1e-12):
    assert [one.shape for one in found] == [one.shape for one in expected]
    for one, other in zip(found, expected):
        np.testing.assert_allclose(one, other, rtol=0, atol=tolerance)


@pytest.mark.parametrize("normalization", ["none", "instance"])
def test_one_scale(normalization):
    discriminator, images = patch(1, normalization), tiny.images(2, 24, 16, 2)
    features = discriminator_features(discriminator)(images)
    assert all(one.dtype == tf.float64 for one in features)
    expected = maps_of_a_patch(
        discriminator.get_weights(), images, normalized=normalization == "instance"
    )
    assert_same(features, expected, tolerance=1e-11)


@pytest.mark.parametrize("scales", [2, 3])
def test_each_scale_sees_the_image_averaged_once_more(scales):
    discriminator, images = patch(scales), tiny.images(2, 32, 24, 2)
    weights, expected, seen = discriminator.get_weights(), [], images
    for scale in range(scales):
        expected += maps_of_a_patch(weights[10 * scale : 10 * (scale + 1)], seen)
        seen = halved(seen)
    assert_same(discriminator_features(discriminator)(images), expected)


def test_the_discriminator_of_unit():
    """Its scales are one network: every activation of each, whatever their order."""
    discriminator = networks.unit_discriminator(FREE, filters=2, scales=2, dtype="float64")
    images = tiny.images(1, 32, 48, 2)
    kernels = [w for w in discriminator.get_weights() if w.ndim == 4]
    # Level by level over both scales; biases are 0 to begin with.
    expected, pyramid = [], [images, halved(images)]
    for level in range(4):
        for scale in range(2):
            x = convolved(pyramid[scale], kernels[2 * level + scale], 0, 2)
            pyramid[scale] = leaky(x, 0.01)
            expected.append(pyramid[scale])
    found = discriminator_features(discriminator)(images)
    shapes = sorted(tuple(one.shape) for one in found)
    assert shapes == sorted(one.shape for one in expected)
    for one in expected:
        candidates = [np.asarray(other) for other in found if other.shape == one.shape]
        assert min(np.abs(one - other).max() for other in candidates) < 1e-12


def test_3d():
    discriminator = networks.patch_discriminator((None, None, None, 1), filters=2, scales=2)
    features = discriminator_features(discriminator)(tiny.images(1, 16, 18, 20, 1))
    assert [tuple(one.shape[1:-1]) for one in features[:2]] == [(8, 9, 10), (4, 5, 5)]
    assert len(features) == 8


def test_weights_are_shared_and_gradients_reach_the_image():
    discriminator, images = patch(2), tf.constant(tiny.images(1, 16, 16, 2))
    features = discriminator_features(discriminator)
    before = [np.array(one) for one in features(images)]
    discriminator.set_weights([2 * weight for weight in discriminator.get_weights()])
    after = features(images)
    # Biases are 0: the first activation doubles.
    np.testing.assert_allclose(after[0], 2 * before[0], rtol=1e-12)
    with tf.GradientTape() as tape:
        tape.watch(images)
        total = tf.add_n([tf.reduce_sum(one) for one in features(images)])
    assert np.all(tape.gradient(total, images) != 0)


def test_within_a_graph():
    discriminator, images = patch(2), tiny.images(1, 16, 16, 2)
    features = discriminator_features(discriminator)
    traced = tf.function(features, autograph=False)(images)
    assert_same(traced, [np.asarray(one) for one in features(images)])


def test_power_iteration_does_not_move():
    discriminator = networks.patch_discriminator(FREE, filters=2, spectral_normalization=True)
    before = discriminator.get_weights()
    discriminator_features(discriminator)(tiny.images(1, 16, 16, 2))
    for ours, theirs in zip(discriminator.get_weights(), before, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_other_networks_are_refused():
    image = keras.Input(FREE, name="image")
    foreign = keras.Model(image, keras.layers.LeakyReLU()(image), name="foreign")
    with pytest.raises(GanMriError, match="LeakyReLU. Received: 'foreign', which has none"):
        discriminator_features(foreign)(tiny.images(1, 16, 16, 2))
    conditional = networks.conditional_discriminator(FREE, filters=2, name="conditional")
    with pytest.raises(GanMriError, match="of one image.* Received: 'conditional'"):
        discriminator_features(conditional)(tiny.images(1, 16, 16, 2))
