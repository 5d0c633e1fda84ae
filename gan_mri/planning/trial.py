"""A training tried out: a whole session of a few steps, in a folder that is removed.

Run in a process of its own, `python -m gan_mri.planning.trial`, whose memory is then that of a
training. The arguments of `gan_mri.train` come as JSON on standard input; what was measured
goes as JSON to the last line of standard output.
"""

import dataclasses
import json
import sys
import tempfile
import time
from pathlib import Path

from gan_mri.commands import run_command
from gan_mri.data.order import steps_of_epoch
from gan_mri.data.samples import make_split
from gan_mri.planning.disk import folder_bytes
from gan_mri.planning.resident import forget_peak, resident
from gan_mri.planning.sizes import legal_sizes
from gan_mri.planning.step_memory import traced
from gan_mri.training.held_out import HeldOut
from gan_mri.training.monitor import MOST_IN_TRAINING, Monitor, held_out_split
from gan_mri.training.outcome import MOST_ROWS
from gan_mri.training.session import Session, recipe_of

#: Of the first step TensorFlow makes its plan; the others are timed.
STEPS = 3


class Trial(Session):
    """A session that measures itself.

    Everything that a run does is done: held-out images are measured, steps made, a sheet
    of samples drawn, a checkpoint and the exported models written.

    Parameters
    ----------
    folder : Path
        To be removed afterwards.
    arguments : dict
        Every key of `gan_mri.train.DEFAULTS`.
    """

    def __init__(self, folder, arguments):
        self._planned = recipe_of(arguments)
        self._asked_steps = arguments["steps_per_epoch"]
        settings = arguments["settings"] | {"epochs": 1}
        short = {"settings": settings, "steps_per_epoch": STEPS}
        super().__init__(folder, arguments | short, shows=False)
        self._found = {"peaks": {}, "row_seconds": 0.0}
        self._clocks = []
        # Every step begins by setting its learning rate.
        set_rate = self._model.set_learning_rate

        def noted(factor):
            self._clocks.append(_clocks())
            set_rate(factor)

        self._model.set_learning_rate = noted

    def measured(self, *, estimate=False):
        """Run; return what was measured.

        Parameters
        ----------
        estimate : bool
            Estimate a step's memory from shapes too, for comparison.

        Returns
        -------
        dict
            JSON-able. Bytes: "peaks" by phase, "resident" before the first step, "data" held in
            memory, "kept" by held-out measurements at their most, "disk" by part of the run
            folder. Seconds: "first" step, "steps" and "processor" of the others, "row" of a
            held-out measurement, "epoch" (samples and checkpoint), "export". Counts: "epochs",
            "steps_per_epoch", "rows" in all measurements.
        """
        shape = (*self._geometry.size, self._data.channels)
        if estimate:
            step = traced(self._model, shape, self._recipe.batch_size)
            self._found["estimate"] = step._asdict()
        self.run()
        self._note("training")
        walls, processors = zip(*self._clocks)
        steps = [after - before for before, after in zip(walls, walls[1:])]
        used = [after - before for before, after in zip(processors, processors[1:])]
        sizes = legal_sizes(self._model, self._arguments["recipe"], self._settings(), shape)
        split = held_out_split(self._data)
        rows = 0 if split is None else len(HeldOut(split, self._geometry, self._task))
        return self._found | {
            "recipe": self._arguments["recipe"],
            "size": list(self._geometry.size),
            "batch_size": self._batch_size,
            "precision": self._precision,
            "data": held_bytes(self._data),
            "kept": self._kept(rows),
            "disk": folder_bytes(self.folder),
            "checkpoints": self._arguments.get("keep_checkpoints", 1) + (split is not None),
            "first": steps[0],
            "steps": steps[1:],
            "processor": used[1:],
            "epochs": self._planned.epochs,
            "steps_per_epoch": self._asked_steps or self._steps_per_epoch(),
            "rows": self._all_rows(rows),
            "sizes": str(sizes),
        }

    def _settings(self):
        return dataclasses.asdict(self._recipe)

    def _steps_per_epoch(self):
        return steps_of_epoch(
            self._data.train, batch_size=self._batch_size, paired=self._model.task.paired
        )

    def _all_rows(self, rows):
        """Held-out rows of all measurements of the planned run: after epochs, before and after."""
        epochs = self._planned.epochs
        every = self._arguments["evaluate_every"] or max(1, epochs // 10)
        times = len({1, epochs, *range(every, epochs + 1, every)})
        rank = self._geometry.rank
        return times * min(rows, MOST_IN_TRAINING[rank]) + 2 * min(rows, MOST_ROWS[rank])

    def _kept(self, rows):
        """Bytes of the images that a measurement keeps to the end, beyond the rows tried here."""
        rows = min(rows, MOST_ROWS[self._geometry.rank]) - _ROWS
        return max(rows, 0) * self._found.pop("row_bytes", 0)

    def _note(self, phase):
        peaks = self._found["peaks"]
        peaks[phase] = max(peaks.get(phase, 0), resident(peak=True) or 0)
        forget_peak()

    def _make_monitor(self):
        """The run's own, without measurements: `_measure` times them."""
        self._found["resident"] = resident() or 0
        nothing = make_split([], self._data.scaling)
        return Monitor(
            self.folder,
            self._translate,
            self._data._replace(validation=nothing, test=nothing),
            self._geometry,
            task=self._task,
            terms=self._model.terms,
            evaluate_every=1,
            epochs=1,
        )

    def _after_epoch(self, epoch, row):
        self._clocks.append(_clocks())
        best = super()._after_epoch(epoch, row)
        started = time.perf_counter()
        self._monitor.draw(self.folder / "again.png", title="again")
        self._epoch_ends = time.perf_counter()
        self._found["epoch"] = self._epoch_ends - started
        return best

    def _export(self, step):
        started = time.perf_counter()
        self._found["epoch"] += started - self._epoch_ends  # the checkpoint
        (self.folder / "again.png").unlink()
        super()._export(step)
        self._found["export"] = time.perf_counter() - started

    def _measure(self, name):
        split = held_out_split(self._data)
        if split is None or name != "untrained":
            return
        self._note("loading")
        for most in (1, _ROWS):  # the first is traced
            rows = HeldOut(split, self._geometry, self._task, most=most)
            started = time.perf_counter()
            rows.measure(self._translate)
            self._found["row_seconds"] = (time.perf_counter() - started) / len(rows)
        images = rows.images(0)
        self._found["row_bytes"] = sum(image.nbytes for image in images.values()) + sum(
            images[way.target].nbytes for way in self._task.directions
        )
        self._note("measuring")


#: Held-out rows that are tried.
_ROWS = 2


def held_bytes(data):
    """Bytes of voxels that some training data hold in memory, not in a file."""
    stacks = {
        id(stack): stack
        for split in (data.train, data.validation, data.test)
        for samples in split.images.values()
        for stack, _ in samples.files()
    }
    return sum(getattr(stack.array, "nbytes", 0) for stack in stacks.values() if _is_held(stack))


def _is_held(stack):
    return not hasattr(stack.array, "file")  # h5py's datasets know theirs


def _clocks():
    return time.perf_counter(), time.process_time()


def main(arguments):
    """Read the request, try, answer."""
    request = json.load(sys.stdin)
    # Of a session that is wrong or does not fit the error is told, as by `train`.
    with tempfile.TemporaryDirectory(prefix="gan_mri_plan_") as folder:
        trial = Trial(Path(folder) / "run", request["arguments"])
        found = trial.measured(estimate=request.get("estimate", False))
    print(json.dumps(found))


if __name__ == "__main__":
    run_command(main)
