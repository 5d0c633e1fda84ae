"""`train --plan`: what a training will take, found out by trying a few steps of it."""

from typing import NamedTuple

from gan_mri.data.files.limits import available_memory
from gan_mri.planning.process import run_apart
from gan_mri.planning.words import duration, gib

# Parts of a run folder of which there is one for each epoch.
_EVERY_EPOCH = ("samples", "tensorboard")


class TrainingPlan(NamedTuple):
    """What a training takes.

    Attributes
    ----------
    peak : int
        Bytes of resident memory at their most: Python and TensorFlow, data, networks, a step.
    data : int
        Bytes of images in memory, among them; 0 for a prepared file, which is read from disk.
    available : int or None
        Bytes that there are now.
    step_seconds, processor_seconds : float
        Of a training step: by the clock, and of all processors together.
    seconds : float
        From start to end, with measurements, samples, checkpoints and export.
    steps : int
        Of all epochs.
    disk : dict of str to int
        Bytes of the finished run folder, by part.
    trial : dict
        See `gan_mri.planning.trial.Trial.measured`.
    """

    peak: int
    data: int
    available: int | None
    step_seconds: float
    processor_seconds: float
    seconds: float
    steps: int
    disk: dict
    trial: dict

    def __str__(self):
        found = self.trial
        size = " x ".join(map(str, found["size"]))
        there = "" if self.available is None else f", of {gib(self.available)} that are free"
        held = f"images {gib(self.data)}" if self.data else "images are read from the file"
        parts = ", ".join(f"{name} {gib(self.disk[name])}" for name in _largest(self.disk))
        return "\n".join(
            [
                f"{found['recipe']} on images of {size}, batch {found['batch_size']}, "
                f"{found['precision']}",
                f"Memory      {gib(self.peak)}{there} ({held})",
                f"A step      {duration(self.step_seconds)} "
                f"({duration(self.processor_seconds)} of processor time)",
                f"In all      {duration(self.seconds)} for {found['epochs']} epochs of "
                f"{found['steps_per_epoch']} steps, measurements and samples included",
                f"Disk        {gib(sum(self.disk.values()))} ({parts})",
                f"Image size  {found['sizes']}",
            ]
        )


def _largest(disk):
    return sorted(disk, key=disk.get, reverse=True)[:4]


def plan_training(arguments):
    """Try a training; nothing is left behind.

    A few steps are made in a process of its own, with the real data and networks, in a folder
    that is removed. Its memory is that of the run, within some percent. Times are this
    machine's, as busy as it is now.

    Parameters
    ----------
    arguments : dict
        Every key of `gan_mri.train.DEFAULTS`.

    Returns
    -------
    TrainingPlan

    Raises
    ------
    GanMriError
        As `gan_mri.train`; also where it does not fit in memory.
    """
    available = available_memory()
    found = run_apart("gan_mri.planning.trial", {"arguments": arguments}, what="a training")
    return planned(found, available)


def planned(found, available=None):
    """The plan of a whole run, from what its trial found."""
    peaks = found["peaks"]
    steps = found["epochs"] * found["steps_per_epoch"]
    step, processor = (sum(found[name]) / len(found[name]) for name in ("steps", "processor"))
    once = found["first"] + found["export"] + found["rows"] * found["row_seconds"]
    return TrainingPlan(
        peak=max(*peaks.values(), peaks.get("measuring", 0) + found["kept"]),
        data=found["data"],
        available=available,
        step_seconds=step,
        processor_seconds=processor,
        seconds=once + steps * step + found["epochs"] * found["epoch"],
        steps=steps,
        disk=_disk(found),
        trial=found,
    )


def _disk(found):
    disk = dict(found["disk"])
    for name in _EVERY_EPOCH:
        if name in disk:
            disk[name] *= found["epochs"]
    # While a checkpoint is written, those before it are still there.
    disk["checkpoints"] *= found["checkpoints"] + 1
    return disk
