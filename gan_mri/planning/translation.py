"""`translate --plan`: what a translation will take, found out by trying a part of it."""

import os
from pathlib import Path
from typing import NamedTuple

from gan_mri.data.files.limits import available_memory
from gan_mri.data.files.writers import name_of_output
from gan_mri.inference.choice import inputs_of
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
    seconds, processor_seconds : float
        Of all files: by the clock, and of all processors together.
    files : int
    disk : int
        Bytes of what is written; of a compressed file about.
    trial : dict
        See `gan_mri.planning.translation_trial.tried`.
    """

    peak: int
    available: int | None
    seconds: float
    processor_seconds: float
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
            f"Time    {duration(self.seconds)} "
            f"({duration(self.processor_seconds)} of processor time)",
            f"Disk    {gib(self.disk)}",
        ]
        if not self.fits:
            lines.append(
                "It may not fit. What takes less: --memory GIB (a volume in slabs, with the same "
                "result), --windows N, or a smaller --batch-size."
            )
        return "\n".join(lines)


def plan_translation(translator, source, inputs, output, files, *, trust=False, **arguments):
    """Try a translation; nothing is written but in a folder that is removed.

    In a process of its own the file is read, cut, scaled and written as it will be, but only
    two batches of slices, or a part of the volume, go through the network. Of a folder the
    largest file is tried. Times are this machine's, as busy as it is now.

    Parameters
    ----------
    translator : gan_mri.inference.translator.Translator
    source, inputs, output, trust
        As `gan_mri.translate` takes them.
    files : list of Path or None
        All files of `source`.
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
    tried, name = source, Path(output).name
    if source is not None and os.path.isdir(source):
        card = translator.card
        tried = max(files, key=lambda path: path.stat().st_size)
        name = name_of_output(tried, card.target_scaling.typical, channels=card.channels)
    sources = inputs_of(translator, tried, inputs)
    available = available_memory()
    request = {
        "model": translator.path,
        "sources": sources,
        "output": name,
        "options": {"trust": trust},
    }
    found = run_apart(
        "gan_mri.planning.translation_trial", request | arguments, what="a translation"
    )
    files = files or [None]
    sizes = [path.stat().st_size for path in files] if files[1:] else [1]
    return planned(found, available, times=sum(sizes) / max(sizes), files=len(files))


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
        processor_seconds=times * found["processor"],
        files=files,
        disk=int(times * found["disk"]),
        trial=found,
    )
