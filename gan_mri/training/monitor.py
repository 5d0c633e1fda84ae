"""What is measured, drawn and written down after every epoch."""

from pathlib import Path

import numpy as np

from gan_mri.reporting.curves import history_figure
from gan_mri.reporting.sheets import sample_sheet
from gan_mri.runs.history import History, TensorBoardLog
from gan_mri.training.held_out import HeldOut

_SHEET_ROWS = 4
#: Slices measured after an epoch; the table at the end takes more.
_MOST_IN_TRAINING = 32


class Monitor:
    """Writes the history, the sample sheets and TensorBoard of a run.

    Parameters
    ----------
    folder : str or Path
        The run folder.
    translate : callable
        From `gan_mri.training.held_out.translator`.
    data : gan_mri.data.TranslationData
    geometry : gan_mri.data.images.geometry.Geometry
    evaluate_every : int
        Epochs between two measurements on held-out images; the first epoch and
        the last are always measured.
    epochs : int
    """

    def __init__(self, folder, translate, data, geometry, *, evaluate_every, epochs):
        self._folder = Path(folder)
        self._data = data
        self._evaluate_every, self._epochs = evaluate_every, epochs
        self._translate = translate
        split = held_out_split(data)
        # Without held-out images the sheets show training images.
        self._shown = HeldOut(split or data.train, geometry, most=_SHEET_ROWS)
        self._measured = split and HeldOut(split, geometry, most=_MOST_IN_TRAINING)
        self.history = History(folder)
        self._tensorboard = TensorBoardLog(folder)

    def after_epoch(self, epoch, row):
        """Measure, draw and write; returns whether the model is the best so far.

        Parameters
        ----------
        epoch : int
            From 1.
        row : dict
            Means of the epoch's losses.
        """
        row = {"epoch": epoch, **row}
        best = False
        if self._measured and (epoch in (1, self._epochs) or epoch % self._evaluate_every == 0):
            measured = self._measured.measure(self._translate)
            earlier = [error for error in map(_error, self.history.rows) if error is not None]
            best = _error(measured) < min(earlier, default=np.inf)
            row |= measured
        self.history.append(row)
        sheet = self._folder / "samples" / f"epoch-{epoch:04d}.png"
        self.draw(sheet, title=f"epoch {epoch} of {self._epochs}")
        history_figure(self._folder / "curves.png", self.history.rows)
        self._tensorboard.scalars(
            epoch, {name: value for name, value in row.items() if name != "epoch"}
        )
        self._tensorboard.image(epoch, "samples", sheet)
        return best

    def draw(self, path, title):
        """A sheet of a few held-out images: real, translated, reconstructed."""
        a, b = self._data.contrasts
        columns = [
            f"{a} (real)",
            f"{b} (translated)",
            f"{b} (real)",
            f"{a} (translated)",
            f"{a} (reconstructed)",
            f"{b} (reconstructed)",
        ]
        rows = []
        for index in range(len(self._shown)):
            A, B = (image[np.newaxis] for image in self._shown.images(index))
            fake_B, fake_A = self._translate("A2B", A, B), self._translate("B2A", B, A)
            cycle_A, cycle_B = (
                self._translate("B2A", fake_B, A),
                self._translate("A2B", fake_A, B),
            )
            images = [A, fake_B, B, fake_A, cycle_A, cycle_B]
            rows.append((self._shown.label(index), [image[0] for image in images]))
        if not self._shown.paired:
            title += f" ({a} and {b} are of different subjects)"
        if self._translate.referring:
            made = [{"A2B": b, "B2A": a}[direction] for direction in self._translate.referring]
            title += f"; reference for {' and '.join(made)}: the real one of the row"
        sample_sheet(path, columns, rows, title=title)

    def close(self):
        """Finish the TensorBoard file."""
        self._tensorboard.close()


def held_out_split(data):
    """The validation part if there is one, else the test part, else None."""
    for split in (data.validation, data.test):
        if len(split.A) and len(split.B):
            return split
    return None


def _error(row):
    """What "best" means: the mean error over both directions; None if not measured."""
    names = [name for name in row if "mae_" in name]
    values = [row[name] for name in names]
    if not values or None in values:
        return None
    return float(np.mean(values))
