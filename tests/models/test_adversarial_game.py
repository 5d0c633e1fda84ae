import numpy as np
import pytest
import tensorflow as tf
import tiny

from gan_mri import losses
from gan_mri.layers import RandomStream
from gan_mri.models.adversarial_game import AdversarialGame


def linear(slope):
    """A judge whose gradient is known: `slope` times every pixel."""
    return lambda images, training=False: slope * images


def game(name, seed=0):
    return AdversarialGame(losses.adversarial(name), seed)


def test_both_sides_are_those_of_the_pair():
    images = tiny.images(2, 4, 5, 1)
    hinge, judged = game("hinge"), 3 * images
    real = hinge.discriminator(linear(3.0), images, real=True)
    np.testing.assert_allclose(real, np.maximum(0, 1 - judged).mean(), rtol=1e-12)
    fake = hinge.discriminator(linear(3.0), images, real=False, against=images)
    np.testing.assert_allclose(fake, np.maximum(0, 1 + judged).mean(), rtol=1e-12)
    np.testing.assert_allclose(hinge.generator(judged), -judged.mean(), rtol=1e-12)
    assert hinge.random_streams == []


@pytest.mark.parametrize("slope", [0.5, 20.0])
def test_the_penalty_of_a_linear_judge(slope):
    """Its gradient is slope / pixels everywhere, of length slope / sqrt(pixels)."""
    real, fake = tiny.pair(2, 4, 5, 1)
    wasserstein = game("wgan-gp")
    loss = wasserstein.discriminator(linear(slope), fake, real=False, against=real)
    penalty = (slope / np.sqrt(20) - 1) ** 2
    np.testing.assert_allclose(loss, slope * fake.mean() + 10 * penalty, rtol=1e-10)
    # It belongs to the steps on synthetic images alone.
    loss = wasserstein.discriminator(linear(slope), real, real=True)
    np.testing.assert_allclose(loss, -slope * real.mean(), rtol=1e-12)


def test_every_penalty_takes_points_of_its_own():
    real, fake = tiny.pair(1, 4, 5, 1)

    def curved(images, training=False):
        return images**3

    values = {}
    for seed in (1, 1, 2):
        wasserstein = game("wgan-gp", seed)
        (stream,) = wasserstein.random_streams
        drawn = [
            float(wasserstein.discriminator(curved, fake, real=False, against=real))
            for _ in range(3)
        ]
        assert len(set(drawn)) == 3 and int(stream.count) == 3
        assert values.setdefault(seed, drawn) == drawn
    assert values[1] != values[2]


@pytest.mark.parametrize("seed", [0, 3, 2**32 - 1])
def test_points_are_not_drawn_with_the_seeds_of_dropout(seed):
    (stream,) = game("wgan-gp", seed).random_streams
    assert not np.array_equal(stream.next(), RandomStream(seed).next())
    # What is above 32 bits tells replicas apart.
    assert 0 <= stream.seed < 2**32


def test_the_judge_trains():
    seen = []

    def judge(images, training=False):
        seen.append(training)
        return tf.convert_to_tensor(images)

    images = tiny.images(1, 4, 5, 1)
    for name in ("bce", "absolute"):
        game(name).discriminator(judge, images, real=True)
    assert seen == [True, True]
