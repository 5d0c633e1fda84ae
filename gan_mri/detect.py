"""Show where images differ from what a model expects: `python -m gan_mri.detect`."""

import argparse
from pathlib import Path

from gan_mri.arguments import check_keras, checked, required
from gan_mri.commands import make_callable, run_command
from gan_mri.errors import GanMriError
from gan_mri.files import check_writable, replacing_folder
from gan_mri.free_names import check_free
from gan_mri.inference.choice import exported_model
from gan_mri.runs.run import Run
from gan_mri.trust.detection.maps import WIDTH
from gan_mri.trust.detection.way_back import way_back
from gan_mri.trust.lesions.cases import chosen_cases, find_cases
from gan_mri.trust.lesions.setup import (
    bids_of,
    check_gray_translator,
    check_places,
    number_from_zero,
    record_of,
)


def detect(
    run,
    *,
    out,
    masks=None,
    data=None,
    subjects=None,
    direction=None,
    target=None,
    checkpoint="last",
    mask_name=None,
    align=None,
    smooth=WIDTH,
    batch_size=8,
    progress=True,
):
    """Make difference maps of new subjects, and measure how well they find known lesions.

    A model that was trained on healthy people draws healthy images. Where a patient's image
    differs from what the model makes of it, there may be a lesion (paper 003, "Abnormality
    detection"). Two maps: the source against itself translated there and back, which needs no
    second image and no registration; and the true target against the translation, where the true
    target is there. `gan_mri.trust.detection.maps` defines them.

    | path            | what                                                            |
    |-----------------|-----------------------------------------------------------------|
    | `index.html`    | the page, with its pictures                                     |
    | `maps/`         | signed and absolute maps, NIfTI on the grid of the source       |
    | `detection.csv` | ROC AUC and best Dice of every subject, map and score           |
    | `summary.json`  | their means, options, versions                                  |
    | `*.png`         | the pictures of the page                                        |

    Not for diagnosis.

    Parameters
    ----------
    run : str or Path
        A finished run folder.
    out : str or Path
        The folder to write. Must not exist.
    masks : str or Path, optional
        A BIDS folder of masks, such as `derivatives/lesions`: NIfTI, lesions above 0.5. Subjects
        without a mask get maps alone.
    data : str or Path, optional
        A BIDS folder of the images; default: what the run was trained on.
    subjects : sequence of str, optional
        "26" or "sub-26"; default: those that the run was not trained on.
    direction, target : str, optional
        As `gan_mri.translate` takes them; default: the first direction.
    checkpoint : {"last", "best"}
    mask_name : str, optional
        Last words of the masks' names; default: "label-lesion_mask", else "mask".
    align : {"none", "headers"}, optional
        Whether the true target and the mask may lie on another grid than the source, to which
        they are brought by their headers. Default: as the run was trained.
    smooth : float
        Standard deviation in mm of the Gaussian that smooths the differences; 0: none.
    batch_size : int
        Slices at a time.
    progress : bool
        Show a progress bar.

    Returns
    -------
    gan_mri.trust.detection.report.Detection

    Raises
    ------
    GanMriError
        For everything that the user can put right; nothing is written then.

    Examples
    --------
    >>> found = detect("runs/healthy", data="bids", masks="bids/derivatives/lesions",
    ...                out="maps")  # doctest: +SKIP
    >>> found.rows[0]["auc"]  # doctest: +SKIP
    """
    check_keras()
    required(run=run, out=out, checkpoint=checkpoint, batch_size=batch_size, progress=progress)
    checked(data=data, direction=direction, target=target)
    check_places(masks, subjects, mask_name, align)
    smooth = number_from_zero("smooth", smooth)
    check_free(out)
    check_writable(Path(out), folder=True)
    run = Run(run)
    data = bids_of(run, data)
    exported = exported_model(run.folder, direction=direction, target=target, checkpoint=checkpoint)

    # Here: wrong arguments are answered before TensorFlow is loaded.
    from gan_mri.inference.translator import Translator
    from gan_mri.trust.detection.report import Detection, measure_and_write
    from gan_mri.trust.lesions.volumes import has_lesions

    translator = Translator(exported)
    check_gray_translator(translator, run)
    card = translator.card
    found = find_cases(
        Path(data),
        None if masks is None else Path(masks),
        sources=tuple(card.inputs.values()),
        target=card.content["target"],
        mask_name=mask_name,
        complete=False,
    )
    cases, trained_on = chosen_cases(found, run, subjects)
    if masks is not None and all(case.mask is None for case in cases):
        raise GanMriError(
            f"{masks}: expected a mask of lesions of {', '.join(case.label for case in cases[:5])}"
            f"{' ...' if len(cases) > 5 else ''}. Received none. Without --masks the maps are made "
            "alone."
        )
    back = _translator_back(run, card, checkpoint)
    if back is None and all(case.truth is None for case in cases):
        raise GanMriError(
            f"{run.folder}: expected a model that translates back, or true images of "
            f"{card.content['target']} to compare with. Received neither."
        )
    parts = run.config["data"]["subjects"]
    seen = [case for case in found if case.subject in {*parts["train"], *parts["validation"]}]
    align = align or card.align
    options = {"smooth": smooth, "mask_name": mask_name, "align": align, "checkpoint": checkpoint}
    about = {"data": data, "masks": masks, "cases": cases, "trained_on": trained_on}
    record = record_of(run, translator, **about, options=options) | {
        "trained_with_lesions": [
            case.label for case in seen if case.mask is not None and has_lesions(case.mask)
        ]
    }
    with replacing_folder(out, new=True) as unfinished:
        rows, summary = measure_and_write(
            unfinished,
            cases,
            translator,
            back,
            record=record,
            smooth=smooth,
            align=align,
            batch_size=batch_size,
            progress=progress,
        )
    return Detection(Path(out), rows, summary)


def _translator_back(run, card, checkpoint):
    """The model that leads back, or None where there is none that takes the translation alone."""
    way = way_back(run, card.direction)
    if way is None:
        return None
    from gan_mri.inference.translator import Translator

    back = Translator(exported_model(run.folder, direction=way.name, checkpoint=checkpoint))
    # Neighbouring slices of a translation are not in the batch, and references not at hand.
    alone = not back.takes_reference and not any(back.card.neighbours.values())
    return back if alone and back.card.channels == 1 else None


def main(arguments):
    """The command line of `detect`."""
    parser = argparse.ArgumentParser(
        prog="python -m gan_mri.detect",
        description="Write maps of where images differ from what a model of healthy people makes "
        "of them. Not for diagnosis.",
    )
    parser.add_argument("run", metavar="RUN", help="a finished run folder")
    parser.add_argument("--data", help="BIDS folder of images; default: the run's own")
    parser.add_argument("--masks", help="BIDS folder of masks of lesions, to measure the maps")
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
        "--align", help="headers: bring true target and mask to the source's grid; or none"
    )
    parser.add_argument(
        "--smooth",
        type=float,
        default=WIDTH,
        metavar="MM",
        help=f"standard deviation of the Gaussian on the differences (default {WIDTH:g}; 0: none)",
    )
    parser.add_argument("--batch-size", type=int, default=8, help="slices at a time")
    found = detect(**vars(parser.parse_args(arguments)))
    if found.rows:
        print(found.table())
    print(f"\nPage      {found.folder}/index.html")
    print(f"Maps      {found.folder}/maps")
    print(f"Tables    {found.folder}/detection.csv, summary.json")


make_callable(__name__)

if __name__ == "__main__":
    run_command(main)
