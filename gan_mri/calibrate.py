"""Measure whether a translation's deviation tells its error: `python -m gan_mri.calibrate`."""

import argparse
from pathlib import Path

from tqdm import tqdm

from gan_mri.arguments import check_keras, checked, required
from gan_mri.commands import make_callable, run_command
from gan_mri.errors import GanMriError
from gan_mri.files import check_writable
from gan_mri.runs.run import Run


def calibrate(runs, *, samples=0, vary=False, data=None, out=None, progress=True):
    """Measure on test subjects whether the standard deviation of translations tells their error.

    The deviation is that of `gan_mri.translate` with the same arguments: between several runs (an
    ensemble: the same recipe and data, other seeds), between an image and its mirrored and
    shifted copies (`vary`), between both, or between stochastic passes (`samples`).

    Parameters
    ----------
    runs : str, Path, gan_mri.runs.run.Run, or a sequence of them
        Finished run folders, which are taken together as one model.
    samples : int
        Stochastic passes of one run with noise or dropout.
    vary : bool
        Mirrored and shifted copies.
    data : str or Path, optional
        Other data with the same contrasts; default: what the run was trained on.
    out : str or Path, optional
        The folder to write; default: `calibration` in the run, or beside the first of several.
    progress : bool
        Show a progress bar.

    Returns
    -------
    report : gan_mri.trust.calibration.report.Report
    page : Path

    Raises
    ------
    GanMriError
        If there is nothing that could differ (one run, without `vary` or `samples`), the test
        part holds no pairs, or a folder is no finished run.

    Examples
    --------
    >>> report, page = calibrate(["runs/seed-0", "runs/seed-1"], vary=True)  # doctest: +SKIP
    """
    check_keras()
    samples, vary = required(samples=samples, vary=vary).values()
    required(progress=progress)
    checked(data=data, out=out)
    alone = isinstance(runs, (str, Path, Run))
    runs = [run if isinstance(run, Run) else Run(run) for run in ([runs] if alone else runs)]
    if len(runs) == 1 and not vary and not samples:
        raise GanMriError(
            "calibrate: expected several runs, --vary, or --samples N of a model with noise or "
            "dropout: without any of them every pass is the same. Received one run."
        )
    if samples and (vary or len(runs) > 1):
        raise GanMriError(
            "samples: expected one run, without --vary, whose stochastic passes differ. Received: "
            f"samples {samples}, {len(runs)} run(s), vary {vary}."
        )
    beside = runs[0].folder if len(runs) == 1 else runs[0].folder.resolve().parent
    folder = beside / "calibration" if out is None else Path(out)
    check_writable(folder, folder=True)

    # Here: wrong arguments are answered before TensorFlow is loaded.
    from gan_mri.evaluation.comparison import Comparison
    from gan_mri.trust.calibration.collect import collect, spread_of
    from gan_mri.trust.calibration.report import Report

    cases = Comparison(runs, data).cases[0]
    ways = {name: way for name, way in cases.ways.items() if name not in cases.unpaired}
    if not ways:
        raise GanMriError(
            f"{runs[0].folder}: expected test subjects with the true image of what is made, to "
            "tell errors. Received none."
        )
    spreads = {name: spread_of(runs, name, cases, samples=samples, vary=vary) for name in ways}
    count = sum(name in ways for name, *_ in cases.identity)
    with tqdm(total=count, unit="image", disable=not progress, dynamic_ncols=True) as bar:
        collected = {name: collect(spreads[name], name, cases, bar) for name in ways}
    report = Report(collected, ways, _words(len(runs), samples, vary))
    return report, report.write(folder)


def _words(runs, samples, vary):
    if samples:
        return f"{samples} stochastic passes"
    parts = [f"{runs} runs"] if runs > 1 else []
    return " and ".join(parts + ["mirrored and shifted copies"] * vary)


def main(arguments):
    """The command line of `calibrate`."""
    parser = argparse.ArgumentParser(
        prog="python -m gan_mri.calibrate",
        description="Measure whether the deviation of translations tells their error.",
    )
    parser.add_argument(
        "runs", nargs="+", metavar="RUN", help="a finished run folder; several: an ensemble"
    )
    parser.add_argument("--vary", action="store_true", help="mirrored and shifted copies, too")
    parser.add_argument("--samples", type=int, default=0, metavar="N", help="stochastic passes")
    parser.add_argument("--data", help="other data with the same contrasts")
    parser.add_argument("--out", help="default: RUN/calibration, or beside the first of several")
    report, page = calibrate(**vars(parser.parse_args(arguments)))
    print(report.table().to_text())
    print(f"\nPage  {page}")


make_callable(__name__)

if __name__ == "__main__":
    run_command(main)
