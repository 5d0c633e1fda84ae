"""The registration of `benchmarks/distortion.py`, on displacements that are known."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, laplace

from gan_mri.synthetic.brain.epi import push

_PATH = Path(__file__).parents[1] / "benchmarks" / "distortion.py"


@pytest.fixture(scope="module")
def distortion():
    spec = importlib.util.spec_from_file_location("distortion_benchmark", _PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def scene():
    """A blob with structure in it on a dark ground, a smooth displacement, and what it makes."""
    rng = np.random.default_rng(0)
    x, y = np.mgrid[-1:1:44j, -1:1:36j]
    blob = gaussian_filter((np.hypot(x, y) < 0.7).astype(float), 1)
    image = blob * (0.5 + 2 * gaussian_filter(rng.normal(size=x.shape), 1.5))
    displacement = 1.8 * np.sin(2.5 * x + 1) * np.cos(1.5 * y)
    return image, displacement, push(image, displacement, 0), np.hypot(x, y) < 0.6


def test_unwarping_undoes_what_the_phantom_does(distortion, scene):
    image, displacement, distorted, inside = scene
    undone = distortion.unwarped(distorted, displacement)
    assert np.abs(undone - image)[inside].mean() < 0.15 * np.abs(distorted - image)[inside].mean()
    np.testing.assert_array_equal(distortion.unwarped(image, 0 * image), image)


def test_registration_finds_the_displacement(distortion, scene):
    image, displacement, distorted, inside = scene
    found = distortion.register(distorted, image, 0.3)
    left = np.sqrt(np.mean((found - displacement)[inside] ** 2))
    assert left < 0.15 * np.sqrt(np.mean(displacement[inside] ** 2))


def test_registration_to_another_contrast(distortion, scene):
    """Inverted and bent gray values, which the conditional mean undoes."""
    image, displacement, distorted, inside = scene
    anatomy = np.exp(-2 * image)
    mask = np.ones_like(inside)
    found = distortion.register(distorted, distortion.conditional_mean(anatomy, mask), 3.0)
    left = np.sqrt(np.mean((found - displacement)[inside] ** 2))
    assert left < 0.5 * np.sqrt(np.mean(displacement[inside] ** 2))


def test_conditional_mean_maps_values_to_values(distortion):
    anatomy = np.random.default_rng(1).uniform(0, 1, (60, 50))
    mask = np.zeros((60, 50), bool)
    mask[10:50, 5:45] = True
    image = np.where(mask, 1 - anatomy**2, 0.25)
    target = distortion.conditional_mean(anatomy, mask)(image)
    np.testing.assert_allclose(target[mask], image[mask], atol=0.1)
    np.testing.assert_allclose(target[~mask], 0.25)


def test_matched_has_the_least_squares(distortion):
    rng = np.random.default_rng(2)
    target, image = rng.uniform(0, 1, (2, 9, 8))
    factor = np.linalg.lstsq(target.reshape(-1, 1), image.ravel(), rcond=None)[0][0]
    np.testing.assert_allclose(distortion.matched(target, image), factor * target)


def test_operators(distortion):
    along, laplacian = distortion._operators((9, 7))
    field = np.random.default_rng(3).normal(size=(9, 7))
    slope = (along @ field.ravel()).reshape(9, 7)
    np.testing.assert_allclose(slope, np.gradient(field, axis=0))
    # "nearest": beyond the border it goes on as it ends.
    expected = -laplace(field, mode="nearest")
    np.testing.assert_allclose((laplacian @ field.ravel()).reshape(9, 7), expected, atol=1e-12)
