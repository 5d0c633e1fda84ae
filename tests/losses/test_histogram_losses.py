"""Against histograms by NumPy; those histograms themselves are tested in tests/histogram."""

import numpy as np
import pytest
import slopes
import tiny
from scipy.special import expit
from scipy.stats import entropy

from gan_mri import losses


def shares(image):
    above = expit((image.reshape(-1, 1) - np.linspace(-1, 1, 33)) / (2 / 32 / 2.5))
    return above[:, :-1] - above[:, 1:]


def information(truth, image):
    joint = shares(truth).T @ shares(image)
    joint /= joint.sum()
    return entropy(joint.sum(1)) + entropy(joint.sum(0)) - entropy(joint.ravel())


@pytest.mark.parametrize("shape", [(2, 9, 8, 1), (2, 6, 7, 3), (1, 5, 6, 7, 1), (2, 3, 4, 5, 3)])
def test_mutual_information(shape):
    truth, noise = tiny.pair(*shape)
    image = 0.9 * np.cos(3 * truth) + 0.1 * noise
    expected = [
        information(truth[n, ..., channel], image[n, ..., channel])
        for n in range(shape[0])
        for channel in range(shape[-1])
    ]
    found = losses.negative_mutual_information(truth, image)
    np.testing.assert_allclose(found, -np.mean(expected), rtol=1e-9)
    assert found < losses.negative_mutual_information(truth, noise)


@pytest.mark.parametrize("shape", [(1, 4, 5, 3), (1, 3, 4, 3, 1)])
def test_gradients_of_mutual_information(shape):
    slopes.check(losses.negative_mutual_information, *tiny.pair(*shape))


def test_histogram_distance():
    truth, histogram = tiny.pair(2, 3, 8)
    expected = np.linalg.norm(histogram - truth, axis=-1).sum(1).mean()
    np.testing.assert_allclose(losses.histogram_distance(truth, histogram), expected, rtol=1e-12)
    slopes.check(losses.histogram_distance, truth, histogram)
    assert np.all(np.isfinite(slopes.gradients(losses.histogram_distance, truth, truth)))
