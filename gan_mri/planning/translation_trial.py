"""A translation tried out: everything is done but most of the network's work.

Run in a process of its own, `python -m gan_mri.planning.translation_trial`, whose memory is then
that of a translation. The request comes as JSON on standard input; what was measured goes as
JSON to the last line of standard output.
"""

import json
import math
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from gan_mri.commands import run_command
from gan_mri.inference.files import translate_file
from gan_mri.inference.passes import Pass
from gan_mri.inference.reference import read_reference
from gan_mri.inference.translator import Translator
from gan_mri.planning.resident import resident

#: Batches of slices that are translated: the first is traced, the second timed.
_BATCHES = 2

#: A volume is tried on a part of it, of half its sides, but no shorter than this.
_LEAST_SIDE = 32


class Clock:
    """Seconds since it was made, and what the process has used of the processors."""

    def __init__(self):
        self._begun = time.perf_counter(), time.process_time()

    @property
    def seconds(self):
        """By the clock."""
        return time.perf_counter() - self._begun[0]

    @property
    def processor(self):
        """Of all processors together."""
        return time.process_time() - self._begun[1]


class TriedPass:
    """In place of a `gan_mri.inference.passes.Pass`: translates little, and measures that.

    Of slices two batches are translated; the others get what these became, so that all that
    is done with them, and the file, are as large as they will be. Of a volume a part is
    translated, and the volume itself goes on.

    Parameters
    ----------
    translates : gan_mri.inference.passes.Pass
    rank : {2, 3}
    windows : tuple of int or None
        As `Pass` has them.

    Attributes
    ----------
    way : str
        How images go through, in words.
    size : tuple of int
        Of an image, as the network sees it.
    images : int
        That were asked for.
    batches : int
    seconds : float
        That the network's work on all of them will take.
    processor : float
        The same of all processors together.
    spent, used : float
        Seconds, and of the processors, that were spent here.
    needed : int
        Bytes of the process at its most inside the network, where a plan says it; else 0.
    """

    def __init__(self, translates, rank, windows=None):
        self._translates, self._rank, self._windows = translates, rank, windows
        self._made = None
        self.way, self.size, self.images, self.batches = "", (), 0, 0
        self.seconds = self.processor = self.spent = self.used = 0.0
        self.needed = 0

    def __call__(self, batches):
        """As `Pass` does."""
        begun = Clock()
        first = next(iter(batches.values()))
        self.size = first.shape[1:-1]
        self.images += len(first)
        self.batches += 1
        made = self._volume(batches) if self._rank == 3 else self._slices(batches)
        self.spent += begun.seconds
        self.used += begun.processor
        return made

    def _slices(self, batches):
        if self.batches <= _BATCHES:
            self.way, _ = self._translates.way(batches)
            begun = Clock()
            self._made = self._translates(batches)
            self._one = begun.seconds, begun.processor
        self._count(1, *self._one)
        count = len(next(iter(batches.values())))
        return tuple(
            None if one is None else np.resize(one, (count, *one.shape[1:])) for one in self._made
        )

    def _count(self, times, seconds, processor):
        self.seconds += times * seconds
        self.processor += times * processor

    def _volume(self, batches):
        before = resident() or 0
        self.way, needed = self._translates.way(batches)
        part, times = self._part(batches)
        for _ in range(2):  # the first is traced
            begun = Clock()
            mean, deviation = self._translates(part)
            one = begun.seconds, begun.processor
        self._count(times, *one)
        if needed is None:
            # What the part took, for as many.
            needed = times * max((resident(peak=True) or 0) - before, 0)
        self.needed = max(self.needed, before + int(needed))
        whole = next(iter(batches.values()))[..., : mean.shape[-1]]
        return whole.copy(), None if deviation is None else np.abs(whole)

    def _part(self, batches):
        """The middle of a volume, and how many of it are as much work as the whole."""
        space = next(iter(batches.values())).shape[1:-1]
        if self._windows:
            size = tuple(map(min, self._windows, space))
            # Every window covers half of the one before.
            times = math.prod(
                1 + math.ceil((side - length) / (length / 2)) for side, length in zip(space, size)
            )
        else:
            size = tuple(max(side // 2, min(side, _LEAST_SIDE)) for side in space)
            times = math.prod(space) / math.prod(size)
        place = tuple(
            slice((side - length) // 2, (side - length) // 2 + length)
            for side, length in zip(space, size)
        )
        return {name: batch[(slice(None), *place)] for name, batch in batches.items()}, times


def tried(request):
    """Translate one file for a trial.

    Parameters
    ----------
    request : dict
        "model", the folder of an exported model; "sources", paths by input; "output", a file
        name; "options" of `Translator`; "reference", "samples", "memory", "windows",
        "batch_size" as `gan_mri.translate` takes them.

    Returns
    -------
    dict
        JSON-able: "way", "size", "images", "batches", "peak" in bytes, "seconds", "processor"
        (seconds of all processors together), "disk" in bytes.
    """
    translator = Translator(request["model"], **request["options"])
    reference = request["reference"]
    if reference is not None:
        reference = read_reference(reference, translator)
    rank, windows = translator.card.view.rank, request["windows"]
    translates = Pass(
        translator,
        reference=reference,
        samples=request["samples"],
        memory=request["memory"],
        windows=windows,
    )
    tries = TriedPass(translates, rank, windows)
    sources = {name: Path(path) for name, path in request["sources"].items()}
    with tempfile.TemporaryDirectory(prefix="gan_mri_plan_") as folder:
        output = Path(folder) / request["output"]
        begun = Clock()
        translate_file(
            translator,
            tries,
            sources,
            output,
            samples=request["samples"],
            batch_size=request["batch_size"],
            progress=False,
        )
        seconds = begun.seconds - tries.spent + tries.seconds
        processor = begun.processor - tries.used + tries.processor
        disk = sum(file.stat().st_size for file in Path(folder).iterdir())
    return {
        "way": tries.way,
        "size": list(tries.size),
        "images": tries.images,
        "batches": tries.batches,
        "peak": max(resident(peak=True) or 0, tries.needed),
        "seconds": seconds,
        "processor": processor,
        "disk": disk,
    }


def main(arguments):
    """Read the request, try, answer."""
    print(json.dumps(tried(json.load(sys.stdin))))


if __name__ == "__main__":
    run_command(main)
