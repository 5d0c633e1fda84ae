"""Say what a translation does to lesions, for clinicians: `python -m gan_mri.lesions`."""

import argparse
from numbers import Integral
from pathlib import Path

from gan_mri.arguments import check_keras, checked, required
from gan_mri.commands import make_callable, run_command
from gan_mri.errors import GanMriError
from gan_mri.files import check_writable, replacing_folder
from gan_mri.free_names import check_free
from gan_mri.inference.choice import exported_model
from gan_mri.runs.run import Run
from gan_mri.trust.lesions.cases import chosen_cases, find_cases
from gan_mri.trust.lesions.contrast import Thresholds
from gan_mri.trust.lesions.invented import LEAST_VOLUME
from gan_mri.trust.lesions.setup import (
    bids_of,
    check_gray_translator,
    check_places,
    number_above_zero,
    record_of,
)


def lesions(
    run,
    *,
    masks,
    out,
    data=None,
    subjects=None,
    direction=None,
    target=None,
    checkpoint="last",
    mask_name=None,
    align=None,
    min_voxels=3,
    kept=0.5,
    lost=0.2,
    seen=1.0,
    min_volume=LEAST_VOLUME,
    batch_size=8,
    progress=True,
):
    """Translate subjects with known lesions, and report what became of them.

    For every lesion of a mask: its contrast in the real image of the target and in the
    translation, and the verdict kept, faded, lost or unseen; outside the masks: what looks like a
    lesion in the translation alone. `gan_mri.trust.lesions.contrast` and `invented` define it.

    | path           | what                                              |
    |----------------|---------------------------------------------------|
    | `index.html`   | the report, one page with its pictures            |
    | `lesions.csv`  | a row a lesion                                    |
    | `invented.csv` | a row an invented place                           |
    | `summary.json` | counts, volumes, options, versions                |
    | `*.png`        | the pictures of the page                          |

    Not for diagnosis.

    Parameters
    ----------
    run : str or Path
        A finished run folder.
    masks : str or Path
        A BIDS folder of masks, such as `derivatives/lesions`: NIfTI, lesions above 0.5.
    out : str or Path
        The folder to write. Must not exist.
    data : str or Path, optional
        A BIDS folder of the images; default: what the run was trained on.
    subjects : sequence of str, optional
        "26" or "sub-26"; default: those with a mask that the run was not trained on.
    direction, target : str, optional
        As `gan_mri.translate` takes them; default: the first direction.
    checkpoint : {"last", "best"}
    mask_name : str, optional
        Last words of the masks' names; default: "label-lesion_mask", else "mask".
    align : {"none", "headers"}, optional
        Whether the true image and the mask may lie on another grid than the source, to which
        they are brought by their headers. Default: as the run was trained.
    min_voxels : int
        Of a lesion.
    kept, lost : float
        Shares of the real contrast, `lost` below `kept`.
    seen : float
        The least contrast of a lesion in the real image that can be kept, in deviations of its
        surroundings.
    min_volume : float
        mm3 of an invented place.
    batch_size : int
        Slices at a time.
    progress : bool
        Show a progress bar.

    Returns
    -------
    gan_mri.trust.lesions.report.LesionReport

    Raises
    ------
    GanMriError
        For everything that the user can put right; nothing is written then.

    Examples
    --------
    >>> report = lesions("runs/t1-t2", data="bids", masks="bids/derivatives/lesions",
    ...                  out="report")  # doctest: +SKIP
    >>> report.summary["total"]["lost"]  # doctest: +SKIP
    """
    check_keras()
    required(run=run, out=out, checkpoint=checkpoint, batch_size=batch_size, progress=progress)
    checked(data=data, direction=direction, target=target)
    options = _options(masks, subjects, mask_name, align, min_voxels, min_volume)
    thresholds = _thresholds(kept, lost, seen)
    check_free(out)
    check_writable(Path(out), folder=True)
    run = Run(run)
    data = bids_of(run, data)
    exported = exported_model(run.folder, direction=direction, target=target, checkpoint=checkpoint)

    # Here: wrong arguments are answered before TensorFlow is loaded.
    from gan_mri.inference.translator import Translator
    from gan_mri.trust.lesions.report import LesionReport, measure_and_write

    translator = Translator(exported)
    check_gray_translator(translator, run)
    card = translator.card
    sources, made = tuple(card.inputs.values()), card.content["target"]
    found = find_cases(Path(data), Path(masks), sources=sources, target=made, mask_name=mask_name)
    cases, trained_on = chosen_cases(found, run, subjects)
    align = align or card.align
    about = {"data": data, "masks": masks, "cases": cases, "trained_on": trained_on}
    said = {**options, **thresholds._asdict(), "align": align, "checkpoint": checkpoint}
    record = record_of(run, translator, **about, options=said)
    with replacing_folder(out, new=True) as unfinished:
        rows, places, summary = measure_and_write(
            unfinished,
            cases,
            translator,
            record=record,
            thresholds=thresholds,
            min_voxels=options["min_voxels"],
            min_volume=options["min_volume"],
            align=align,
            batch_size=batch_size,
            progress=progress,
        )
    return LesionReport(Path(out), rows, places, summary)


