import numpy as np
import pytest

from gan_mri.trust.checks import contrast

ROWS, COLUMNS = np.mgrid[-1.1:1.1:441j, -1.1:1.1:441j]
RADIUS = np.hypot(ROWS, COLUMNS)
DISC = RADIUS < 1


def test_skewness_of_known_distributions():
    even = np.linspace(0, 1, 10001).reshape(73, 137)
    inside = np.ones(even.shape, bool)
    assert contrast.skewness(even, inside) == pytest.approx(0, abs=1e-6)
    # The square of an even distribution: 0.05, 0.5 and 0.95 squared.
    expected = (0.95**2 + 0.05**2 - 2 * 0.5**2) / (0.95**2 - 0.05**2)
    assert contrast.skewness(even**2, inside) == pytest.approx(expected, rel=1e-3)
    assert contrast.skewness(1 - even**2, inside) == pytest.approx(-expected, rel=1e-3)
    assert contrast.skewness(np.ones((4, 4)), np.ones((4, 4), bool)) is None


def test_percentiles_are_of_the_foreground():
    image = np.where(DISC, 0.7, 0.1)
    assert contrast.percentile(image, DISC, 10) == pytest.approx(0.7)


def test_shells_of_a_cone():
    """Intensity is the depth; of a ring half the area lies within the root mean squared radius."""
    found = contrast.shells(1 - RADIUS, DISC)
    borders = 1 - np.array([0.0, 0.04, 0.08, 0.12, 0.16, 0.2, 0.25, 0.3, 0.35, 0.6, 1.0])
    expected = 1 - np.sqrt((borders[1:] ** 2 + borders[:-1] ** 2) / 2)
    np.testing.assert_allclose(found, expected, atol=0.01)


def test_shells_of_a_small_image_are_unknown():
    part = np.zeros((12, 12), bool)
    part[4:8, 4:8] = True
    assert np.isnan(contrast.shells(np.ones((12, 12)), part)).any()
    assert contrast.dark_ring(np.full(10, np.nan)) is None
    assert contrast.depth_ratio(np.full(10, np.nan), contrast.BORDER) is None


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        (np.linspace(0.2, 1, 10), 1),  # only rises
        (np.linspace(1, 0.2, 10), 1),  # only falls
        ([1, 0.9, 0.3, 0.3, 0.6, 0.8, 0.8, 0.8, 0.8, 0.8], 0.3 / 0.8),
        ([0.6, 0.9, 0.3, 0.3, 0.6, 0.8, 1, 1, 1, 1], 0.3 / 0.9),
    ],
)
def test_the_dark_ring(profile, expected):
    assert contrast.dark_ring(np.array(profile, float)) == pytest.approx(expected)


def test_the_middle_by_what_is_outside():
    profile = np.array([0.2, 0.4, 0.6, 9, 9, 9, 0.5, 0.7, 0.8, 9])
    assert contrast.depth_ratio(profile, contrast.BORDER) == pytest.approx(0.8 / 0.4)
    assert contrast.depth_ratio(profile, contrast.CORTEX) == pytest.approx(0.8 / 0.6)
