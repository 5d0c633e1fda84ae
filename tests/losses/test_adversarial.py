import numpy as np
import pytest
import tensorflow as tf
import tiny
from scipy.special import expit

from gan_mri import losses
from gan_mri.errors import GanMriError


def mean(function, scales):
    """Sum over scales of the mean of a function of judgements."""
    return sum(function(scale).mean() for scale in scales)


# Of real images, of synthetic ones, and what the generator wants, after the papers.
EXPECTED = {
    "least_squares": (
        lambda judged: (judged - 1) ** 2 / 2,
        lambda judged: judged**2 / 2,
        lambda judged: (judged - 1) ** 2,
    ),
    "bce": (
        lambda judged: -np.log(expit(judged)) / 2,
        lambda judged: -np.log(1 - expit(judged)) / 2,
        lambda judged: -np.log(expit(judged)),
    ),
    "hinge": (
        lambda judged: np.maximum(0, 1 - judged),
        lambda judged: np.maximum(0, 1 + judged),
        lambda judged: -judged,
    ),
    "absolute": (
        lambda judged: np.abs(judged - 1),
        lambda judged: np.abs(judged),
        lambda judged: np.abs(judged - 1),
    ),
    "wgan-gp": (lambda judged: -judged, lambda judged: judged, lambda judged: -judged),
}


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("space", [(8, 6), (4, 5, 6), ()])
def test_values_of_every_pair(name, space):
    pair = losses.adversarial(name)
    scales = [3 * tiny.images(2, *space, 1), 3 * tiny.images(2, *space, 1, seed=1)]
    real, synthetic, wanted = EXPECTED[name]
    for judged, used in (scales, scales), (scales[0], scales[:1]):
        np.testing.assert_allclose(pair.discriminator(judged, True), mean(real, used), rtol=1e-12)
        np.testing.assert_allclose(
            pair.discriminator(judged, False), mean(synthetic, used), rtol=1e-12
        )
        np.testing.assert_allclose(pair.generator(judged), mean(wanted, used), rtol=1e-12)


@pytest.mark.parametrize("name", EXPECTED)
def test_half_precision_is_widened(name):
    pair = losses.adversarial(name)
    judged = tf.cast(tiny.images(2, 5, 7, 1), tf.bfloat16)
    exact = tf.cast(judged, tf.float64)
    if name == "least_squares":
        # As it always was; discriminators end in float32 under every precision.
        judged = tf.cast(judged, tf.float32)
    for loss in (pair.generator, lambda judged: pair.discriminator(judged, False)):
        assert loss(judged).dtype == tf.float32
        np.testing.assert_allclose(loss(judged), loss(exact), rtol=1e-6)


def test_only_wgan_gp_has_a_penalty():
    weights = {name: losses.adversarial(name).penalty_weight for name in EXPECTED}
    assert weights == {"least_squares": 0, "bce": 0, "hinge": 0, "absolute": 0, "wgan-gp": 10}
    assert losses.adversarial("wgan-gp", penalty_weight=3).penalty_weight == 3


def test_spellings():
    for spelled in ("wgan_gp", "WGAN-GP", "wgan-gp"):
        assert losses.adversarial(spelled).name == "wgan-gp"
    assert losses.adversarial("least-squares").name == "least_squares"


@pytest.mark.parametrize("name", ["lsgan", "", None, 3])
def test_unknown_names(name):
    with pytest.raises(
        GanMriError, match="least_squares, bce, hinge, absolute, wgan-gp. Received: "
    ):
        losses.adversarial(name)


def test_unknown_options():
    with pytest.raises(GanMriError, match="'hinge' no options. Received: real_label"):
        losses.adversarial("hinge", real_label=0.9)
    with pytest.raises(GanMriError, match="'wgan-gp' the options penalty_weight. Received: slope"):
        losses.adversarial("wgan_gp", slope=1)


@pytest.mark.parametrize("real_label", [1.0, 0.9])
def test_least_squares(real_label):
    discriminator, generator = losses.least_squares(real_label)
    judged = tiny.images(2, 8, 8, 1)
    to_real, to_fake = ((judged - real_label) ** 2).mean(), (judged**2).mean()
    np.testing.assert_allclose(discriminator(judged, True), to_real / 2, rtol=1e-12)
    np.testing.assert_allclose(discriminator(judged, False), to_fake / 2, rtol=1e-12)
    # The generators aim at the real label too, at full weight.
    np.testing.assert_allclose(generator(judged), to_real, rtol=1e-12)
    named = losses.adversarial("least_squares", real_label=real_label)
    assert float(named.generator(judged)) == float(generator(judged))


def test_binary_cross_entropy():
    scales = [5 * tiny.images(2, 8, 8, 1), 5 * tiny.images(2, 4, 4, 1, seed=1)]
    probabilities = [1 / (1 + np.exp(-logits)) for logits in scales]
    for real in (True, False):
        expected = sum(-np.log(p if real else 1 - p).mean() for p in probabilities)
        found = losses.binary_cross_entropy(scales, real)
        np.testing.assert_allclose(found, expected, rtol=1e-12)
    one = losses.binary_cross_entropy(scales[0], True)
    np.testing.assert_allclose(one, -np.log(probabilities[0]).mean(), rtol=1e-12)


def test_binary_cross_entropy_of_judgements_that_are_sure():
    """Where a sigmoid is 0 or 1 to the last bit, loss and gradient are those of the logit."""
    logits = tf.constant([[-2000.0], [2000.0]])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = losses.binary_cross_entropy(logits, True)
    assert float(loss) == 1000
    np.testing.assert_allclose(tape.gradient(loss, logits), [[-0.5], [0]], atol=1e-30)
