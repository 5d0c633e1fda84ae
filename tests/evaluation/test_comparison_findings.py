import math

from pretended import row

from gan_mri.evaluation.comparison_findings import findings_section
from gan_mri.papers.paper import Paper
from gan_mri.reporting.page import Paragraph


def found(summary, **options):
    return findings_section(Paper(title="A paper", **options), summary).blocks


def test_order():
    summary = [
        row("a", "mae", 0.5),
        row("b", "mae", 0.2),
        row("a", "psnr", 10.0, direction="B2A", contrast="T1w"),
        row("b", "psnr", 9.0, direction="B2A", contrast="T1w"),
        row("c", "psnr", math.inf, direction="B2A", contrast="T1w"),
        row("d", "psnr", math.nan, direction="B2A", contrast="T1w"),
        row("a", "sharpness", 1.0),
    ]
    (table,) = found(summary)
    assert table.header == ("measure", "T2w, best first", "T1w, best first")
    assert table.rows == (("MAE", "b, a", ""), ("PSNR", "", "c, a, b"))


def test_numbers_of_the_paper_stand_beside():
    summary = [
        row("a", "ssim", 0.75),
        row("a", "mae", 9.0),
        row("b", "ssim", 0.5, direction="B2A", contrast="T1w"),
    ]
    numbers = {"a": {"A2B": 0.8}, "b": {"A2B": 0.6, "B2A": 0.7}, "not run": {"B2A": 0.1}}
    table = found(summary, numbers={"ssim": numbers})[0]
    assert table.header == (
        "method", "T2w: the paper", "T2w: here", "T1w: the paper", "T1w: here",
    )  # fmt: skip
    assert table.rows == (
        ("a", 0.8, 0.75, None, None),
        ("b", 0.6, None, 0.7, 0.5),
        ("not run", None, None, 0.1, None),
    )


def test_which_contrast_is_better():
    def both(metric, A2B, B2A, method="a"):
        other = {"direction": "B2A", "contrast": "T1w"}
        return [row(method, metric, A2B), row(method, metric, B2A, **other)]

    summary = [
        *both("mae", 0.5, 0.25),  # T1w is better
        *both("mae", 0.25, 0.5, method="b"),
        *both("psnr", 10.0, 20.0),  # T1w is better
        *both("ssim", 0.5, 0.5),
        *both("sharpness", 1.0, 2.0),  # has no better end
        row("c", "mae", 0.1),  # one direction only
        row("a", "cycle_mae", 0.1, direction="A2B2A", contrast="T1w"),
        row("a", "cycle_mae", 0.2, direction="B2A2B", contrast="T2w"),
    ]
    *_, block = found(summary)
    assert block.text.startswith(
        "Synthetic T1w images measure better than synthetic T2w images in 2 of 4 cases"
    )
    assert not any(isinstance(block, Paragraph) for block in found(summary[-3:]))


def test_which_of_many_contrasts_is_best():
    def all_of(metric, *means, method="a"):
        names = ("T1w", "T2w", "PDw")
        return [
            row(method, metric, mean, direction=name, contrast=name)
            for name, mean in zip(names, means)
        ]

    summary = [
        *all_of("mae", 0.5, 0.25, 0.75),  # T2w
        *all_of("mae", 0.5, 0.25, 0.125, method="b"),  # PDw
        *all_of("psnr", 10.0, 20.0, 15.0),  # T2w
        row("c", "mae", 0.1, direction="T1w", contrast="T1w"),
    ]
    *_, block = found(summary)
    assert block.text.startswith("Of 3 cases ")
    assert block.text.endswith("the best synthetic images: T1w in 0, T2w in 2, PDw in 1.")