def _options(masks, subjects, mask_name, align, min_voxels, min_volume):
    """What `gan_mri.arguments` does not know, of the kinds that it must be."""
    check_places(masks, subjects, mask_name, align, need_masks=True)
    if not isinstance(min_voxels, Integral) or isinstance(min_voxels, bool) or min_voxels < 1:
        raise GanMriError(f"min_voxels must be a whole number from 1. Received: {min_voxels!r}.")
    return {
        "min_voxels": int(min_voxels),
        "min_volume": number_above_zero("min_volume", min_volume),
        "mask_name": mask_name,
    }


def _thresholds(kept, lost, seen):
    given = {"kept": kept, "lost": lost, "seen": seen}
    found = Thresholds(**{name: number_above_zero(name, value) for name, value in given.items()})
    if found.lost >= found.kept:
        raise GanMriError(
            f"lost must be below kept, shares of the real contrast. Received: lost {lost!r}, kept "
            f"{kept!r}."
        )
    return found


def main(arguments):
    """The command line of `lesions`."""
    parser = argparse.ArgumentParser(
        prog="python -m gan_mri.lesions",
        description="Report which lesions a translation keeps, fades, loses and invents. Not for "
        "diagnosis.",
    )
    parser.add_argument("run", metavar="RUN", help="a finished run folder")
    parser.add_argument("--data", help="BIDS folder of images; default: the run's own")
    parser.add_argument("--masks", required=True, help="BIDS folder of masks of lesions")
    parser.add_argument("--out", required=True, help="the folder to write; must not exist")
    parser.add_argument(
        "--subjects", nargs="+", metavar="LABEL", help="default: those that are new to the run"
    )
    parser.add_argument("--direction", help="such as A2B or B2A; default: the first")
    parser.add_argument("--target", metavar="CONTRAST", help="what to make")
    parser.add_argument("--checkpoint", default="last", help="last (default) or best")
    parser.add_argument(
        "--mask-name", metavar="WORDS", help="last words of the masks' names: label-lesion_mask"
    )
    parser.add_argument(
        "--align", help="headers: bring true image and mask to the source's grid; or none"
    )
    parser.add_argument(
        "--min-voxels", type=int, default=3, metavar="N", help="of a lesion (default 3)"
    )
    parser.add_argument(
        "--kept", type=float, default=0.5, help="least share of the real contrast (default 0.5)"
    )
    parser.add_argument(
        "--lost", type=float, default=0.2, help="below this share a lesion is lost (default 0.2)"
    )
    parser.add_argument(
        "--seen",
        type=float,
        default=1.0,
        help="least real contrast, in deviations of its surroundings (default 1)",
    )
    parser.add_argument(
        "--min-volume",
        type=float,
        default=LEAST_VOLUME,
        metavar="MM3",
        help=f"of an invented place (default {LEAST_VOLUME:g})",
    )
    parser.add_argument("--batch-size", type=int, default=8, help="slices at a time")
    report = lesions(**vars(parser.parse_args(arguments)))
    print(report.table())
    print(f"\nPage      {report.folder}/index.html")
    print(f"Tables    {report.folder}/lesions.csv, invented.csv, summary.json")


make_callable(__name__)

if __name__ == "__main__":
    run_command(main)
