"""How well a standard deviation foretells an error."""

from typing import NamedTuple

import numpy as np
from scipy.stats import norm, spearmanr

#: Points of the curve: as many voxels in each.
BINS = 10
#: Shares of errors that a normal distribution has within so many deviations.
LEVELS = (0.5, 0.8, 0.9, 0.95)
#: Deviations that differ by less (in [-1, 1]) do so by rounding.
_SMALLEST = 1e-5


class Calibration(NamedTuple):
    """What errors and deviations have to do with each other.

    Attributes
    ----------
    voxels : int
    correlation : float or None
        Spearman's rank correlation of the size of the error with the deviation: 1 where the
        doubtful voxels are the wrong ones in order, 0 where they have nothing to do with each
        other. None where all deviations are the same.
    curve : list of (float, float)
        Root mean square of deviations and of errors, of tenths of the voxels from the surest to
        the most doubtful.
    factor : float or None
        Root mean square of the errors by that of the deviations: by how much the deviations are
        too small (above 1) or too large. Not the mean of the ratios, which a few voxels without
        doubt would decide. None where all deviations are 0.
    coverage : dict of float to float
        By level: the share of voxels whose error is within the deviations in which a normal
        distribution has that share.
    scaled_coverage : dict of float to float
        The same, with deviations times `factor`; empty without one.
    """

    voxels: int
    correlation: float
    curve: list
    factor: float
    coverage: dict
    scaled_coverage: dict


def calibration(error, deviation):
    """Set errors beside deviations.

    Parameters
    ----------
    error, deviation : ndarray (N,)
        Translation minus truth, and its standard deviation, in [-1, 1]; N from 10.

    Returns
    -------
    Calibration

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> deviation = rng.uniform(0.1, 1, 100_000)
    >>> found = calibration(rng.normal(0, deviation), deviation)
    >>> round(found.factor, 2), round(found.coverage[0.95], 2)
    (1.0, 0.95)
    """
    error, deviation = np.abs(error).astype(np.float64), deviation.astype(np.float64)
    alike = np.ptp(deviation) < _SMALLEST
    order = np.argsort(deviation, kind="stable")
    curve = [
        tuple(float(np.sqrt(np.mean(values[part] ** 2))) for values in (deviation, error))
        for part in np.array_split(order, BINS)
    ]
    size = [float(np.sqrt(np.mean(values**2))) for values in (error, deviation)]
    factor = size[0] / size[1] if size[1] > _SMALLEST else None
    return Calibration(
        len(error),
        None if alike else float(spearmanr(error, deviation).statistic),
        curve,
        factor,
        _coverage(error, deviation),
        {} if factor is None else _coverage(error, factor * deviation),
    )


def _coverage(error, deviation):
    return {
        level: float(np.mean(error <= norm.ppf(0.5 + level / 2) * deviation)) for level in LEVELS
    }
