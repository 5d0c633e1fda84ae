"""Tables: aligned text for the terminal, CSV for everything else."""

import csv
import numbers
import re

from gan_mri.errors import GanMriError
from gan_mri.files import replacing

_NUMBER = r"[-+]?(\d+(\.\d*)?([eE][-+]?\d+)?|inf|nan)"
# "27.31", "1e-3", "27.31 ± 0.40", "27.31 (0.40)", "12 %"
_SPREAD = rf"\s*(±|\+-)\s*{_NUMBER}|\s*\({_NUMBER}\)"
_NUMERIC_CELL = re.compile(rf"{_NUMBER}({_SPREAD})?\s*%?")


def format_table(header, rows, *, caption=None, precision=4):
    """Return a plain-text table with aligned columns.

    A column whose cells are all numbers is set to the right, any other to the
    left; strings that read as numbers ("27.31", "27.31 ± 0.40", "12 %") count
    as numbers, so a column may come formatted already.

    Parameters
    ----------
    header : sequence of str
        One title a column.
    rows : sequence of sequences
        Cells: str as they are, integers in full, other numbers with
        `precision` decimals, None as "-".
    caption : str, optional
        Printed above the table.
    precision : int
        Decimals of numbers that are not formatted yet.

    Returns
    -------
    str
        Lines without trailing blanks, joined by newlines, none at the end.

    Raises
    ------
    GanMriError
        If a row has not as many cells as the header, or a cell is neither
        str, number nor None.

    Examples
    --------
    >>> rows = [["untrained", 8.5], ["trained", 21.25]]
    >>> print(format_table(["image", "PSNR / dB"], rows, precision=2))
    image      PSNR / dB
    ---------  ---------
    untrained       8.50
    trained        21.25
    """
    header = [str(title) for title in header]
    rows = _checked(header, rows)
    cells = [[_format_cell(cell, precision) for cell in row] for row in rows]
    columns = [[row[index] for row in cells] for index in range(len(header))]
    widths = [max(map(len, [title, *col])) for title, col in zip(header, columns)]
    align = [str.rjust if _is_numeric(column) else str.ljust for column in columns]
    lines = [header, ["-" * width for width in widths], *cells]
    text = [
        "  ".join(a(cell, w) for a, cell, w in zip(align, line, widths)).rstrip() for line in lines
    ]
    return "\n".join(text if caption is None else [caption, *text])


def write_csv_table(path, header, rows):
    """Write a table as CSV (UTF-8), whole or not at all.

    Numbers keep every digit (`repr`), None is an empty cell.

    Parameters
    ----------
    path : str or path-like
        The file to write; an older one is replaced.
    header : sequence of str
        One title a column.
    rows : sequence of sequences
        Cells: str, number or None.

    Raises
    ------
    GanMriError
        As for `format_table`; nothing is written then.
    """
    lines = [[_exact_cell(cell) for cell in row] for row in _checked(header, rows)]
    with replacing(path) as temporary:
        with open(temporary, "w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *lines])


def _checked(header, rows):
    """The rows as lists, each as long as the header, of cells that can be printed."""
    rows = [list(row) for row in rows]
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            raise GanMriError(
                f"table: expected {len(header)} cells in every row, one for each of "
                f"{list(header)}. Received: {len(row)} in row {number}: {row}"
            )
        for title, cell in zip(header, row):
            if cell is not None and not isinstance(cell, (str, numbers.Real)):
                raise GanMriError(
                    f"table: expected str, number or None in row {number}, column "
                    f"{title!r}. Received: {type(cell).__name__} {cell!r}"
                )
    return rows


def _format_cell(cell, precision):
    if cell is None:
        return "-"
    if isinstance(cell, (str, numbers.Integral)):
        return str(cell)
    return f"{float(cell):z.{precision}f}"  # z: no "-0.00"


def _exact_cell(cell):
    if cell is None or isinstance(cell, str):
        return cell or ""
    # float() and int() first: NumPy 2 writes np.float32(1) as "np.float32(1.0)".
    return repr(int(cell) if isinstance(cell, numbers.Integral) else float(cell))


def _is_numeric(column):
    known = [cell for cell in column if cell != "-"]
    return bool(known) and all(map(_NUMERIC_CELL.fullmatch, known))
