"""`translate --plan`: what a translation will take, found out by trying a part of it."""

from pathlib import Path
from typing import NamedTuple

from gan_mri.data.files.limits import available_memory
from gan_mri.planning.process import run_apart
from gan_mri.planning.words import duration, gib


class TranslationPlan(NamedTuple):
    """What a translation takes.

    Attributes
    ----------
    peak : int
        Bytes of resident memory at their most: Python and TensorFlow, the model, the images.
    available : int or None
        Bytes that there are now.
    seconds : float
        Of all files.
    files : int
    disk : int
        Bytes of what is written; of a compressed file about.
    trial : dict
        See `gan_mri.planning.translation_trial.tried`.
    """

    peak: int
    available: int | None
    seconds: float
    files: int
    disk: int
    trial: dict

    @property
    def fits(self):
        """Whether there is as much memory as it takes, as far as the system says."""
        return self.available is None or self.peak <= self.available

    def __str__(self):
        found = self.trial
        there = "" if self.available is None else f", of {gib(self.available)} that are free"
        size = " x ".join(map(str, found["size"]))
        of = "" if self.files == 1 else f" of each of {self.files} files"
        lines = [
            f"{found['images']} images{of} of {size} go through {found['way']}",
            f"Memory  {gib(self.peak)}{there}",
            f"Time    {duration(self.seconds)}",
            f"Disk    {gib(self.disk)}",
        ]
        if not self.fits:
            lines.append(
                "It may not fit. What takes less: --memory GIB (a volume in slabs, with the same "
                "result), --windows N, or a smaller --batch-size."
            )
        return "\n".join(lines)


def plan_translation(model, sources, output, *, options=None, files=(), **arguments):
    """Try a translation; nothing is written but in a folder that is removed.

    In a process of its own the file is read, cut, scaled and written as it will be, but only
    two batches of slices, or a part of the volume, go through the network. Times are this
    machine's, as busy as it is now.

    Parameters
    ----------
    model : Path
        An exported model.
    sources : dict of str to Path
        By the names of the network's inputs; of a folder the largest file.
    output : str
        Name of the file to be written.
    options : dict, optional
        Of `gan_mri.inference.translator.Translator`.
    files : sequence of Path
        All files of a folder.
    **arguments
        "reference", "samples", "memory", "windows", "batch_size" as `gan_mri.translate` takes
        them.

    Returns
    -------
    TranslationPlan

    Raises
    ------
    GanMriError
        As `gan_mri.translate`.
    """
    available = available_memory()
    request = {"model": model, "sources": sources, "output": output, "options": options or {}}
    found = run_apart(
        "gan_mri.planning.translation_trial", request | arguments, what="a translation"
    )
    return planned(found, available, times=_times(sources, files), files=max(len(files), 1))


def planned(found, available=None, *, times=1.0, files=1):
    """The plan of all files, from what the trial of one of them found.

    Parameters
    ----------
    found : dict
        See `gan_mri.planning.translation_trial.tried`.
    available : int, optional
    times : float
        How many files like it all of them are.
    files : int
    """
    return TranslationPlan(
        peak=found["peak"],
        available=available,
        seconds=times * found["seconds"],
        files=files,
        disk=int(times * found["disk"]),
        trial=found,
    )


def largest(files):
    """The file of a folder that takes the most, by its bytes on disk."""
    return max(files, key=lambda path: Path(path).stat().st_size)


def _times(sources, files):
    if not files:
        return 1.0
    (tried,) = set(map(Path, sources.values()))
    sizes = [Path(path).stat().st_size for path in files]
    return sum(sizes) / max(tried.stat().st_size, 1)
