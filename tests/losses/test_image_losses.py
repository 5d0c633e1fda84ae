"""Every name of the table: its least value, how it rises, its gradients."""

import inspect
import re

import numpy as np
import pytest
import slopes
import tensorflow as tf
import tiny
from scipy.ndimage import gaussian_filter
from scipy.special import expit
from scipy.stats import entropy

from gan_mri import losses
from gan_mri.errors import GanMriError
from gan_mri.losses import IMAGE_LOSSES, images

SHAPES = [(2, 24, 22, 1), (1, 23, 24, 3), (1, 14, 13, 12, 1)]


def layers(image):
    """Two layers of features."""
    return [tf.square(image), tf.reduce_mean(image, -1, keepdims=True)]


FEATURES = {"discriminator_features": layers, "segmenter_features": layers}


def measure(name, truth, image):
    values = images.measured([name], truth, image, truth, features=FEATURES)
    return values[name]


def smooth(*shape, seed=0):
    spread = (0, *[2] * (len(shape) - 2), 0)
    image = gaussian_filter(tiny.images(*shape, seed=seed), spread)
    return image / np.abs(image).max()


def least(name, image):
    """What equal images give, from the docstrings."""
    if name == "charbonnier":
        return 1e-3
    if name == "mutual_information":
        return -np.mean(
            [
                own_information(one)
                for one in np.moveaxis(image, -1, 1).reshape(-1, *image.shape[1:-1])
            ]
        )
    if name == "total_variation":
        # It asks for flat images, whatever the truth.
        axes = range(1, image.ndim - 1)
        return np.concatenate([np.abs(np.diff(image, axis=a)).ravel() for a in axes]).mean()
    return 0


def own_information(image):
    above = expit((image.reshape(-1, 1) - np.linspace(-1, 1, 33)) / 0.025)
    shares = above[:, :-1] - above[:, 1:]
    joint = shares.T @ shares / np.sum(shares.T @ shares)
    return 2 * entropy(joint.sum(0)) - entropy(joint.ravel())


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", IMAGE_LOSSES)
def test_equal_images_and_growing_noise(name, shape):
    truth, noise = smooth(*shape), tiny.images(*shape, seed=5)
    values = [float(measure(name, truth, truth + size * noise)) for size in (0, 0.05, 0.2, 0.5)]
    np.testing.assert_allclose(values[0], least(name, truth), rtol=1e-9, atol=1e-12)
    assert values == sorted(values)
    assert values[1] > values[0] + 1e-6


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("name", IMAGE_LOSSES)
def test_gradients_are_finite_everywhere(name, dtype):
    """Of equal images, flat ones (background), and of extremes."""
    for shape in SHAPES[::2]:
        noise = tiny.images(*shape, dtype="float32")
        flat = np.full(shape, -1, "float32")
        for truth, image in (
            (noise, noise),
            (flat, flat),
            (0 * flat, 0 * flat),
            (flat, -flat),
            (noise, flat),
            (flat, noise),
            (noise, -noise),
        ):
            truth, image = tf.cast(truth, dtype), tf.cast(image, dtype)
            with tf.GradientTape() as tape:
                tape.watch(image)
                value = measure(name, truth, image)
            assert value.dtype == tf.float32 and value.shape == ()
            assert np.isfinite(value)
            gradient = tape.gradient(value, image)
            assert gradient.dtype == dtype
            assert np.all(np.isfinite(tf.cast(gradient, tf.float32)))


@pytest.mark.parametrize("name", ["l1", "l2", "charbonnier", "self_regularization"])
def test_pixelwise_losses_do_not_broadcast(name):
    with pytest.raises(GanMriError, match=rf"^{name}: .*\(2, 4, 4, 3\) and \(2, 4, 4, 1\)"):
        measure(name, tf.zeros((2, 4, 4, 3)), tf.zeros((2, 4, 4, 1)))


def test_pixelwise_losses_are_those_of_their_functions():
    truth, image = tiny.pair(2, 4, 5, 1)
    found = losses.measured(["l1", "l2", "charbonnier"], truth, image)
    assert float(found["l1"]) == float(losses.mean_absolute_error(truth, image))
    assert float(found["l2"]) == float(losses.mean_squared_error(truth, image))
    assert float(found["charbonnier"]) == float(losses.charbonnier()(truth, image))


def test_weights():
    truth, image = tiny.pair(2, 12, 13, 1)
    source = tiny.images(2, 12, 13, 1, seed=9)
    weights = {"ssim": 3.0, "l1": 100.0, "total_variation": 0.5, "self_regularization": 2.0}
    alone = losses.measured(weights, truth, image, source)
    found = losses.weighted(weights, truth, image, source)
    assert list(found) == list(weights)
    for name, weight in weights.items():
        np.testing.assert_allclose(found[name], weight * alone[name], rtol=1e-12)
    np.testing.assert_allclose(alone["self_regularization"], np.abs(image - source).mean())


def test_features_are_taken_of_both_images():
    truth, image = tiny.pair(1, 5, 6, 3)
    found = measure("segmenter_features", truth, image)
    parts = [np.abs(truth**2 - image**2).mean(), np.abs((truth - image).mean(-1)).mean()]
    np.testing.assert_allclose(found, np.mean(parts), rtol=1e-12)
    slopes.check(lambda image: measure("segmenter_features", truth, image), image)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("l1", "a truth beside every image for 'l1'. Received: none"),
        ("self_regularization", "a source beside every image for 'self_regularization'"),
        ("discriminator_features", "a truth beside every image for 'discriminator_features'"),
    ],
)
def test_what_is_missing_is_named(name, message):
    with pytest.raises(GanMriError, match=message):
        losses.measured([name], None, tf.zeros((1, 4, 4, 1)))


def test_a_missing_network_is_named():
    image = tf.zeros((1, 4, 4, 1))
    message = "features for 'segmenter_features'. Received: discriminator_features"
    with pytest.raises(GanMriError, match=message):
        losses.measured(
            ["segmenter_features"], image, image, features={"discriminator_features": layers}
        )


def test_which_need_pairs():
    alone = {name for name in IMAGE_LOSSES if not losses.needs_truth([name])}
    assert alone == {"self_regularization", "total_variation"}
    assert losses.needs_truth(["total_variation", "edge"])
    assert not losses.needs_truth([])
    image = tf.zeros((1, 4, 4, 1))
    assert float(losses.measured(["total_variation"], None, image)["total_variation"]) == 0


def test_the_table_of_the_docstring_is_the_registry():
    rows = dict(re.findall(r"^\| (L\d+) .*\| ([^|]*) \|$", inspect.getdoc(images), re.M))
    assert list(rows) == [f"L{number}" for number in range(1, 19)]
    for name, entry in IMAGE_LOSSES.items():
        assert not entry.row or f"`{name}`" in rows[entry.row]
        assert entry.source
