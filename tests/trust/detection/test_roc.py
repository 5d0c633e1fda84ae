"""AUC and Dice against pairs that are counted one by one, and closed forms."""

import numpy as np
import pytest
from scipy.stats import norm

from gan_mri.trust.detection.roc import all_dice, auc, best_dice, roc_curve


def counted(scores, marked):
    """The share of pairs in which the marked voxel has the larger score, ties half."""
    wins = [
        (one > other) + 0.5 * (one == other) for one in scores[marked] for other in scores[~marked]
    ]
    return np.mean(wins)


def test_auc_is_the_share_of_pairs():
    rng = np.random.default_rng(0)
    scores = rng.integers(0, 9, 200) / 8  # many ties
    marked = rng.random(200) < 0.2 + 0.5 * scores
    assert auc(scores, marked) == pytest.approx(counted(scores, marked), abs=1e-12)
    assert auc(-scores, marked) == pytest.approx(1 - counted(scores, marked), abs=1e-12)


def test_auc_of_known_distributions():
    # Uniform on [0, 1] and on [1/2, 3/2]: the chance that the second is smaller is 1/8.
    even = (np.arange(2000) + 0.5) / 2000
    marked = np.repeat([False, True], 2000)
    assert auc(np.concatenate([even, even + 0.5]), marked) == pytest.approx(7 / 8, abs=1e-3)
    # Normal, one standard deviation apart: Phi(1 / sqrt 2).
    normal = norm.ppf(even)
    expected = norm.cdf(1 / np.sqrt(2))
    assert auc(np.concatenate([normal, normal + 1]), marked) == pytest.approx(expected, abs=1e-3)


def test_auc_needs_both_kinds():
    assert auc(np.arange(3.0), np.zeros(3, bool)) is None
    assert auc(np.arange(3.0), np.ones(3, bool)) is None


def test_auc_of_more_voxels_than_their_product_fits_in_32_bits():
    scores = np.arange(200_000, dtype=np.float32)
    assert auc(scores, scores >= 100_000) == 1.0


def test_dice_by_hand():
    scores = np.array([5, 4, 4, 3, 2, 1.0])
    marked = np.array([True, False, True, True, False, False])
    # At 5: 2/4; at 4, where a tie comes as one: 4/6; at 3: 6/7; at 2: 6/8; at 1: 6/9.
    assert best_dice(scores, marked) == (pytest.approx(6 / 7), 3.0)
    assert best_dice(scores, marked & False) is None
    assert all_dice(marked) == pytest.approx(6 / 9)


def test_dice_at_its_threshold_is_the_best():
    rng = np.random.default_rng(1)
    scores, marked = rng.random(300).round(2), rng.random(300) < 0.1
    found = best_dice(scores, marked)
    every = {
        t: 2 * np.sum(marked & (scores >= t)) / (marked.sum() + np.sum(scores >= t))
        for t in np.unique(scores)
    }
    assert found.dice == pytest.approx(max(every.values()))
    assert every[found.threshold] == max(every.values())


@pytest.mark.parametrize("points", [10_000, 60])
def test_the_area_under_the_curve_is_the_auc(points):
    rng = np.random.default_rng(2)
    marked = rng.random(3000) < 0.1
    scores = (rng.standard_normal(3000) + marked).round(1)
    x, y = roc_curve(scores, marked, points)
    assert (x[0], y[0], x[-1], y[-1]) == (0, 0, 1, 1) and len(x) <= points + 2
    assert np.all(np.diff(x) >= 0) and np.all(np.diff(y) >= 0)
    area = np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2)
    assert area == pytest.approx(auc(scores, marked), abs=1e-12 if points == 10_000 else 5e-3)
    assert roc_curve(scores, marked & False) is None
