"""Check images before they are translated: `python -m gan_mri.check MODEL INPUT...`"""

import argparse
import os
from pathlib import Path
from typing import NamedTuple

from gan_mri.arguments import check_keras, checked, required
from gan_mri.commands import make_callable, run_command
from gan_mri.data.images.grid import describe_grid, same_grid
from gan_mri.errors import GanMriError
from gan_mri.inference.card import Card
from gan_mri.inference.choice import exported_model, files_of, inputs_of


class Report(NamedTuple):
    """What was found about one file.

    Attributes
    ----------
    path : Path
    findings : list of gan_mri.trust.checks.finding.Finding
        Doubts; empty if there are none.
    error : str or None
        Why the file cannot be translated by the model, or be read.
    """

    path: Path
    findings: list
    error: str | None = None

    def __str__(self):
        if self.error is not None:
            return f"{self.path}: cannot be translated\n\n  {self.error}"
        count = len(self.findings)
        head = f"{self.path}: {count or 'no'} doubt{'s' * (count != 1)}"
        return "\n\n".join([head, *(f"  {finding}" for finding in self.findings)])


class Reports(list):
    """One `Report` a file.

    Attributes
    ----------
    ranges : bool
        Whether the model's card has ranges of training images; without them only headers were
        checked.
    status : int
        0 without doubts, 1 with some, 2 where a file cannot be translated.
    """

    ranges = True

    @property
    def status(self):
        if any(report.error is not None for report in self):
            return 2
        return 1 if any(report.findings for report in self) else 0


class _Model(NamedTuple):
    """As much of a `gan_mri.inference.translator.Translator` as needs no TensorFlow."""

    path: Path
    card: Card


def check(model, source=None, *, inputs=None, direction=None, target=None, checkpoint="last"):
    """Look for what speaks against translating images with a model.

    The header (does it say how the volume lies, do sform and qform agree, is the head's plane of
    symmetry between left and right), and the image against the training images of the model:
    voxel size, field of view, place, foreground, extent of the head, skull, intensities, contrast,
    bias field, noise and blur. The model's card has the ranges of the training images; cards of
    older versions have none, and only headers are checked then. Needs no TensorFlow. Nothing is
    written.

    A mirrored image whose header was mirrored with it cannot be found out: heads are symmetrical.

    Parameters
    ----------
    model : str or Path
        A run folder, or one of its SavedModels.
    source : path, or sequence of paths, optional
        Files, and folders of files, for a model of one source.
    inputs : dict of str to path, optional
        For a model of several sources: files by contrast, as for `gan_mri.translate`.
    direction, target, checkpoint
        As for `gan_mri.translate`.

    Returns
    -------
    Reports
        A `Report` for every file, in their order.

    Raises
    ------
    GanMriError
        For arguments that the user can put right. What is wrong with one of the files stands in
        its report.

    Examples
    --------
    >>> for report in check("runs/t1-t2", ["sub-01_T1w.nii.gz"]):  # doctest: +SKIP
    ...     print(report)
    """
    check_keras()
    required(model=model, checkpoint=checkpoint)
    checked(direction=direction, target=target)
    inputs = checked(inputs=inputs)["inputs"]
    sources = _sources(source, inputs)
    exported = exported_model(
        Path(model), direction=direction, target=target, checkpoint=checkpoint
    )
    known = _Model(exported, Card.read(exported))
    if sources is None:
        files = [inputs_of(known, None, inputs)]
    else:
        listed = [path for place in sources for path in files_of(place)]
        files = [inputs_of(known, path, None) for path in listed]
    reports = Reports(report for one in files for report in _checked(one, known))
    reports.ranges = all(one is not None for one in known.card.trained_on.values())
    return reports


def _sources(source, inputs):
    """The files and folders of a model of one source; None for `inputs`."""
    if inputs is not None and source is None:
        return None
    sources = [source] if isinstance(source, (str, os.PathLike)) else source
    good = inputs is None and isinstance(sources, (list, tuple)) and len(sources) > 0
    if not good:
        raise GanMriError(
            "check: expected files or folders, or inputs by contrast (--inputs T1w=FILE "
            f"T2w=FILE). Received: {source!r}, inputs {inputs}."
        )
    return [Path(required(source=one)["source"]) for one in sources]


def _checked(files, model):
    """A report for every input of one translation."""
    # Here: wrong arguments are answered before what reads images is loaded.
    from gan_mri.data.files.readers import read_image
    from gan_mri.inference.images import check_images
    from gan_mri.trust.checks.inputs import doubts
    from gan_mri.trust.checks.looks import grid_seen

    reports, first = [], None
    for name, path in files.items():
        try:
            image = read_image(path)
            check_images({name: image}, model)
            if image.is_volume and model.card.align == "none":
                grid = grid_seen(image, model.card.view)
                first = first or (path, grid)
                if not same_grid(grid, first[1]):
                    raise GanMriError(
                        f"{path}: expected the grid of {first[0]}, {describe_grid(first[1])}. "
                        f"Received: {describe_grid(grid)}. Resample one onto the other."
                    )
            reports.append(Report(path, doubts(image, model.card, name)))
        except GanMriError as error:
            reports.append(Report(path, [], str(error)))
    return reports


def main(arguments):
    """The command line of `check`; status 1 for doubts, 2 for what cannot be translated."""
    parser = argparse.ArgumentParser(
        prog="python -m gan_mri.check",
        usage="%(prog)s [options] MODEL INPUT ...\n       %(prog)s [options] MODEL --inputs "
        "CONTRAST=FILE ...",
        description="Compare images with those that a model was trained on, and look at their "
        "headers, before they are translated.",
        epilog="Status 0: no doubts; 1: doubts; 2: something cannot be translated.",
    )
    parser.add_argument("model", help="a run folder, or a SavedModel of one")
    parser.add_argument("source", nargs="*", metavar="INPUT", help="files, or folders of files")
    parser.add_argument(
        "--inputs",
        nargs="+",
        metavar="CONTRAST=FILE",
        help="of a model of several sources: a file of each, such as T1w=a.nii.gz T2w=b.nii.gz",
    )
    parser.add_argument("--direction", help="such as A2B or B2A; default: the first")
    parser.add_argument("--target", metavar="CONTRAST", help="what the model makes, instead")
    parser.add_argument("--checkpoint", default="last", help="last (default) or best")
    options = vars(parser.parse_intermixed_args(arguments))
    options["source"] = options["source"] or None
    if options["inputs"] is not None:
        options["inputs"] = _by_contrast(options["inputs"])
    reports = check(**options)
    if not reports.ranges:
        print(
            f"{options['model']}: its card has no ranges of training images (it was exported by "
            "an older version), so that only headers are checked.\n"
        )
    print("\n\n".join(map(str, reports)))
    if reports.status:
        raise SystemExit(reports.status)


def _by_contrast(words):
    named = dict(word.split("=", 1) for word in words if "=" in word)
    if len(named) < len(words):
        raise GanMriError(
            "--inputs: expected CONTRAST=FILE, one file of each contrast. Received: "
            f"{' '.join(words)}."
        )
    return named


make_callable(__name__)

if __name__ == "__main__":
    run_command(main)
