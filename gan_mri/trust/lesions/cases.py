"""Which files belong together: of every subject the sources, the true image and the mask."""

from pathlib import Path
from typing import NamedTuple

from gan_mri.data.sources.bids import bids_files, has_contrast
from gan_mri.errors import GanMriError

#: How the masks of lesions are named in BIDS derivatives, if nobody says otherwise.
MASK_NAMES = ("label-lesion_mask", "mask")


class ReportCase(NamedTuple):
    """The files of a subject, or of a session of one.

    Attributes
    ----------
    subject : str
        "sub-26".
    label : str
        For people: "sub-26 ses-01".
    sources : dict of str to Path
        By contrast.
    truth, mask : Path
        None where there is none, and none is needed.
    """

    subject: str
    label: str
    sources: dict
    truth: Path
    mask: Path


def find_cases(data, masks, *, sources, target, mask_name=None, complete=True):
    """The subjects of a BIDS folder that have every image and a mask.

    Parameters
    ----------
    data, masks : Path
        BIDS folders, of images and of masks (such as `derivatives/lesions`). A mask belongs to
        the images of its subject and session. `masks` may be None unless `complete`.
    sources : sequence of str
        Contrasts.
    target : str
        Contrast.
    mask_name : str, optional
        Last words of the masks' names; default: the first of `MASK_NAMES` that the folder has.
    complete : bool
        False: the sources are enough, the target's image and the mask are taken where they are.

    Returns
    -------
    list of ReportCase
        In the order of their names.

    Raises
    ------
    GanMriError
        No folder, images or masks; two masks for one image; no subject that has everything.
    """
    for name, folder in (("data", data), ("masks", masks)):
        if folder is not None and not folder.is_dir():
            raise GanMriError(f"{name}: expected a BIDS folder. Received {folder}, which is none.")
    by_place = {} if masks is None else _masks(masks, mask_name)
    contrasts = tuple(dict.fromkeys((*sources, target)))
    needed = set(contrasts if complete else sources)
    if not complete and not has_contrast(data, target):
        contrasts = tuple(sources)
    images = {}
    for index, key, path in bids_files(data, contrasts):
        images.setdefault(key, {})[contrasts[index]] = path
    cases = []
    for key, mine in sorted(images.items()):
        mask = by_place.get((key.subject, _session(key)))
        if needed <= set(mine) and (mask is not None or not complete):
            of = {name: mine[name] for name in sources}
            cases.append(ReportCase(key.subject, str(key), of, mine.get(target), mask))
    if not cases:
        places = " and ".join(str(place) for place in (data, masks) if place is not None)
        also = " and a mask" if complete else ""
        raise GanMriError(
            f"{places}: expected subjects with an image of {', '.join(contrasts)}{also}. "
            f"Received none: images of {_few(key.subject for key in images)}, masks of "
            f"{_few(subject for subject, _ in by_place)}."
        )
    return cases


def _masks(masks, mask_name):
    """The mask of every subject and session."""
    names = [mask_name] if mask_name else [n for n in MASK_NAMES if has_contrast(masks, n)]
    by_place = {}
    for _, key, path in bids_files(masks, (names[0] if names else MASK_NAMES[0],)):
        place = key.subject, _session(key)
        if place in by_place:
            raise GanMriError(
                f"{path}: expected one mask of lesions for {' '.join(filter(None, place))}. "
                f"Received a second one beside {by_place[place]}. Say which with --mask-name, such "
                "as label-lesion_mask."
            )
        by_place[place] = path
    return by_place


def chosen_cases(cases, run, subjects=None):
    """Those of the subjects that are asked for, else those that the run has not been trained on.

    Parameters
    ----------
    cases : list of ReportCase
    run : gan_mri.runs.run.Run
    subjects : sequence of str, optional
        "26" or "sub-26".

    Returns
    -------
    (list of ReportCase, list of str)
        And the subjects among them that the run was trained or chosen on.

    Raises
    ------
    GanMriError
        A subject that is not there; or none that is new to the run.
    """
    parts = run.config["data"]["subjects"]
    seen = {*parts["train"], *parts["validation"]}
    if subjects is None:
        chosen = [case for case in cases if case.subject not in seen]
        if not chosen:
            raise GanMriError(
                f"{run.folder}: expected subjects that the run was not trained on. Received "
                f"{_few(case.subject for case in cases)}, all of them of its training part. "
                "--subjects reports on them all the same, which is no test."
            )
        return chosen, []
    names = {name if name.startswith("sub-") else f"sub-{name}" for name in subjects}
    missing = names - {case.subject for case in cases}
    if missing or not names:
        raise GanMriError(
            f"subjects: expected subjects with images and a mask, "
            f"{_few(case.subject for case in cases)}. Received: {_few(missing)}."
        )
    chosen = [case for case in cases if case.subject in names]
    return chosen, sorted(names & seen)


def _session(key):
    return next((word for word in key.entities.split("_") if word.startswith("ses-")), "")


def _few(names):
    names = sorted(set(names))
    return ", ".join(names[:5]) + (" ..." if len(names) > 5 else "") or "none"
