"""Measure finished runs on their test subjects: `python -m gan_mri.evaluate`."""

import argparse
import os
from collections.abc import Iterable
from pathlib import Path

from tqdm import tqdm

from gan_mri.arguments import check_keras, checked
from gan_mri.commands import make_callable, run_command
from gan_mri.errors import GanMriError
from gan_mri.evaluation.protocols import protocol_named
from gan_mri.files import check_writable
from gan_mri.runs.run import Run


def evaluate(runs, *, data=None, out=None, protocol=None, progress=True):
    """Measure one run, or compare several, on the test subjects that they share.

    Every test image is translated in every direction of the run, and back again
    where there is a way back. The figures are those of paper 001 (MAE, PSNR,
    mutual information of z-scored images), and MAE, PSNR, SSIM in [-1, 1];
    `Evaluation.conventions` states the range, mask and unit of averaging of
    each. Where the test part holds no pairs there is no truth: then cycles and
    sharpness are measured. Runs on volumes are measured over whole volumes.

    A protocol measures in another way, under a name by which others can repeat it: it fixes the
    range of intensities, the mask and the window, and adds a page, `index.html`. `synthrad`,
    `brasyn` and `foreground` measure the volume that the translated slices are parts of;
    `welander` measures image by image, as paper 001. See `gan_mri.evaluation.protocols`.

    Of several runs the domains and the test images must be the same; a direction
    that some of them do not have is compared between the others.

    Parameters
    ----------
    runs : str, Path, gan_mri.runs.run.Run, or a sequence of them
        Finished run folders.
    data : str or Path, optional
        Other data with the same contrasts, see `gan_mri.runs.run.Run.load_data`.
        Default: what the runs were trained on.
    out : str or Path, optional
        The folder to write; files of an earlier evaluation in it are replaced,
        those of anybody else are refused.
        Default: `evaluation` in the run, or beside the first of several runs; under a
        protocol `evaluation-PROTOCOL`.
    protocol : {"welander", "brasyn", "synthrad", "foreground"}, optional
        Default: all measures above, image by image.
    progress : bool
        Show a progress bar.

    Returns
    -------
    gan_mri.evaluation.report.Evaluation

    Raises
    ------
    GanMriError
        If a folder is no finished run, the data hold no test part, the runs are
        not tested on the same images, the protocol does not fit them (such as synthrad where
        nothing is CT), or the folder cannot be written to; all of it before anything is measured.

    Examples
    --------
    >>> evaluation = evaluate(["runs/cyclegan", "runs/unit"])  # doctest: +SKIP
    >>> print(evaluation.table())  # doctest: +SKIP
    """
    check_keras()
    checked(data=data, out=out, progress=progress)
    protocol = protocol_named(protocol)
    runs = [run if isinstance(run, Run) else Run(run) for run in _listed(runs)]
    folder = _folder(runs, out, "evaluation" if protocol is None else f"evaluation-{protocol.name}")
    for run in runs:
        for direction in run.task.directions:
            run.exported(direction.name)

    # Here: wrong arguments are answered before TensorFlow is loaded.
    from gan_mri.evaluation.comparison import Comparison
    from gan_mri.evaluation.report import check_own

    # A folder beside several runs is nobody's own, as one in a run is the run's.
    given = out is not None or len(runs) > 1
    check_own(folder, given=given, page=protocol is not None)
    comparison = Comparison(runs, data, protocol)
    total = sum(map(len, comparison.cases))
    with tqdm(total=total, unit="image", disable=not progress, dynamic_ncols=True) as bar:
        comparison.measure(bar)
    return comparison.report(folder)


def _listed(runs):
    alone = isinstance(runs, (str, os.PathLike, Run)) or not isinstance(runs, Iterable)
    runs = [runs] if alone else list(runs)
    if not runs:
        raise GanMriError("evaluate: expected at least one run folder. Received: none.")
    for run in runs:
        if not isinstance(run, (str, os.PathLike, Run)):
            raise GanMriError(f"runs must be run folders, one or several. Received: {run!r}.")
    return runs


def _folder(runs, out, name):
    if out is not None:
        folder = Path(out)
    elif len(runs) == 1:
        folder = runs[0].folder / name
    else:
        folder = runs[0].folder.resolve().parent / name
    # os.path: a name that is too long does not exist, rather than being an error.
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise GanMriError(f"{folder}: expected a folder to write to. Received: a file.")
    if os.path.exists(folder / "config.json"):
        raise GanMriError(
            f"{folder}: expected a folder of its own for the evaluation. Received: a run folder, "
            "whose curves.png would be overwritten."
        )
    check_writable(folder, folder=True)
    return folder


def main(arguments):
    """The command line of `evaluate`."""
    parser = argparse.ArgumentParser(
        prog="python -m gan_mri.evaluate",
        description="Measure finished runs on their test subjects, and compare them.",
    )
    parser.add_argument("runs", nargs="+", metavar="RUN", help="a finished run folder")
    parser.add_argument("--data", help="other data with the same contrasts")
    parser.add_argument(
        "--out", help="default: RUN/evaluation, or evaluation beside the first of several runs"
    )
    parser.add_argument(
        "--protocol",
        metavar="NAME",
        help="range, mask and measures by name, over whole volumes: brasyn, synthrad (CT) or "
        "foreground; welander: image by image, as the paper",
    )
    options = parser.parse_args(arguments)
    evaluation = evaluate(
        options.runs, data=options.data, out=options.out, protocol=options.protocol
    )
    print(evaluation.table())
    for title, texts in _conventions(evaluation).items():
        print(f"\n{title}")
        for name, text in texts.items():
            print(f"  {name}: {text}")
    for note in evaluation.notes:
        print(f"\nNote: {note}")
    print(f"\nTables    {evaluation.folder}/*.csv, summary.json")
    if evaluation.protocol is not None:
        print(f"Page      {evaluation.folder}/index.html")
    for path in evaluation.figures.values():
        print(f"Figure    {path}")


def _conventions(evaluation):
    """How it was measured, for the terminal; what all measures of a protocol share, once."""
    protocol = evaluation.protocol
    if protocol is None:
        return {"Conventions": evaluation.conventions}
    record = protocol.to_record()
    shared = {name: record[name] for name in ("unit", "range", "mask", "window", "average")}
    return {f"Protocol {protocol.name}": shared, "Measures": protocol.metrics}


make_callable(__name__)

if __name__ == "__main__":
    run_command(main)
