import itertools
import math

import pretended
import pytest

from gan_mri.papers.published_table import order_agreement, published_rows, published_table
from gan_mri.reporting.page import Value

PUBLISHED = {
    "rgb": {"B2A": 0.75, "A2B": 0.5},
    "gray": {"B2A": 0.875, "A2B": 0.25},
    "norm": {"B2A": 0.5, "A2B": 0.625},
}
NAMES = {"rgb": "rgb", "gray": "gray", "norm": "norm"}


def summary(metric="ssim_image", **means):
    """Rows of both directions: `name=(B2A, A2B)`."""
    return [
        pretended.row(name, metric, mean, direction=direction, contrast=contrast, sd=0.0625)
        for name, both in means.items()
        for direction, contrast, mean in (("B2A", "T1w", both[0]), ("A2B", "T2w", both[1]))
    ]


def column(rows, direction, *keys):
    rows = [row for row in rows if row["direction"] == direction]
    return [tuple(row[key] for key in keys) for row in rows]


def test_values_and_ranks_of_both():
    measured = summary(rgb=(0.5, 0.25), gray=(0.75, 0.125), norm=(0.625, 0.125))
    rows = published_rows(PUBLISHED, NAMES, measured, "ssim_image")
    keys = "method", "published", "published_rank", "mean", "rank"
    assert column(rows, "B2A", *keys) == [
        ("rgb", 0.75, 2, 0.5, 3), ("gray", 0.875, 1, 0.75, 1), ("norm", 0.5, 3, 0.625, 2)
    ]  # fmt: skip
    assert column(rows, "A2B", *keys) == [
        ("rgb", 0.5, 2, 0.25, 1), ("gray", 0.25, 3, 0.125, 2), ("norm", 0.625, 1, 0.125, 2)
    ]  # fmt: skip
    assert {(row["contrast"], row["sd"], row["n"]) for row in rows} == {
        ("T1w", 0.0625, 6),
        ("T2w", 0.0625, 6),
    }


def test_lower_is_better_for_errors():
    rows = published_rows(
        PUBLISHED, NAMES, summary("mae", rgb=(0.5, 0.1), gray=(0.75, 0.1), norm=(0.25, 0.1)), "mae"
    )
    assert column(rows, "B2A", "rank", "published_rank") == [(2, 2), (3, 3), (1, 1)]


def test_some_methods_are_missing_and_others_are_not_the_papers():
    names = {"gray (a)": "gray", "gray (b)": "gray", "mine": "welander/unit"}
    measured = summary(
        **{"gray (a)": (0.5, 0.5), "gray (b)": (0.75, math.nan), "mine": (0.875, 0.25)}
    )
    rows = published_rows(PUBLISHED, names, measured, "ssim_image")
    keys = "method", "name", "published", "published_rank", "rank"
    assert column(rows, "B2A", *keys) == [
        ("rgb", None, 0.75, 2, None),
        ("gray", "gray (a)", 0.875, 1, 3),
        ("gray", "gray (b)", 0.875, 1, 2),
        ("norm", None, 0.5, 3, None),
        ("welander/unit", "mine", None, None, 1),
    ]
    assert [rank for _, rank in column(rows, "A2B", "name", "rank")] == [None, 1, None, None, 2]
    table = published_table(rows, {}, caption="SSIM")
    assert [line[0] for line in table.rows] == ["rgb", "gray (a)", "gray (b)", "norm", "mine"]


def test_the_table_sets_the_papers_value_beside_the_one_measured():
    measured = summary(rgb=(0.5, 0.25), gray=(0.75, 0.125), norm=(0.625, 0.5)) + summary(
        "ssim", gray=(0.25, 0.375)
    )
    rows, inside = (
        published_rows(PUBLISHED, NAMES, measured, metric) for metric in ("ssim_image", "ssim")
    )
    table = published_table(rows, {"foreground": inside}, caption="SSIM")
    assert table.header == (
        "method", "T1w: the paper", "T1w: here", "T1w: foreground",
        "T2w: the paper", "T2w: here", "T2w: foreground",
    )  # fmt: skip
    assert table.rows[1] == (
        "gray",
        Value("0.8750", "rank 1", True),
        Value("0.7500 ± 0.0625", "rank 1", True),
        Value("0.2500 ± 0.0625"),
        Value("0.2500", "rank 3"),
        Value("0.1250 ± 0.0625", "rank 3"),
        Value("0.3750 ± 0.0625"),
    )
    assert table.rows[0][3] is None


def tau(first, second):
    """Kendall's tau of values without ties, by its definition."""
    signs = [
        math.copysign(1, (a[0] - b[0]) * (a[1] - b[1]))
        for a, b in itertools.combinations(zip(first, second), 2)
    ]
    return sum(signs) / len(signs), signs.count(1), len(signs)


def test_agreement_counts_pairs_in_the_same_order():
    paper = [0.75, 0.76, 0.77, 0.71, 0.72, 0.70]
    here = [0.5, 0.4, 0.6, 0.3, 0.2, 0.25]
    published = {f"m{i}": {"B2A": value} for i, value in enumerate(paper)}
    measured = [
        pretended.row(f"m{i}", "ssim_image", value, direction="B2A", contrast="T1w")
        for i, value in enumerate(here)
    ]
    rows = published_rows(published, {name: name for name in published}, measured, "ssim_image")
    expected, same, pairs = tau(paper, here)
    # Of the 720 orders of six, the share that is as far from 0.
    p = (
        sum(
            abs(tau(order, here)[0]) >= abs(expected) - 1e-9
            for order in itertools.permutations(paper)
        )
        / 720
    )
    (text,) = order_agreement(rows)
    assert text == (
        f"T1w: {same} of {pairs} pairs of methods stand in the paper's order "
        f"(Kendall's tau {expected:+.2f}, p = {p:.2g})."
    )


@pytest.mark.parametrize(
    ("names", "texts"),
    [
        (["rgb"], []),
        (
            ["rgb", "gray"],
            ["T1w: 1 of 1 pairs of methods stand in the paper's order.", "T2w: 0 of 1 pairs"],
        ),
        (
            ["rgb", "gray", "norm"],
            [
                "T1w: 1 of 3 pairs of methods stand in the paper's order (Kendall's tau -0.33).",
                "T2w",
            ],
        ),
    ],
)
def test_agreement_of_few_methods(names, texts):
    means = {"rgb": (0.5, 0.125), "gray": (0.75, 0.25), "norm": (0.875, 0.5)}
    measured = summary(**{name: means[name] for name in names})
    found = order_agreement(
        published_rows(PUBLISHED, {name: name for name in names}, measured, "ssim_image")
    )
    assert len(found) == len(texts)
    assert all(one.startswith(text) for one, text in zip(found, texts))


def test_ties_have_no_order():
    measured = summary(rgb=(0.5, 0.5), gray=(0.5, 0.5), norm=(0.5, 0.5))
    texts = order_agreement(published_rows(PUBLISHED, NAMES, measured, "ssim_image"))
    assert texts == [
        f"{name}: 0 of 3 pairs of methods stand in the paper's order." for name in ("T1w", "T2w")
    ]
