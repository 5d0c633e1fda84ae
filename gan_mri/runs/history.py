"""What a run remembers of every epoch: `history.csv`, and the same for TensorBoard."""

import csv
import numbers
from pathlib import Path

import numpy as np

from gan_mri.errors import GanMriError
from gan_mri.reporting.tables import write_csv_table

_LARGEST_FILE = 64 * 2**20  # bytes: some 200,000 epochs of 20 columns


class History:
    """The table `history.csv` of a run folder: one row an epoch.

    The file is rewritten whole and atomically at every change, so it is
    complete at any moment. Columns are those of the first row, "epoch" first;
    a column that appears later is added at the right, empty in older rows.

    Parameters
    ----------
    folder : str or path-like
        The run folder. An existing `history.csv` in it is read and continued.

    Raises
    ------
    GanMriError
        If `history.csv` exists and is not such a table.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> history = History(folder)
    >>> history.append({"epoch": 1, "G_total": 4.2})
    >>> history.append({"epoch": 2, "G_total": 3.1, "mae": 0.1})
    >>> History(folder).rows[0]
    {'epoch': 1, 'G_total': 4.2, 'mae': None}
    """

    def __init__(self, folder):
        self.path = Path(folder) / "history.csv"
        self._columns, self._rows = ["epoch"], []
        if self.path.exists():
            self._columns, self._rows = _read(self.path)

    @property
    def rows(self):
        """list of dict: all rows, oldest first, with every column; None where empty."""
        return [{name: row.get(name) for name in self._columns} for row in self._rows]

    def append(self, row):
        """Add the row of one epoch and write the file.

        Parameters
        ----------
        row : dict of str to number or None
            Holds "epoch", an integer from 0 up and above that of the last
            row. Integers stay integers, other numbers become Python floats, NaN and
            infinity included.

        Raises
        ------
        GanMriError
            If a value is no number or "epoch" is missing, no integer or not
            above the last one; the file stays as it was.
        """
        row = {name: _number(name, value) for name, value in row.items()}
        epoch, last = row.get("epoch"), self._rows[-1]["epoch"] if self._rows else -1
        if not isinstance(epoch, int) or epoch <= last:
            raise GanMriError(
                f"{self.path}: expected a row with an integer 'epoch' above {last} (to "
                f"go back, truncate first). Received: {epoch!r}"
            )
        columns = self._columns + [name for name in row if name not in self._columns]
        self._write(columns, [*self._rows, row])

    def truncate(self, epoch):
        """Drop the rows after `epoch` and write the file, as a resumed run must.

        Parameters
        ----------
        epoch : int
            The last epoch to keep; 0 drops every row of a run that counts
            from 1. The columns stay.
        """
        kept = [row for row in self._rows if row["epoch"] <= epoch]
        if len(kept) < len(self._rows):
            self._write(self._columns, kept)

    def _write(self, columns, rows):
        cells = [[row.get(name) for name in columns] for row in rows]
        write_csv_table(self.path, columns, cells)
        self._columns, self._rows = columns, rows


class TensorBoardLog:
    """Event files for TensorBoard under `<folder>/tensorboard`.

    A resumed run adds a file beside the older ones; TensorBoard shows the
    later value where two files hold the same step.

    Parameters
    ----------
    folder : str or path-like
        The run folder.
    """

    def __init__(self, folder):
        import tensorflow as tf  # here: History alone needs no TensorFlow

        self._summary = tf.summary
        self._writer = tf.summary.create_file_writer(str(Path(folder) / "tensorboard"))

    def scalars(self, step, values):
        """Write numbers under their names, to be seen at once.

        None (not measured) is left out.

        Parameters
        ----------
        step : int
            Epoch or step, the horizontal axis.
        values : dict of str to number or None
        """
        with self._writer.as_default():
            for name, value in values.items():
                if value is not None:
                    self._summary.scalar(name, value, step=step)
        self._writer.flush()

    def image(self, step, name, image):
        """Write a picture.

        Parameters
        ----------
        step : int
            Epoch or step.
        name : str
            The picture's title.
        image : (H, W, 3) array of uint8, or str or path-like
            The pixels, or a PNG file that holds them.

        Raises
        ------
        GanMriError
            If the file cannot be read or the array is of another kind.
        """
        pixels = image if isinstance(image, np.ndarray) else _read_picture(image)
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[-1] != 3:
            raise GanMriError(
                f"TensorBoard image {name!r}: expected an array (H, W, 3) of uint8. "
                f"Received: shape {pixels.shape}, dtype {pixels.dtype}"
            )
        with self._writer.as_default():
            self._summary.image(name, pixels[np.newaxis], step=step)
        self._writer.flush()

    def close(self):
        """Write out what is buffered and close the file."""
        self._writer.close()


def _number(name, value):
    if value is None:
        return None
    if not isinstance(value, numbers.Real):
        raise GanMriError(
            f"history: expected a number or None in column {name!r}. "
            f"Received: {type(value).__name__} {value!r}"
        )
    return int(value) if isinstance(value, numbers.Integral) else float(value)


def _read(path):
    """Return the columns and the rows of a `history.csv`."""
    if path.stat().st_size > _LARGEST_FILE:
        size = path.stat().st_size
        raise _damaged(path, f"{size} bytes, more than {_LARGEST_FILE}")
    try:
        text = path.read_text(encoding="utf-8")
        lines = list(csv.reader(text.splitlines(), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise _damaged(path, f"a file that is no CSV text ({error})") from error
    columns = lines[0] if lines else []
    if columns[:1] != ["epoch"] or len(set(columns)) < len(columns):
        raise _damaged(path, f"the first line {','.join(columns)[:200]!r}")
    if not text.endswith("\n"):
        raise _damaged(path, "a last line without its end, as of a file cut short")
    rows = []
    for number, cells in enumerate(lines[1:], start=2):
        line = f"in line {number}"
        if len(cells) != len(columns):
            raise _damaged(path, f"{len(cells)} cells instead of {len(columns)} {line}")
        row = {name: _parse(path, line, name, c) for name, c in zip(columns, cells)}
        epoch, last = row["epoch"], rows[-1]["epoch"] if rows else -1
        if not isinstance(epoch, int) or epoch <= last:
            raise _damaged(path, f"epoch {epoch!r} after {last} {line}")
        rows.append(row)
    return columns, rows


def _parse(path, line, name, cell):
    for kind in (int, float):
        try:
            return kind(cell) if cell else None
        except ValueError:
            continue  # no integer: a float; no float: the error below
    raise _damaged(path, f"{cell[:80]!r} {line}, column {name!r}")


def _damaged(path, received):
    return GanMriError(
        f"{path}: expected the history of a training run: a CSV table whose first "
        "column is 'epoch', integers that rise, and every cell a number or empty. "
        f"Received: {received}"
    )


def _read_picture(path):
    from PIL import Image

    try:
        with Image.open(path) as picture:
            return np.asarray(picture.convert("RGB"))
    except OSError as error:
        raise GanMriError(
            f"{path}: expected a PNG picture that can be read. Received: {error}"
        ) from error
