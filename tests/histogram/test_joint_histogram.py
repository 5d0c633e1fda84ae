"""Against products of equation 5's shares in float64, and SciPy's entropies."""

import numpy as np
import pytest
import tensorflow as tf
from scipy.special import expit
from scipy.stats import entropy

from gan_mri.errors import GanMriError
from gan_mri.histogram import color_histogram
from gan_mri.histogram.joint import joint_histogram, mutual_information

BINS, BANDWIDTH = 12, 0.07


def pair(*shape, dtype="float32"):
    """Two images, the second a noisy cosine of the first."""
    random = np.random.default_rng(4)
    first = random.uniform(-1.2, 1.2, (*shape, 1))
    second = np.cos(3 * first) + random.normal(0, 0.1, first.shape)
    return tf.constant(first, dtype), tf.constant(second, dtype)


def shares(image):
    pixels = np.asarray(image, np.float64).reshape(image.shape[0], -1, 1)
    above = expit((pixels - np.linspace(-1, 1, BINS + 1)) / BANDWIDTH)
    return above[..., :-1] - above[..., 1:]


def exact(first, second, weights=None):
    down, across = shares(first), shares(second)
    weights = np.ones(down.shape[:2]) if weights is None else weights
    weights = weights.reshape(down.shape[:2])
    weights = weights / weights.sum(1, keepdims=True)
    return np.einsum("np,npj,npk->njk", weights, down, across)


# Fewer, exactly as many and more pixels than one tile.
@pytest.mark.parametrize("shape", [(2, 5, 7), (1, 64, 64), (2, 70, 61)])
def test_values(shape):
    first, second = pair(*shape)
    np.testing.assert_allclose(
        joint_histogram(first, second, BINS, BANDWIDTH),
        exact(first, second),
        rtol=0,
        atol=1e-7,
    )


def test_mask():
    first, second = (image.numpy() for image in pair(3, 9, 8))
    mask = np.random.default_rng(1).uniform(size=(3, 9, 8))
    mask[0] = mask[0] > 0.5
    mask[2] = 0
    hidden = np.where(mask[..., None] == 0, np.nan, second)
    joint = joint_histogram(first, hidden, BINS, BANDWIDTH, mask=mask)
    expected = exact(first[:2], second[:2], mask[:2])
    np.testing.assert_allclose(joint[:2], expected, rtol=0, atol=1e-7)
    assert not np.any(joint[2])


def test_marginal_is_the_histogram_of_one_image():
    """Where the second image loses no density beyond the ends."""
    first, second = pair(2, 9, 8)
    joint = joint_histogram(first, second / 10, BINS, BANDWIDTH)
    alone = color_histogram(first, BINS, BANDWIDTH, compiled=False)
    np.testing.assert_allclose(tf.reduce_sum(joint, 2), alone[:, 0], atol=1e-5)


@pytest.mark.parametrize("masked", [False, True])
def test_gradients_by_finite_differences(masked):
    first, second = pair(2, 3, 4, dtype="float64")
    mask = np.random.default_rng(6).uniform(size=(2, 3, 4)) if masked else None

    def loss(first, second):
        joint = joint_histogram(first, second, BINS, BANDWIDTH, mask=mask)
        return tf.reduce_sum(mutual_information(joint) * [1.0, 2.0])

    with tf.GradientTape() as tape:
        tape.watch([first, second])
        value = loss(first, second)
    gradients = tape.gradient(value, [first, second])
    for index in np.ndindex(*first.shape):
        step = np.zeros(first.shape)
        step[index] = 1e-5
        ups = [loss(first + step, second), loss(first, second + step)]
        downs = [loss(first - step, second), loss(first, second - step)]
        for gradient, up, down in zip(gradients, ups, downs):
            np.testing.assert_allclose(gradient[index], (up - down) / 2e-5, atol=1e-8)


def test_gradient_over_tiles_in_bfloat16():
    first, second = pair(2, 70, 61, dtype="bfloat16")
    upstream = np.random.default_rng(3).normal(size=(2, BINS, BINS)).astype("float32")
    with tf.GradientTape() as tape:
        tape.watch([first, second])
        joint = joint_histogram(first, second, BINS, BANDWIDTH)
    gradients = tape.gradient(joint, [first, second], upstream)
    first, second = (tf.cast(image, tf.float64).numpy() for image in (first, second))
    for image, other, towards, gradient in (
        (first, second, upstream, gradients[0]),
        (second, first, upstream.transpose(0, 2, 1), gradients[1]),
    ):
        pixels = image.reshape(2, -1, 1)
        above = expit((pixels - np.linspace(-1, 1, BINS + 1)) / BANDWIDTH)
        density = above * (1 - above) / BANDWIDTH
        slope = density[..., :-1] - density[..., 1:]
        expected = np.einsum("npj,npk,njk->np", slope, shares(other), towards) / 4270
        assert gradient.dtype == tf.bfloat16
        np.testing.assert_allclose(
            tf.cast(tf.reshape(gradient, (2, -1)), tf.float64),
            expected,
            rtol=2**-8,
            atol=1e-6 * np.abs(expected).max(),
        )


def test_mutual_information():
    random = np.random.default_rng(8)
    joint = random.uniform(size=(3, 5, 5)) * random.integers(0, 2, (3, 5, 5))
    joint[2] = np.outer(joint[2].sum(0) + 1, joint[2].sum(1))  # independent
    expected = [entropy(one.sum(1)) + entropy(one.sum(0)) - entropy(one.ravel()) for one in joint]
    information = mutual_information(tf.constant(joint))
    np.testing.assert_allclose(information, expected, atol=1e-12)
    assert abs(information[2]) < 1e-12 < information[0]


def test_mutual_information_of_nothing():
    joint = tf.zeros((1, 4, 4))
    with tf.GradientTape() as tape:
        tape.watch(joint)
        information = mutual_information(joint)
    assert information[0] == 0
    assert np.all(np.isfinite(tape.gradient(information, joint)))


@pytest.mark.parametrize(
    "first, second, message",
    [
        ((1, 4, 4, 3), (1, 4, 4, 3), r"first must .* \(1, 4, 4, 3\)"),
        ((1, 4, 4, 1), (1, 4, 5, 1), r"second must .* \(1, 4, 5, 1\)"),
    ],
)
def test_errors(first, second, message):
    with pytest.raises(GanMriError, match=message):
        joint_histogram(tf.zeros(first), tf.zeros(second), 8, 0.1)
