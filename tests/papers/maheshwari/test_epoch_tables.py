import pytest

from gan_mri.papers.maheshwari.epoch_tables import epoch_rows, epoch_table
from gan_mri.reporting.page import Value

TITLES = {"ssim_B2A": "T1w", "ssim_A2B": "T2w"}
PUBLISHED = {"ssim_B2A": {1: 0.6, 25: 0.75}, "ssim_A2B": {1: 0.5, 25: 0.625}}


def history(*measured):
    """Rows of (epoch, B2A, A2B)."""
    return [
        {"epoch": epoch, "G_total": 3.0, "ssim_B2A": b, "ssim_A2B": a} for epoch, b, a in measured
    ]


def table(rows, published=None):
    return epoch_table(epoch_rows(rows, list(TITLES), published), TITLES, caption="SSIM")


def cells(line):
    return tuple(cell.text if isinstance(cell, Value) else cell for cell in line)


def test_the_papers_epochs_and_those_measured_here_in_one_order():
    rows = history((1, 0.25, 0.125), (2, None, None), (10, 0.5, 0.375))
    found = epoch_rows(rows, list(TITLES), PUBLISHED)
    assert [row["epoch"] for row in found] == [1, 10, 25]
    assert [row["here"]["ssim_B2A"] for row in found] == [0.25, 0.5, None]
    assert [row["published"]["ssim_A2B"] for row in found] == [0.5, None, 0.625]


def test_the_table_has_both_and_the_change_from_first_to_last():
    made = table(history((1, 0.25, 0.125), (2, None, None), (10, 0.5, 0.375)), PUBLISHED)
    assert made.header == ("epoch", "T1w: the paper", "T1w: here", "T2w: the paper", "T2w: here")
    assert made.caption == "SSIM"
    assert [cells(line) for line in made.rows] == [
        (1, "0.6000", "0.2500", "0.5000", "0.1250"),
        (10, None, "0.5000", None, "0.3750"),
        (25, "0.7500", None, "0.6250", None),
        ("last - first", "+0.1500", "+0.2500", "+0.1250", "+0.2500"),
    ]


def test_one_measurement_has_no_change_and_no_paper_no_values():
    made = table(history((3, 0.25, -0.125)))
    assert [cells(line) for line in made.rows] == [
        (3, None, "0.2500", None, "-0.1250"),
        ("last - first", None, None, None, None),
    ]


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_what_was_not_measured_is_empty(value):
    rows = epoch_rows(history((1, value, 0.5), (2, value, value)), list(TITLES))
    assert [row["epoch"] for row in rows] == [1]
    assert rows[0]["here"] == {"ssim_B2A": None, "ssim_A2B": 0.5}
    assert epoch_rows([{"epoch": 1, "G_total": 2.0}], list(TITLES)) == []


def test_of_many_epochs_some_are_shown_the_papers_always():
    rows = history(*((epoch, epoch / 1000, 0.5) for epoch in range(1, 201)))
    made = table(rows, PUBLISHED)
    epochs = [line[0] for line in made.rows[:-1]]
    assert epochs == sorted(epochs) and len(epochs) == 14
    assert {1, 2, 25, 200} <= set(epochs)
    steps = [b - a for a, b in zip(epochs, epochs[1:]) if 25 not in (a, b)]
    assert max(steps[1:]) - min(steps[1:]) <= 2
    assert cells(made.rows[-1])[2] == "+0.1990"
