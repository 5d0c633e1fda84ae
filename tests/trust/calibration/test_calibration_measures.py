import numpy as np
import pytest
from scipy import stats

from gan_mri.trust.calibration.measures import LEVELS, calibration

RNG = np.random.default_rng(0)
DEVIATION = RNG.uniform(0.05, 0.5, 200_000)
NORMAL = RNG.normal(0, DEVIATION)


def test_right_deviations_are_found_right():
    found = calibration(NORMAL, DEVIATION)
    assert found.voxels == 200_000
    assert found.factor == pytest.approx(1, abs=0.01)
    for level in LEVELS:
        assert found.coverage[level] == pytest.approx(level, abs=0.005)
        assert found.scaled_coverage[level] == pytest.approx(level, abs=0.006)
    for deviation, error in found.curve:
        assert error == pytest.approx(deviation, rel=0.03)
    deviations = [pair[0] for pair in found.curve]
    assert deviations == sorted(deviations) and len(deviations) == 10


def test_the_correlation_is_spearmans():
    error, deviation = NORMAL[:1000], DEVIATION[:1000]
    ranks = [stats.rankdata(np.abs(values)) for values in (error, deviation)]
    expected = np.corrcoef(*ranks)[0, 1]
    assert calibration(error, deviation).correlation == pytest.approx(expected)


def test_deviations_of_a_third_are_too_small_by_three():
    found = calibration(NORMAL, DEVIATION / 3)
    assert found.factor == pytest.approx(3, abs=0.03)
    inside = stats.norm.cdf(1.959964 / 3) * 2 - 1
    assert found.coverage[0.95] == pytest.approx(inside, abs=0.005)
    assert found.scaled_coverage[0.95] == pytest.approx(0.95, abs=0.005)


def test_doubt_that_has_nothing_to_do_with_errors():
    found = calibration(RNG.permutation(NORMAL), DEVIATION)
    assert abs(found.correlation) < 0.01
    errors = [pair[1] for pair in found.curve]
    assert max(errors) < 1.05 * min(errors)


def test_without_any_doubt_there_is_nothing_to_scale():
    found = calibration(NORMAL, np.zeros_like(NORMAL))
    assert found.factor is None and found.correlation is None and not found.scaled_coverage
    assert found.coverage[0.95] == 0
