import math

import pretended
import pytest

from gan_mri.evaluation.comparison_tables import difference_section, result_section
from gan_mri.reporting.page import Listing, Paragraph, Table, Value

row = pretended.row


def result(tmp_path, summary, methods=("a", "b"), **options):
    return result_section(pretended.evaluation(tmp_path, methods, summary, **options)).blocks


def tables(blocks):
    return {block.caption: block for block in blocks if isinstance(block, Table)}


def column(table, title):
    """The cells of a column by row."""
    index = [name.replace("\N{NO-BREAK SPACE}", " ") for name in table.header].index(title)
    return {line[0]: line[index] for line in table.rows}


def test_value_spread_and_interval(tmp_path):
    summary = [row("a", "mae", 0.12345, sd=0.0126, low=0.1004, high=0.1496), row("b", "mae", 0.5)]
    cells = column(tables(result(tmp_path, summary))["To T2w"], "MAE ↓")
    assert cells["a"] == Value("0.123 ± 0.013", "0.100 to 0.150", True)


@pytest.mark.parametrize(
    ("metric", "title", "best"),
    [
        ("mae", "MAE ↓", "a"),
        ("psnr", "PSNR / dB ↑", "b"),
        ("ssim", "SSIM ↑", "b"),
        ("sharpness", None, None),
    ],
)
def test_best_is_bold_at_the_better_end(tmp_path, metric, title, best):
    table = tables(result(tmp_path, [row("a", metric, 0.25), row("b", metric, 0.75)]))["To T2w"]
    cells = column(table, title) if title else {line[0]: line[1] for line in table.rows}
    assert [name for name, cell in cells.items() if cell.best] == ([best] if best else [])


def test_ties_are_both_best_and_one_method_is_not(tmp_path):
    summary = [row("a", "mae", 0.25), row("b", "mae", 0.25), row("c", "mae", 0.5)]
    cells = column(tables(result(tmp_path, summary, methods="abc"))["To T2w"], "MAE ↓")
    assert [cell.best for cell in cells.values()] == [True, True, False]
    cells = column(tables(result(tmp_path, summary[:1], methods="a"))["To T2w"], "MAE ↓")
    assert not cells["a"].best


def test_equal_images_are_best_and_nan_is_not(tmp_path):
    alone = {"sd": None, "low": None, "high": None}
    summary = [
        row("a", "psnr", math.inf) | alone,  # images equal to the real ones
        row("b", "psnr", 20.0),
        row("c", "psnr", math.nan) | alone,
    ]
    cells = column(tables(result(tmp_path, summary, methods="abc"))["To T2w"], "PSNR / dB ↑")
    assert cells["a"] == Value("inf", best=True)
    assert not cells["b"].best
    assert cells["c"] == Value("nan")


@pytest.mark.parametrize(
    ("metric", "means", "shown"),
    [
        ("psnr", (27.314, 9.876), ("27.31", "9.88")),
        ("mae", (1.23456, 0.2), ("1.235", "0.200")),
        ("ssim", (0.015372, 0.002), ("0.0154", "0.0020")),
        ("ssim", (0.0, 0.0), ("0.000", "0.000")),
        ("mae", (123.4567, 5.0), ("123.457", "5.000")),
    ],
)
def test_decimals(tmp_path, metric, means, shown):
    summary = [row(name, metric, mean, sd=None) for name, mean in zip("ab", means)]
    (table,) = tables(result(tmp_path, summary)).values()
    assert tuple(line[1].text for line in table.rows) == shown


def test_one_table_a_direction_and_one_for_cycles(tmp_path):
    summary = [
        row("a", "mae", 0.1),
        row("a", "mae", 0.2, direction="B2A", contrast="T1w"),
        row("a", "cycle_mae", 0.3, direction="A2B2A", contrast="T1w"),
        row("a", "cycle_mae", 0.4, direction="B2A2B", contrast="T2w"),
    ]
    sources = {"A2B": "T1w", "B2A": "T2w"}
    found = tables(result(tmp_path, summary, methods="a", sources=sources))
    assert list(found) == ["T1w to T2w", "T2w to T1w", "There and back"]
    assert column(found["T2w to T1w"], "MAE ↓")["a"].text == "0.200 ± 0.100"
    assert column(found["There and back"], "T1w: cycle MAE ↓")["a"].text == "0.300 ± 0.100"
    assert column(found["There and back"], "T2w: cycle MAE ↓")["a"].text == "0.400 ± 0.100"


def test_what_an_image_is_made_of_is_the_caption(tmp_path):
    summary = [row("a", "mae", 0.1, direction="PDw", contrast="PDw")]
    sources = {"PDw": "T1w + T2w"}
    assert list(tables(result(tmp_path, summary, sources=sources))) == ["T1w + T2w to PDw"]
    evaluation = pretended.evaluation(
        tmp_path, "ab", wilcoxon=[pretended.tested("a", "b", "mae", 0.5)], sources={"A2B": "CT"}
    )
    assert list(tables(difference_section(evaluation).blocks)) == ["CT to T2w"]


def test_real_images_are_a_row_in_the_column_of_sharpness(tmp_path):
    summary = [row("a", "sharpness", 0.1), row("a", "sharpness_real", 0.3), row("a", "mae", 0.2)]
    (table,) = tables(result(tmp_path, summary, methods="a")).values()
    assert [line[0] for line in table.rows] == ["a", "real images"]
    assert len(table.header) == 3
    assert [line[1].text for line in table.rows] == ["0.100 ± 0.100", "0.300 ± 0.100"]
    assert table.rows[1][2] is None


def test_one_subject_has_no_spread_and_notes_are_shown(tmp_path):
    alone = {"sd": None, "low": None, "high": None, "n": 1}
    blocks = result(tmp_path, [row("a", "mae", 0.5) | alone], methods="a", notes=["one subject"])
    assert "standard deviation" not in blocks[0].text
    assert blocks[1] == Listing(("one subject",))
    (table,) = tables(blocks).values()
    assert table.rows == (("a", Value("0.500")),)


def test_numbers_of_subjects(tmp_path):
    blocks = result(tmp_path, [row("a", "mae", 0.5, n=12), row("a", "psnr", 9.0, n=7)], methods="a")
    assert "over 7 or 12 test subjects" in blocks[0].text


def differences(tmp_path, rows):
    return difference_section(pretended.evaluation(tmp_path, "ab", wilcoxon=rows)).blocks


def test_p_values_and_differences(tmp_path):
    rows = [
        pretended.tested("a", "b", "mae", 0.00099),
        pretended.tested("a", "c", "mae", 0.0499, 1.0),
        pretended.tested("b", "c", "mae", 0.05, 0.0),
        pretended.tested("a", "b", "psnr", None),
    ]
    table = tables(differences(tmp_path, rows))["To T2w"]
    assert column(table, "MAE ↓") == {
        "a - b": Value("< 0.001", "-0.25", True),
        "a - c": Value("0.050", "+1", True),
        "b - c": Value("0.050", "+0", False),
    }
    assert column(table, "PSNR / dB ↑") == {"a - b": None, "a - c": None, "b - c": None}


def test_no_test_was_possible(tmp_path):
    (block,) = differences(tmp_path, [pretended.tested("a", "b", "mae", None)])
    assert block == Paragraph("No test was possible: 3 subjects that differ.")
    (block,) = differences(tmp_path, [])
    assert "nothing to compare" in block.text
