import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from gan_mri.trust.checks.texture import blur, noise

RNG = np.random.default_rng(0)
EVERYWHERE = np.ones((200, 180), bool)


@pytest.mark.parametrize("sigma", [0.005, 0.03, 0.1])
def test_noise_that_was_added_is_found(sigma):
    """On slopes and parabolas, and across an edge, which is few pixels."""
    y, x = np.mgrid[-1:1:200j, -1:1:180j]
    smooth = 0.3 + 0.2 * x - 0.1 * y + 0.1 * x * x + 0.4 * (x > 0.2)
    found = noise(smooth + sigma * RNG.standard_normal(smooth.shape), EVERYWHERE)
    assert found == pytest.approx(sigma, rel=0.05)


def test_noise_outside_the_mask_does_not_count():
    image = 0.02 * RNG.standard_normal((200, 180))
    mask = np.zeros((200, 180), bool)
    mask[20:100, 20:100] = True
    image[~mask] *= 30
    assert noise(image, mask) == pytest.approx(0.02, rel=0.1)
    assert noise(image, np.eye(200, 180) > 0) is None
    assert noise(np.full((9, 9), 0.5), np.ones((9, 9), bool)) == 0


@pytest.mark.parametrize("sigma", [1.5, 2.5, 4.0])
def test_blur_is_that_of_the_gaussian(sigma):
    image = gaussian_filter(np.random.default_rng(1).standard_normal((400, 400)), sigma)
    inside = np.ones_like(image, bool)
    assert blur(image, inside) == pytest.approx(sigma, rel=0.06)
    # Neither units nor offset count.
    assert blur(7 * image + 3, inside) == pytest.approx(blur(image, inside))


def test_blur_of_white_noise_and_of_nothing():
    """Central differences of white noise: mean squares 1 / 2 and 6, so sqrt(3 / 2 / 12)."""
    image = np.random.default_rng(1).standard_normal((500, 500))
    assert blur(image, np.ones_like(image, bool)) == pytest.approx(np.sqrt(1.5 / 12), rel=0.02)
    assert blur(np.ones((9, 9)), np.ones((9, 9), bool)) is None
    assert blur(image, np.zeros_like(image, bool)) is None
