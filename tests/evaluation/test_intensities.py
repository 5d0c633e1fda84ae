import numpy as np
import pytest

from gan_mri.evaluation.intensities import BINS, EDGES, Intensities


def test_density_is_that_of_all_pixels_of_all_images():
    rng = np.random.default_rng(0)
    images = [rng.uniform(-1, 1, (9, 8, 1)).astype("float32") for _ in range(3)]
    masks = [rng.random((9, 8)) < 0.6, None, rng.random((9, 8)) < 0.3]
    intensities = Intensities()
    for image, mask in zip(images, masks):
        intensities.add(("m", "A2B"), image, mask)
    pixels = [x.ravel() if m is None else x[m].ravel() for x, m in zip(images, masks)]
    expected, _ = np.histogram(np.concatenate(pixels), bins=EDGES, density=True)
    np.testing.assert_allclose(intensities.density(("m", "A2B")), expected, atol=1e-12)


def test_values_beyond_the_range_count_at_the_ends():
    intensities = Intensities()
    intensities.add("m", np.array([[-3.0, 3.0, 3.0, 0.0]]), None)
    density = intensities.density("m") * 2 / BINS
    assert density[0] == pytest.approx(0.25) and density[-1] == pytest.approx(0.5)
    assert density.sum() == pytest.approx(1)
