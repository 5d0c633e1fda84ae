"""BIDS folders: `sub-*/[ses-*/]<datatype>/*_<contrast>.nii[.gz]`, derivatives ignored.

The Brain Imaging Data Structure (Gorgolewski et al., Scientific Data 3, 2016,
160044) names a file by entities, `sub-07_ses-01_run-2_T1w.nii.gz`: here the
last word is the *contrast*, the subject comes from the folder, and what remains
("ses-01_run-2") must be equal in two contrasts for their files to belong together.

An image with a contrast agent (entity `ce`) is another contrast: `sub-07_ce-gadolinium_T1w.nii.gz`
is "ce-gadolinium_T1w", and never read as "T1w".
"""

from collections import Counter
from pathlib import Path

from gan_mri.data.files.names import VOLUME_SUFFIXES, check_utf8, stem_of, suffix_of
from gan_mri.data.stacks import Key
from gan_mri.errors import GanMriError


def bids_files(folder, contrasts):
    """Files of one or several contrasts.

    Parameters
    ----------
    folder : Path
    contrasts : tuple of str
        Last words of file names, "T1w", or with entities that the names must have too, in
        any order: "ce-gadolinium_T1w", "acq-3d_T1w". A file that fits several belongs to the
        one with the most. Entities that are not named do not matter, except `ce`: files with
        a contrast agent fit contrasts that name it alone.

    Returns
    -------
    list of (int, Key, Path)
        The int is the index of the contrast.

    Raises
    ------
    GanMriError
        A contrast without any file, or a name that is not UTF-8.
    """
    contrasts = tuple(contrasts)
    most_words_first = sorted(contrasts, key=lambda name: (name.count("_"), name), reverse=True)
    files = []
    for path in _volumes(folder):
        contrast = next((name for name in most_words_first if _fits(path, name)), None)
        if contrast is not None:
            files.append((contrasts.index(contrast), _key(folder, path, contrast), path))
    missing = [name for i, name in enumerate(contrasts) if all(i != index for index, _, _ in files)]
    if missing:
        number = {1: "", 2: "both contrasts, "}.get(len(contrasts), "all contrasts, ")
        patterns = [f"*_{name}.nii.gz" for name in contrasts]
        raise GanMriError(
            f"{folder}: expected files of {number}sub-*/[ses-*/]anat/{' and '.join(patterns)}; "
            f"received none of {' and none of '.join(missing)}. {_inventory(folder)}"
        )
    return files


def bids_contrasts(folder):
    """How many volumes there are of each contrast: "T1w", "ce-gadolinium_T1w"."""
    return Counter(map(_contrast, _volumes(folder)))


def has_contrast(folder, contrast):
    """Whether a folder has a file of a contrast, as `bids_files` takes it."""
    return any(_fits(path, contrast) for path in _volumes(folder))


def _words(path):
    """Entities of a file's name, and its last word."""
    *entities, last = stem_of(path).split("_")
    return entities, last


def _is_agent(word):
    return word.startswith("ce-")


def _contrast(path):
    """The last word of a file's name, with the contrast agent before it if there is one."""
    entities, last = _words(path)
    return "_".join([*filter(_is_agent, entities), last])


def _fits(path, contrast):
    entities, last = _words(path)
    *wanted, suffix = contrast.split("_")
    agents = [word for word in entities if _is_agent(word) and word not in wanted]
    return last == suffix and not agents and set(wanted) <= set(entities)


def _volumes(folder):
    paths = [*Path(folder).glob("sub-*/*/*.nii*"), *Path(folder).glob("sub-*/ses-*/*/*.nii*")]
    paths = sorted(
        path
        for path in paths
        if suffix_of(path) in VOLUME_SUFFIXES and not path.name.startswith(".")
    )
    for path in paths:
        check_utf8(path.relative_to(folder), folder)
    return paths


def _key(folder, path, contrast):
    subject, *session = path.relative_to(folder).parts[:-2]
    words = [word for word in _words(path)[0] if word and word not in contrast.split("_")]
    entities = [word for word in words if not word.startswith(("sub-", "ses-"))]
    # The folder says the session; files without a session folder may still carry one in their name.
    session = session or [word for word in words if word.startswith("ses-")]
    return Key(subject, "_".join([*session, *entities]))


def _inventory(folder):
    contrasts = {}
    for path in _volumes(folder):
        contrasts.setdefault(path.relative_to(folder).parts[0], set()).add(_contrast(path))
    lines = [
        f"{subject} has {', '.join(sorted(names))}" for subject, names in sorted(contrasts.items())
    ]
    return (
        f"Found: {'; '.join(lines[:10])}{' ...' if len(lines) > 10 else ''}."
        if lines
        else "Found no NIfTI files."
    )
