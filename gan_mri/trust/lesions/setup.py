"""What commands on patients and masks ask of their arguments, and of the model."""

import os
from numbers import Real

from gan_mri.errors import GanMriError


def check_places(masks, subjects, mask_name, align, *, need_masks=False):
    """Refuse what is no path of masks, no labels of subjects, no name, no way to align.

    Raises
    ------
    GanMriError
        Naming the argument.
    """
    if (masks is not None or need_masks) and not isinstance(masks, (str, os.PathLike)):
        raise GanMriError(f"masks must be a path, one text. Received: {masks!r}.")
    words = subjects is None or (
        isinstance(subjects, (list, tuple)) and all(isinstance(one, str) for one in subjects)
    )
    if not words:
        raise GanMriError(f"subjects must be labels, such as ('07', '26'). Received: {subjects!r}.")
    if mask_name is not None and (not isinstance(mask_name, str) or not mask_name):
        raise GanMriError(
            "mask_name must be the last words of file names, such as label-lesion_mask. Received: "
            f"{mask_name!r}."
        )
    if align not in (None, "none", "headers"):
        raise GanMriError(f"align must be none or headers. Received: {align!r}.")


def number_above_zero(name, value):
    """A float, of a number that must be above 0 and finite."""
    if not _is_number(value) or not 0 < value < float("inf"):
        raise GanMriError(f"{name} must be a number above 0. Received: {value!r}.")
    return float(value)


def number_from_zero(name, value):
    """A float, of a number that must be 0 or more and finite."""
    if not _is_number(value) or not 0 <= value < float("inf"):
        raise GanMriError(f"{name} must be a number from 0. Received: {value!r}.")
    return float(value)


def _is_number(value):
    return isinstance(value, Real) and not isinstance(value, bool)


def bids_of(run, data):
    """The BIDS folder that the user names, or that the run was trained on.

    Parameters
    ----------
    run : gan_mri.runs.run.Run
    data : str, Path or None

    Raises
    ------
    GanMriError
        Nothing is named, and the run was trained on other data than a BIDS folder.
    """
    if data is not None:
        return data
    source = run.config["data"]["source"]
    if run.config["data"]["kind"] != "bids":
        raise GanMriError(
            f"{run.folder}: expected a BIDS folder of images with --data. Received none, and "
            f"the run was trained on {source}, which is no BIDS folder."
        )
    return source


def check_gray_translator(translator, run):
    """Refuse a model that starts from noise, follows a reference image or makes colors.

    Parameters
    ----------
    translator : gan_mri.inference.translator.Translator
    run : gan_mri.runs.run.Run
    """
    card = translator.card
    if not card.inputs or translator.takes_reference or card.channels > 1:
        raise GanMriError(
            f"{run.folder}: expected a model that makes gray images from others alone. Received "
            "one that starts from noise, follows a reference image or makes colors."
        )


def record_of(run, translator, *, data, masks, cases, trained_on, options):
    """What a report says of the run, the data and the arguments that it is of.

    Parameters
    ----------
    run : gan_mri.runs.run.Run
    translator : gan_mri.inference.translator.Translator
    data : str or Path
    masks : str, Path or None
    cases : list of gan_mri.trust.lesions.cases.Case
    trained_on
        As `chosen_cases` gives it.
    options : dict

    Returns
    -------
    dict
        JSON-able.
    """
    card = translator.card
    return {
        "run": str(run.folder),
        "recipe": run.config["recipe"],
        "direction": card.direction.name,
        "sources": list(card.inputs.values()),
        "target": card.content["target"],
        "data": str(data),
        "masks": None if masks is None else str(masks),
        "subjects": [case.label for case in cases],
        "trained_on": trained_on,
        "options": options,
    }
