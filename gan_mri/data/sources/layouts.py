"""Which files a data set consists of: folders of three layouts, or a built-in one.

A layout is found out by what is there, never guessed: a folder with trainA is
a GAN-MRI folder, one with sub-* is BIDS, one with a sub-folder of images for
each contrast is "two folders"; one with both of the first two, or with none of
them, is an error that says what was looked for and what was found.
"""

from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from gan_mri.data.files.image_file import ImageFile
from gan_mri.data.files.names import SUFFIXES, stem_of
from gan_mri.data.files.readers import read_image
from gan_mri.data.sources.bids import bids_contrasts, bids_files
from gan_mri.data.sources.built_in import BUILT_IN, is_built_in
from gan_mri.data.sources.folders import (
    images_in,
    key_of,
    listed,
    named_folders,
    named_folders_files,
)
from gan_mri.data.splits import DEFAULT_FRACTIONS
from gan_mri.data.stacks import Key
from gan_mri.errors import GanMriError

GAN_MRI_FOLDERS = ("trainA", "trainB", "testA", "testB")

#: How built-in data are drawn where nothing is said.
DEFAULT_SIZE = (64, 64)

_LAYOUTS = (
    "a GAN-MRI folder (trainA, trainB and perhaps testA, testB), a BIDS folder (sub-*), or a "
    "folder with a sub-folder "
    "of images for each contrast"
)


class Entry(NamedTuple):
    """One image file that is not read yet.

    Attributes
    ----------
    domain : {"A", "B"}
    key : Key
    read : callable
        Returns the `ImageFile`.
    path : str
    split : {"train", "test"} or None
        None where the layout leaves the split open.
    """

    domain: str
    key: Key
    read: Callable
    path: str
    split: str | None = None


class Plan(NamedTuple):
    """A data set before its files are read.

    Attributes
    ----------
    kind : str
        "gan_mri_folder", "bids", "two_folders", or the word of a built-in data set.
    source : str
        Absolute path, or the word of a built-in data set.
    contrasts : (str, str)
    entries : list of Entry
        In the order of (key, domain): the two files of a pair are neighbours.
    fractions : (float, float, float)
        Of training, validation and test where the user names none.
    """

    kind: str
    source: str
    contrasts: tuple
    entries: list
    fractions: tuple = DEFAULT_FRACTIONS


def plan(source, *, contrasts, subjects, image_size):
    """List the files of a data set.

    Parameters
    ----------
    source : str or Path
        A folder, or the word of a built-in data set.
    contrasts : (str, str) or None
    subjects : int
        How many a built-in data set has (in each domain).
    image_size : (int, int) or None
        Rows and columns of a built-in data set's images.

    Returns
    -------
    Plan

    Raises
    ------
    GanMriError
    """
    contrasts = check_contrasts(contrasts)
    if is_built_in(source):
        found = _built_in(str(source), contrasts, subjects, tuple(image_size or DEFAULT_SIZE))
    else:
        found = _folder(Path(source), contrasts)
    _refuse_twins(found)
    return found._replace(
        entries=sorted(found.entries, key=lambda entry: (entry.key, entry.domain))
    )


def check_contrasts(contrasts):
    """Return `contrasts` as a pair of different names, or None."""
    if contrasts is None:
        return None
    if isinstance(contrasts, str) or len(contrasts) != 2 or contrasts[0] == contrasts[1]:
        raise GanMriError(
            f"contrasts: expected two different names such as T1w T2w, received {contrasts!r}."
        )
    return tuple(str(name) for name in contrasts)


def _folder(folder, contrasts):
    if not folder.is_dir():
        what = (
            "a file that is neither a folder nor HDF5"
            if folder.exists()
            else "no such file or folder"
        )
        raise GanMriError(
            f"{folder}: expected {_LAYOUTS}, an HDF5 file from gan_mri.prepare, or one of the "
            "words "
            f"{', '.join(BUILT_IN)}; received {what}."
        )
    names = sorted(entry.name + ("/" if entry.is_dir() else "") for entry in folder.iterdir())
    split_folders = [name for name in GAN_MRI_FOLDERS if f"{name}/" in names]
    subjects = [name for name in names if name.startswith("sub-") and name.endswith("/")]
    if split_folders and not subjects:
        return Plan(
            "gan_mri_folder",
            str(folder.resolve()),
            contrasts or ("A", "B"),
            _gan_mri_entries(folder),
        )
    if subjects and split_folders:
        raise GanMriError(
            f"{folder}: expected {_LAYOUTS}, received the first two at once: {listed(names)}."
        )
    if subjects:
        kind, files = "bids", bids_files(folder, _two_contrasts(folder, contrasts))
    else:
        contrasts = named_folders(folder, contrasts, 2, layouts=_LAYOUTS)
        kind, files = "two_folders", named_folders_files(folder, contrasts)
    entries = [Entry("AB"[i], key, partial(read_image, path), str(path)) for i, key, path in files]
    return Plan(kind, str(folder.resolve()), contrasts, entries)


def _two_contrasts(folder, contrasts):
    if contrasts is None:
        counts = bids_contrasts(folder)
        found = (
            ", ".join(f"{name} ({count})" for name, count in sorted(counts.items()))
            or "no NIfTI files"
        )
        raise GanMriError(
            f"{folder}: expected two contrasts to translate between, received none. Found: {found}."
        )
    return contrasts


def _gan_mri_entries(folder):
    missing = [name for name in GAN_MRI_FOLDERS[:2] if not (folder / name).is_dir()]
    if missing:
        raise GanMriError(
            f"{folder}: expected the folders trainA and trainB, received no "
            f"{' and no '.join(missing)}."
        )
    entries = []
    for name in filter(lambda name: (folder / name).is_dir(), GAN_MRI_FOLDERS):
        images = images_in(folder / name)
        if not images:
            inside = sorted(path.name for path in (folder / name).iterdir())
            raise GanMriError(
                f"{folder / name}: expected images ({', '.join(SUFFIXES)}), received "
                f"{listed(inside)}."
            )
        entries += [
            Entry(name[-1], key_of(stem_of(path)), partial(read_image, path), str(path), name[:-1])
            for path in images
        ]
    return entries


def _built_in(name, contrasts, subjects, shape):
    built_in = BUILT_IN[name]
    contrasts = contrasts or built_in.contrasts
    entries = [
        Entry(
            image.domain,
            Key(image.subject),
            partial(ImageFile, image.path, image.array),
            image.path,
        )
        for image in built_in.draw(subjects, contrasts, shape)
    ]
    return Plan(name, name, contrasts, entries, built_in.fractions)


def _refuse_twins(found):
    counts = Counter((entry.domain, entry.split, entry.key) for entry in found.entries)
    twins = [
        entry.path for entry in found.entries if counts[entry.domain, entry.split, entry.key] > 1
    ]
    if twins:
        raise GanMriError(
            f"{found.source}: expected one file for each subject, session and contrast, received "
            "several that cannot "
            f"be told apart: {', '.join(twins[:4])}{' ...' if len(twins) > 4 else ''}."
        )
