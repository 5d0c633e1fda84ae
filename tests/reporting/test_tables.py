import csv
import math

import numpy as np
import pytest

from gan_mri.errors import GanMriError
from gan_mri.reporting.tables import format_table, write_csv_table


def test_strings_go_left_and_numbers_right():
    rows = [["untrained", 0.51234, 8.5, 100], ["trained", None, 21.256, 7]]
    table = format_table(["image", "MAE", "PSNR", "n"], rows, caption="Held out", precision=2)
    assert table.split("\n") == [
        "Held out",
        "image       MAE   PSNR    n",
        "---------  ----  -----  ---",
        "untrained  0.51   8.50  100",
        "trained       -  21.26    7",
    ]


@pytest.mark.parametrize(
    "cells, right",
    [
        (["8.5", "21.25"], True),
        (["8.50 ± 0.10", "21.25 ± 1.00"], True),
        (["8.5 (0.1)", "-"], True),
        (["+1e-3", "nan"], True),
        (["5 %", "12 %"], True),
        (["3D U-Net", "2"], False),
        (["sub-01", "sub-100"], False),
        (["-", "-"], False),
    ],
)
def test_formatted_numbers_count_as_numbers(cells, right):
    lines = format_table(["a very long title"], [[cell] for cell in cells]).split("\n")
    assert lines[2:] == [cell.rjust(17) if right else cell for cell in cells]


def test_numpy_scalars_infinity_and_negative_zero():
    rows = [[np.float32(0.5)], [math.inf], [-0.001], [np.int64(3)]]
    lines = format_table(["x"], rows, precision=1).split("\n")
    assert lines == ["  x", "---", "0.5", "inf", "0.0", "  3"]


def test_no_rows_leave_the_header():
    assert format_table(["a", "bc"], []) == "a  bc\n-  --"


@pytest.mark.parametrize("row", [[1], [1, 2, 3]])
def test_a_row_of_another_length_is_refused(row, tmp_path):
    with pytest.raises(GanMriError, match=f"Received: {len(row)} in row 2"):
        format_table(["a", "b"], [[1, 2], row])
    with pytest.raises(GanMriError, match=f"Received: {len(row)} in row 2"):
        write_csv_table(tmp_path / "t.csv", ["a", "b"], [[1, 2], row])
    assert list(tmp_path.iterdir()) == []


def test_a_cell_of_another_kind_is_refused():
    with pytest.raises(GanMriError, match="column 'b'. Received: list"):
        format_table(["a", "b"], [[1, [2]]])


def test_csv_keeps_every_digit_and_quotes(tmp_path):
    path = tmp_path / "new" / "table.csv"
    rows = [["a, b", 0.1 + 0.2, None, np.float32(0.1)], ['"', math.inf, 3, np.int8(-4)]]
    write_csv_table(path, ["name", "x", "y", "z"], rows)
    with open(path, newline="", encoding="utf-8") as file:
        header, first, second = csv.reader(file)
    assert header == ["name", "x", "y", "z"]
    assert first == ["a, b", "0.30000000000000004", "", "0.10000000149011612"]
    assert second == ['"', "inf", "3", "-4"]
