import numpy as np
import pytest
import scipy.stats

from gan_mri.evaluation import statistics


def image_rows(values, *, method="m", direction="A2B", contrast="T2w", metric="mae"):
    """Rows of {subject: [value, ...]}."""
    return [
        {
            "method": method,
            "direction": direction,
            "contrast": contrast,
            "subject": subject,
            "image": f"{subject} {number}",
            metric: value,
        }
        for subject, found in values.items()
        for number, value in enumerate(found)
    ]


def subject_rows(values, **names):
    return statistics.by_subject(
        image_rows({f"s{i:02d}": [value] for i, value in enumerate(values)}, **names)
    )


def test_images_are_averaged_within_subjects_first():
    rows = image_rows({"s1": [1.0, 2.0, 6.0], "s2": [9.0]})
    subjects = statistics.by_subject(rows)
    assert [(row["subject"], row["images"], row["mae"]) for row in subjects] == [
        ("s1", 3, 3.0),
        ("s2", 1, 9.0),
    ]
    (row,) = statistics.summarize(subjects)
    assert (row["mean"], row["n"]) == (6.0, 2)
    assert row["sd"] == pytest.approx(np.std([3, 9], ddof=1))


def test_the_interval_agrees_with_scipy():
    values = np.random.default_rng(2).normal(3, 1, 40)
    low, high = statistics.bootstrap_interval(values)
    reference = scipy.stats.bootstrap(
        (values,), np.mean, n_resamples=20000, method="percentile", random_state=7
    )
    # Two draws of 2000 and 20000: the ends differ by some hundredths of the width.
    width = reference.confidence_interval.high - reference.confidence_interval.low
    assert low == pytest.approx(reference.confidence_interval.low, abs=0.06 * width)
    assert high == pytest.approx(reference.confidence_interval.high, abs=0.06 * width)
    assert (low, high) == statistics.bootstrap_interval(values)


def test_one_subject_has_no_spread():
    (row,) = statistics.summarize(subject_rows([0.5]))
    assert row == {
        "method": "m",
        "direction": "A2B",
        "contrast": "T2w",
        "metric": "mae",
        "mean": 0.5,
        "sd": None,
        "low": None,
        "high": None,
        "n": 1,
    }


def test_an_infinite_value_leaves_the_mean_and_takes_the_spread():
    (row,) = statistics.summarize(subject_rows([20.0, np.inf, 21.0], metric="psnr"))
    assert row["mean"] == np.inf
    assert row["sd"] is row["low"] is row["high"] is None


def test_the_signed_rank_test_is_that_of_scipy_and_paired_by_subject():
    rng = np.random.default_rng(3)
    first, second = rng.normal(0, 1, 15), rng.normal(0.6, 1, 15)
    subjects = subject_rows(first, method="a") + subject_rows(second, method="b")[::-1]
    (row,) = statistics.compare_methods(subjects, ["a", "b"])
    expected = scipy.stats.wilcoxon(first, second)
    assert row["p"] == pytest.approx(expected.pvalue, abs=1e-12)
    assert row["statistic"] == expected.statistic
    assert row["median_difference"] == pytest.approx(np.median(first - second))
    assert (row["first"], row["second"], row["n"], row["why"]) == ("a", "b", 15, None)
    assert row["p_holm"] == row["p"]


def test_five_subjects_are_too_few_for_a_test_and_it_says_so():
    subjects = subject_rows([1, 2, 3, 4, 5.0], method="a") + subject_rows([0] * 5, method="b")
    (row,) = statistics.compare_methods(subjects, ["a", "b"])
    assert row["p"] is row["p_holm"] is row["statistic"] is None
    assert row["why"] == "p < 0.05 needs 6 subjects whose values differ, there are 5"
    # The limit is the test's own: no five differences reach 0.05, six do.
    assert scipy.stats.wilcoxon([1, 2, 3, 4, 5]).pvalue > 0.05
    assert scipy.stats.wilcoxon([1, 2, 3, 4, 5, 6]).pvalue < 0.05


def test_equal_methods_have_no_test():
    values = list(range(10))
    subjects = subject_rows(values, method="a") + subject_rows(values, method="b")
    (row,) = statistics.compare_methods(subjects, ["a", "b"])
    assert row["p"] is None and "there are 0" in row["why"]


def test_families_are_direction_and_metric_and_real_images_are_not_compared():
    rng = np.random.default_rng(5)
    subjects = []
    for method in "abc":
        for direction in ("A2B", "B2A"):
            for metric in ("mae", "ssim", "sharpness_real"):
                names = {"method": method, "direction": direction, "metric": metric}
                subjects += subject_rows(rng.normal(size=12), **names)
    rows = statistics.compare_methods(subjects, ["a", "b", "c"])
    assert len(rows) == 3 * 2 * 2
    for direction in ("A2B", "B2A"):
        for metric in ("mae", "ssim"):
            family = [r for r in rows if (r["direction"], r["metric"]) == (direction, metric)]
            smallest = min(family, key=lambda row: row["p"])
            assert smallest["p_holm"] == pytest.approx(min(1, 3 * smallest["p"]))


def test_holm_by_the_book():
    # Holm 1979: the smallest of m times m, the next times m - 1, never falling.
    assert statistics.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert statistics.holm([0.9, None, 0.8]) == [1.0, None, 1.0]
    assert statistics.holm([]) == []


def test_methods_without_a_direction_are_not_compared_in_it():
    rows = [
        {"method": m, "direction": d, "contrast": d, "subject": f"s{i}", "mae": float(i * number)}
        for d, methods in (("A2B", "abc"), ("B2A", "ac"))
        for number, m in enumerate(methods)
        for i in range(7)
    ]
    found = statistics.compare_methods(rows, ["a", "b", "c"])
    pairs = {(row["direction"], row["first"], row["second"]) for row in found}
    assert pairs == {
        ("A2B", "a", "b"), ("A2B", "a", "c"), ("A2B", "b", "c"), ("B2A", "a", "c"),
    }  # fmt: skip
