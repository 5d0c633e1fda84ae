import numpy as np
import pytest

from gan_mri.trust.checks.bias import bias

Y, X = np.mgrid[-1:1:161j, -1:1:121j]
ALL = np.ones(X.shape, bool)


@pytest.mark.parametrize("slope", [0.1, 0.4, 0.8])
def test_a_field_that_is_exponential_of_a_line(slope):
    """A line from -slope to slope deviates by slope / sqrt(3)."""
    line, curve = bias(0.3 * np.exp(slope * Y), ALL)
    assert line == pytest.approx(slope / np.sqrt(3), rel=0.02) and curve < 1e-6


def test_a_field_brightest_in_the_middle():
    """x^2 over [-1, 1] has the variance 1 / 5 - 1 / 9."""
    line, curve = bias(0.8 * np.exp(-0.5 * X**2), ALL)
    assert curve == pytest.approx(0.5 * np.sqrt(4 / 45), rel=0.03) and line < 1e-6


def test_gain_and_fine_structure_do_not_count():
    folds = np.exp(0.3 * np.random.default_rng(0).choice([-1, 1], X.shape))
    line, curve = bias(0.1 * folds, ALL)
    assert max(line, curve) < 0.01
    tilted, _ = bias(0.1 * folds * np.exp(0.3 * X), ALL)
    assert tilted == pytest.approx(0.3 / np.sqrt(3), rel=0.05)


def test_too_little_to_fit():
    assert bias(np.ones((5, 5)), np.ones((5, 5), bool)) == (None, None)
