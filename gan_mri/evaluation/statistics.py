"""From images to subjects, from subjects to means, intervals and tests.

The subject is the unit: images of one subject are averaged first, because
slices of one head are no independent observations.
"""

import itertools

import numpy as np
from scipy.stats import wilcoxon

from gan_mri.evaluation.measures import METRICS

RESAMPLINGS, SEED, LEVEL = 2000, 0, 0.95
#: With fewer pairs a two-sided signed-rank test cannot reach p < 0.05 (5 pairs: 0.0625).
FEWEST_FOR_TEST = 6
#: Resamplings drawn at a time, so that their weights fit into memory.
_BLOCK = 100


def by_subject(rows):
    """Mean of every metric over the images of a subject.

    Parameters
    ----------
    rows : list of dict
        One an image: method, direction, contrast, subject, image, metrics.

    Returns
    -------
    list of dict
        One for each method, direction and subject, in order of appearance:
        method, direction, contrast, subject, images (how many), metrics.
    """
    groups = {}
    for row in rows:
        groups.setdefault((row["method"], row["direction"], row["subject"]), []).append(row)
    means = []
    for (method, direction, subject), group in groups.items():
        mean = {
            "method": method,
            "direction": direction,
            "contrast": group[0]["contrast"],
            "subject": subject,
            "images": len(group),
        }
        for metric in METRICS:
            values = [row[metric] for row in group if metric in row]
            if values:
                mean[metric] = float(np.mean(values))
        means.append(mean)
    return means


def summarize(subjects):
    """Mean, standard deviation and bootstrap interval of every metric over subjects.

    The interval is the percentile interval of the mean over 2000 seeded
    resamplings of the subjects; subjects of equal number are resampled alike,
    so that methods meet the same ones.

    Parameters
    ----------
    subjects : list of dict
        From `by_subject`.

    Returns
    -------
    list of dict
        method, direction, contrast, metric, mean, sd, low, high, n. With one
        subject sd, low and high are None; also where a value is infinite (the
        PSNR of equal images).
    """
    return [
        {
            "method": method,
            "direction": direction,
            "contrast": contrast,
            "metric": metric,
            **_spread(np.array(list(values.values()))),
        }
        for (method, direction, contrast, metric), values in _columns(subjects).items()
    ]


def _spread(values):
    known = len(values) > 1 and bool(np.isfinite(values).all())
    low, high = bootstrap_interval(values) if known else (None, None)
    return {
        "mean": float(values.mean()),
        "sd": float(values.std(ddof=1)) if known else None,
        "low": low,
        "high": high,
        "n": len(values),
    }


def bootstrap_interval(values):
    """The 95 % percentile interval of the mean over resampled subjects.

    Parameters
    ----------
    values : ndarray (n,)
        One a subject, n from 2.

    Returns
    -------
    (float, float)
    """
    values = np.asarray(values, np.float64)
    n, rng = len(values), np.random.default_rng(SEED)
    means = [
        # How often each subject was drawn: the same as n draws with replacement.
        rng.multinomial(n, np.full(n, 1 / n), size=_BLOCK) @ values / n
        for _ in range(RESAMPLINGS // _BLOCK)
    ]
    tails = (100 * (1 - LEVEL) / 2, 100 * (1 + LEVEL) / 2)
    return tuple(float(bound) for bound in np.percentile(np.concatenate(means), tails))


def compare_methods(subjects, methods):
    """Paired Wilcoxon signed-rank test between any two methods, over subjects.

    Two-sided; subjects with equal values are left out (SciPy's "wilcox").
    Holm's correction runs over the pairs of methods of one direction and
    metric.

    Parameters
    ----------
    subjects : list of dict
        From `by_subject`.
    methods : list of str

    Returns
    -------
    list of dict
        first, second, direction, contrast, metric, n, median_difference (first
        minus second), statistic, p, p_holm, why (a reason where there is no p,
        else None).
    """
    columns = _columns(subjects)
    families = {}
    for (method, direction, contrast, metric), values in columns.items():
        # The real images are the same for every method.
        if metric != "sharpness_real":
            families.setdefault((direction, contrast, metric), {})[method] = values
    rows = []
    for (direction, contrast, metric), family in families.items():
        tested = [
            {
                "first": first,
                "second": second,
                "direction": direction,
                "contrast": contrast,
                "metric": metric,
                **_signed_rank(family[first], family[second]),
            }
            # Not every method has every direction.
            for first, second in itertools.combinations([m for m in methods if m in family], 2)
        ]
        corrected = holm([row["p"] for row in tested])
        rows += [{**row, "p_holm": p, "why": row.pop("why")} for row, p in zip(tested, corrected)]
    return rows


def _signed_rank(first, second):
    shared = [subject for subject in first if subject in second]
    differences = np.array([first[subject] - second[subject] for subject in shared])
    result = {
        "n": len(shared),
        "median_difference": float(np.median(differences)) if shared else None,
        "statistic": None,
        "p": None,
        "why": None,
    }
    if not np.isfinite(differences).all():
        return result | {"median_difference": None, "why": "a value is infinite"}
    differing = np.count_nonzero(differences)
    if differing < FEWEST_FOR_TEST:
        why = (
            f"p < 0.05 needs {FEWEST_FOR_TEST} subjects whose values differ, there are {differing}"
        )
        return result | {"why": why}
    test = wilcoxon(differences)
    return result | {"statistic": float(test.statistic), "p": float(test.pvalue)}


def holm(p_values):
    """Holm's step-down correction; None stays None and does not count.

    Parameters
    ----------
    p_values : list of float or None

    Returns
    -------
    list of float or None

    References
    ----------
    S. Holm, "A simple sequentially rejective multiple test procedure",
    Scandinavian Journal of Statistics 6 (1979) 65-70.

    Examples
    --------
    >>> holm([0.25, None, 0.0625])
    [0.25, None, 0.125]
    """
    known = sorted((p, index) for index, p in enumerate(p_values) if p is not None)
    corrected, largest = [None] * len(p_values), 0.0
    for rank, (p, index) in enumerate(known):
        largest = max(largest, min(1.0, (len(known) - rank) * p))
        corrected[index] = largest
    return corrected


def _columns(subjects):
    """{(method, direction, contrast, metric): {subject: value}}, in the order of the metrics."""
    columns = {}
    for metric in METRICS:
        for row in subjects:
            if metric in row:
                key = row["method"], row["direction"], row["contrast"], metric
                columns.setdefault(key, {})[row["subject"]] = row[metric]
    return columns
