"""How well a map finds what a mask marks, voxel by voxel.

* ROC AUC: the chance that a marked voxel has a larger score than one that is not marked, ties
  counting half. It is the statistic of Mann and Whitney over the number of pairs,
  AUC = (R - n (n + 1) / 2) / (n m), with R the sum of the ranks of the n marked voxels among all,
  and m the number of the others (Hanley and McNeil, Radiology 143, 1982, 29-36).
* Best Dice: 2 |found and marked| / (|found| + |marked|) at the threshold where it is largest. The
  threshold is chosen with the mask in hand, so this is a bound, not what a reader would get.
"""

from typing import NamedTuple

import numpy as np
from scipy.stats import rankdata


class BestDice(NamedTuple):
    """The largest Dice, and the threshold: voxels whose score is at least that are found."""

    dice: float
    threshold: float


def auc(scores, marked):
    """Area under the ROC curve.

    Parameters
    ----------
    scores : ndarray (N,)
    marked : ndarray of bool (N,)

    Returns
    -------
    float or None
        None if all voxels are marked, or none.

    Examples
    --------
    >>> auc(np.array([1.0, 2, 3, 4]), np.array([False, True, False, True]))
    0.75
    """
    scores, marked = np.asarray(scores), np.asarray(marked, bool)
    positive = int(np.count_nonzero(marked))
    negative = marked.size - positive
    if not positive or not negative:
        return None
    ranks = rankdata(scores)[marked].sum(dtype=np.float64)
    return float((ranks - positive * (positive + 1) / 2) / (positive * negative))


def best_dice(scores, marked):
    """The largest Dice over all thresholds.

    Parameters
    ----------
    scores : ndarray (N,)
    marked : ndarray of bool (N,)

    Returns
    -------
    BestDice or None
        None if no voxel is marked.

    Examples
    --------
    >>> best_dice(np.array([1.0, 2, 3, 4]), np.array([False, True, False, True]))
    BestDice(dice=0.8, threshold=2.0)
    """
    thresholds, found, right = _counts(scores, marked)
    if right[-1] == 0:
        return None
    dice = 2 * right / (found + right[-1])
    best = int(np.argmax(dice))
    return BestDice(float(dice[best]), float(thresholds[best]))


def all_dice(marked):
    """The Dice of calling every voxel suspicious: what a map must exceed to be of use."""
    share = float(np.mean(marked))
    return 2 * share / (1 + share)


def roc_curve(scores, marked, points=400):
    """The ROC curve, thinned.

    Parameters
    ----------
    scores : ndarray (N,)
    marked : ndarray of bool (N,)
    points : int
        At most so many and the ends.

    Returns
    -------
    (ndarray, ndarray) or None
        Shares of the voxels found among those that are not marked, and among those that are, both
        from 0 to 1; None if all voxels are marked, or none.
    """
    _, found, right = _counts(scores, marked)
    wrong = found - right
    if not right[-1] or not wrong[-1]:
        return None
    x = np.concatenate([[0.0], wrong / wrong[-1]])
    y = np.concatenate([[0.0], right / right[-1]])
    # Evenly along the curve's length: steep parts have many thresholds, and few voxels.
    length = x + y
    kept = np.unique(np.searchsorted(length, np.linspace(0, 2, points)).clip(0, len(x) - 1))
    kept = np.union1d(kept, [0, len(x) - 1])
    return x[kept], y[kept]


def _counts(scores, marked):
    """Distinct scores from the largest, and how many voxels reach each, all and marked ones."""
    scores, marked = np.asarray(scores), np.asarray(marked, bool)
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    last = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
    right = np.cumsum(marked[order])[last]
    return ordered[last], last + 1, right
