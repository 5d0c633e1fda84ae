"""What is measured, drawn and written down after every epoch."""

from pathlib import Path

import numpy as np

from gan_mri.reporting.curves import history_figure
from gan_mri.reporting.planes import as_picture
from gan_mri.reporting.sheets import sample_sheet
from gan_mri.runs.history import History, TensorBoardLog
from gan_mri.tasks import NOISE
from gan_mri.training.held_out import HeldOut

_SHEET_ROWS = 4
#: Rows measured after an epoch; the table at the end takes more.
MOST_IN_TRAINING = {2: 32, 3: 4}


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
    task : gan_mri.tasks.Task
    terms : dict of str to gan_mri.tasks.Term
        Of the model.
    evaluate_every : int
        Epochs between two measurements on held-out images; the first epoch and
        the last are always measured.
    epochs : int
    """

    def __init__(self, folder, translate, data, geometry, *, task, terms, evaluate_every, epochs):
        self._folder = Path(folder)
        self._task, self._terms = task, terms
        self._contrasts = data.contrast_of
        self._rank = geometry.rank
        self._evaluate_every, self._epochs = evaluate_every, epochs
        self._translate = translate
        split = held_out_split(data)
        # Without held-out images the sheets show training images.
        self._shown = HeldOut(split or data.train, geometry, task, most=_SHEET_ROWS)
        most = MOST_IN_TRAINING[self._rank]
        self._measured = split and HeldOut(split, geometry, task, most=most)
        # Chosen on test subjects, the best would be no test.
        self._chooses = split is data.validation
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

        Returns
        -------
        bool
            On validation subjects; never where there are none.
        """
        row = {"epoch": epoch, **row}
        best = False
        if self._measured and (epoch in (1, self._epochs) or epoch % self._evaluate_every == 0):
            measured = self._measured.measure(self._translate)
            if self._chooses:
                before = [self._error(earlier) for earlier in self.history.rows]
                known = [error for error in before if error is not None]
                error = self._error(measured)
                best = error is not None and error < min(known, default=np.inf)
            row |= measured
        self.history.append(row)
        sheet = self._folder / "samples" / f"epoch-{epoch:04d}.png"
        self.draw(sheet, title=f"epoch {epoch} of {self._epochs}")
        history_figure(self._folder / "curves.png", self.history.rows, self._terms)
        self._tensorboard.scalars(
            epoch, {name: value for name, value in row.items() if name != "epoch"}
        )
        self._tensorboard.image(epoch, "samples", sheet)
        return best

    def draw(self, path, title):
        """A sheet of a few held-out images: real, translated, and back again where there is a way.

        Of volumes the three planes through the middle.
        """
        columns, rows = [], []
        for index in range(len(self._shown)):
            cells = self._cells(index)
            columns = list(cells)
            pictures = [as_picture(image, self._rank) for image in cells.values()]
            rows.append((self._shown.label(index), pictures))
        if not self._shown.paired:
            names = list(self._contrasts.values())
            listed = ", ".join(names[:-1]) + f" and {names[-1]}" if names[1:] else names[0]
            title += f" ({listed} are of different subjects)"
        if self._translate.referring:
            targets = [self._task.direction(name).target for name in self._translate.referring]
            made = " and ".join(self._contrasts[domain] for domain in targets)
            title += f"; reference for {made}: the real one of the row"
        sample_sheet(path, columns, rows, title=title, planes=3 if self._rank == 3 else 1)

    def _cells(self, index):
        """Title of a column to image, of one row."""
        seen = {domain: image[np.newaxis] for domain, image in self._shown.images(index).items()}
        images, cells, made = self._task.alone(seen), {}, {}
        for direction in self._task.directions:
            for domain in direction.sources:
                cells.setdefault(f"{self._contrasts[domain]} (real)", images[domain])
            # Other noise in each row, and the same after each epoch.
            noise = {NOISE: direction.draw_noise([index])} if direction.noise else {}
            inputs = direction.inputs(seen | noise, images[direction.target])
            made[direction.name] = self._translate(direction.name, inputs)
            cells[self._title(direction)] = made[direction.name]
            if direction.noise:
                cells |= self._onwards(direction, made[direction.name])
        for direction in self._task.directions:
            back = self._task.back(direction.name)
            if back is None:
                cells.setdefault(
                    f"{self._contrasts[direction.target]} (real)", images[direction.target]
                )
                continue
            (source,) = direction.sources
            inputs = back.inputs({direction.target: made[direction.name]}, images[source])
            title = f"{self._contrasts[source]} (reconstructed)"
            cells[title] = self._translate(back.name, inputs)
        return {title: batch[0] for title, batch in cells.items()}

    def _onwards(self, direction, image):
        """What other directions make of an image that was made of noise."""
        made = direction.target
        ways = [way for way in self._task.directions if way.sources == (made,)]
        return {
            f"{self._contrasts[way.target]} (of generated {self._contrasts[made]})": (
                self._translate(way.name, way.inputs({made: image}))
            )
            for way in ways
        }

    def _title(self, direction):
        """Of what a direction makes; names it where another one makes the same contrast."""
        target = self._contrasts[direction.target]
        if direction.noise:
            return f"{target} (generated)"
        ways = [way for way in self._task.directions if way.target == direction.target]
        return (
            f"{target} (translated)"
            if len(ways) == 1
            else f"{target} (translated, {direction.name})"
        )

    def _error(self, row):
        """What "best" means: the mean error over all directions; None if not measured."""
        names = [f"mae_{direction.name}" for direction in self._task.directions]
        names += [f"cycle_mae_{domain}" for domain in self._task.domains]
        values = [row[name] for name in names if name in row]
        if not values or None in values:
            return None
        return float(np.mean(values))

    def close(self):
        """Finish the TensorBoard file."""
        self._tensorboard.close()


def held_out_split(data):
    """The validation part if there is one, else the test part, else None."""
    for split in (data.validation, data.test):
        if split.complete:
            return split
    return None
