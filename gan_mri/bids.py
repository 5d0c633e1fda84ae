"""Translate a whole BIDS data set, as a BIDS App: `python -m gan_mri.bids`."""

import argparse
from pathlib import Path

from gan_mri.arguments import check_keras, checked, required
from gan_mri.commands import make_callable, run_command
from gan_mri.derivatives.sources import find_sources
from gan_mri.errors import GanMriError
from gan_mri.files import check_writable
from gan_mri.inference.choice import exported_model


def bids(
    bids_dir,
    output_dir,
    *,
    model,
    participant_label=None,
    session_label=None,
    direction=None,
    target=None,
    checkpoint="last",
    samples=0,
    vary=False,
    batch_size=8,
    memory=None,
    check=True,
    progress=True,
):
    """Translate all images of a BIDS data set, and write them as BIDS derivatives.

    Of every subject, session and run that has the contrasts which the model takes, an image
    `sub-07_ses-1_run-2_desc-synthetic_T2w.nii.gz` is made, on the grid of its source, with a
    JSON file beside it: sources (BIDS URIs), model and its checksum, versions, warnings. Every
    subject gets a page, `sub-07.html`, with planes of source and result.

    What was done before, by the same model from the same sources, is left as it is, so the
    same command goes on where it was stopped. What fails is told at the end, and the rest
    is done.

    Parameters
    ----------
    bids_dir : str or Path
        A BIDS folder; nothing is written there.
    output_dir : str or Path
        New, empty, or of an earlier run: its dataset_description.json names gan_mri.
    model : str or Path
        A run folder, or one of its SavedModels.
    participant_label, session_label : sequence of str, optional
        With or without `sub-` and `ses-`; default: all.
    direction, target, checkpoint, samples, vary, batch_size, memory, check
        As for `gan_mri.translate`. With `samples` or `vary` the standard deviation is
        `..._desc-syntheticSD_T2w.nii.gz`, and is on the page. What `check` warns of stands in the
        JSON file and on the page.
    progress : bool
        Show a progress bar.

    Returns
    -------
    gan_mri.derivatives.participant.Outcome
        Images made and kept, and what failed.

    Raises
    ------
    GanMriError
        If nothing could be begun: no such files, labels or model, a folder of somebody else.

    Examples
    --------
    >>> bids("study", "study/derivatives/gan_mri", model="runs/t1-t2")  # doctest: +SKIP
    """
    check_keras()
    required(bids_dir=bids_dir, output_dir=output_dir, model=model)
    required(checkpoint=checkpoint, check=check, progress=progress)
    checked(direction=direction, target=target)
    samples, batch_size = required(samples=samples, batch_size=batch_size).values()
    (vary,) = required(vary=vary).values()
    if vary and samples:
        raise GanMriError(
            f"samples: expected none with vary, which is another spread. Received: {samples}."
        )
    labels = checked(participant_label=participant_label, session_label=session_label)
    (memory,) = checked(memory=memory).values()
    source, output = Path(bids_dir), Path(output_dir)
    if not source.is_dir():
        raise GanMriError(f"{source}: expected a BIDS folder. Received: no folder of that name.")
    check_writable(output, folder=True)
    exported = exported_model(
        Path(model), direction=direction, target=target, checkpoint=checkpoint
    )

    # Here: wrong arguments are answered before TensorFlow is loaded.
    from gan_mri.derivatives.dataset import open_dataset
    from gan_mri.derivatives.participant import translate_participants
    from gan_mri.inference.passes import Pass
    from gan_mri.inference.translator import Translator
    from gan_mri.inference.variations import together

    translator = Translator(exported)
    card = translator.card
    if card.direction.noise or translator.takes_reference:
        raise GanMriError(
            f"{exported}: expected a model that makes an image of MR images alone. Received one "
            "that needs noise or a reference image."
        )
    translates = together([Pass(translator, samples=samples, memory=memory)], vary=vary)
    found = find_sources(
        source,
        card.inputs,
        optional=card.optional,
        participants=labels["participant_label"],
        sessions=labels["session_label"],
    )
    open_dataset(output, source)
    return translate_participants(
        found,
        translator,
        translates,
        source,
        output,
        progress=progress,
        drawn="mirrored and shifted" if vary else "stochastic",
        samples=translates.draws if vary else samples,
        batch_size=batch_size,
        check=check,
    )


def main(arguments):
    """The command line of `bids`; status 1 if some images could not be made."""
    parser = argparse.ArgumentParser(
        prog="python -m gan_mri.bids",
        description="Translate the images of a BIDS data set and write BIDS derivatives.",
    )
    parser.add_argument("bids_dir", help="the data set; nothing is written there")
    parser.add_argument("output_dir", help="folder of the derivatives; a second run goes on")
    parser.add_argument("level", choices=["participant"], help="of the analysis")
    parser.add_argument("--model", required=True, help="a run folder, or a SavedModel of one")
    for name, what in (("participant", "sub-"), ("session", "ses-")):
        parser.add_argument(
            f"--{name}-label",
            f"--{name}_label",
            nargs="+",
            metavar="LABEL",
            help=f"with or without {what}; default: all",
        )
    parser.add_argument("--direction", help="such as A2B or B2A; default: the first")
    parser.add_argument("--target", metavar="CONTRAST", help="what to make, instead")
    parser.add_argument("--checkpoint", default="last", help="last (default) or best")
    parser.add_argument(
        "--samples", type=int, default=0, metavar="N", help="of a model with noise: mean of N"
    )
    parser.add_argument(
        "--vary", action="store_true", help="mirrored and shifted copies too: mean and deviation"
    )
    parser.add_argument("--batch-size", type=int, default=8, help="slices at a time")
    parser.add_argument(
        "--memory", type=float, metavar="GIB", help="bound for a volume in a network of volumes"
    )
    parser.add_argument(
        "--no-check",
        dest="check",
        action="store_false",
        help="do not warn of doubtful headers and of inputs unlike the training images",
    )
    options = vars(parser.parse_args(arguments))
    options.pop("level")
    outcome = bids(**options)
    print(
        f"{len(outcome.made)} made, {len(outcome.kept)} there already, "
        f"{len(outcome.failed)} failed: {options['output_dir']}"
    )
    for name, why in outcome.failed:
        print(f"failed: {name}: {why}")
    if outcome.failed:
        raise SystemExit(1)


make_callable(__name__)

if __name__ == "__main__":
    run_command(main)
