"""Which files a data set consists of: GAN-MRI folders, BIDS, the phantom.

A layout is found out by what is there, never guessed: a folder with trainA is
a GAN-MRI folder, one with sub-* is BIDS, and one with both or neither is an
error that says what was looked for and what was found.
"""

from collections import Counter
from functools import partial
from pathlib import Path
from typing import Callable, NamedTuple

from gan_mri.data.bids import bids_contrasts, bids_files
from gan_mri.data.readers import SUFFIXES, ImageFile, read_image, stem_of, suffix_of
from gan_mri.data.stacks import Key
from gan_mri.errors import GanMriError

GAN_MRI_FOLDERS = ("trainA", "trainB", "testA", "testB")


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
    kind : {"gan_mri_folder", "bids", "phantom"}
    source : str
        Absolute path, or "phantom".
    contrasts : (str, str)
    entries : list of Entry
        In the order of (key, domain): the two files of a pair are neighbours.
    """

    kind: str
    source: str
    contrasts: tuple
    entries: list


def plan(source, *, contrasts, phantom_subjects, image_size):
    """List the files of a data set.

    Parameters
    ----------
    source : str or Path
        A folder, or the word "phantom".
    contrasts : (str, str) or None
    phantom_subjects : int
    image_size : (int, int) or None
        Rows and columns of the phantom's images.

    Returns
    -------
    Plan

    Raises
    ------
    GanMriError
    """
    contrasts = check_contrasts(contrasts)
    if str(source) == "phantom":
        found = _phantom(contrasts or ("T1w", "T2w"), phantom_subjects, image_size)
    else:
        found = _folder(Path(source), contrasts)
    _refuse_twins(found)
    return found._replace(entries=sorted(found.entries, key=lambda entry: (entry.key, entry.domain)))


def check_contrasts(contrasts):
    """Return `contrasts` as a pair of different names, or None."""
    if contrasts is None:
        return None
    if isinstance(contrasts, str) or len(contrasts) != 2 or contrasts[0] == contrasts[1]:
        raise GanMriError(f"contrasts: expected two different names such as T1w T2w, received {contrasts!r}.")
    return tuple(str(name) for name in contrasts)


def _folder(folder, contrasts):
    if not folder.is_dir():
        what = "a file that is neither a folder nor HDF5" if folder.exists() else "no such file or folder"
        raise GanMriError(
            f"{folder}: expected a GAN-MRI folder (trainA, trainB, testA, testB), a BIDS folder (sub-*), an HDF5 file "
            f"from gan_mri.prepare, or the word phantom; received {what}."
        )
    names = sorted(entry.name + ("/" if entry.is_dir() else "") for entry in folder.iterdir())
    split_folders = [name for name in GAN_MRI_FOLDERS if f"{name}/" in names]
    subjects = [name for name in names if name.startswith("sub-") and name.endswith("/")]
    if split_folders and not subjects:
        return Plan("gan_mri_folder", str(folder.resolve()), contrasts or ("A", "B"), _gan_mri_entries(folder))
    if subjects and not split_folders:
        entries = [
            Entry("AB"[i], key, partial(read_image, path), str(path))
            for i, key, path in bids_files(folder, _two_contrasts(folder, contrasts))
        ]
        return Plan("bids", str(folder.resolve()), contrasts, entries)
    what = f"{', '.join(names[:8])}{' ...' if len(names) > 8 else ''}" if names else "an empty folder"
    raise GanMriError(
        f"{folder}: expected either a GAN-MRI folder (trainA, trainB and perhaps testA, testB) or a BIDS folder "
        f"(sub-*), received {'both at once: ' if split_folders else ''}{what}."
    )


def _two_contrasts(folder, contrasts):
    if contrasts is None:
        counts = bids_contrasts(folder)
        found = ", ".join(f"{name} ({count})" for name, count in sorted(counts.items())) or "no NIfTI files"
        raise GanMriError(f"{folder}: expected two contrasts to translate between, received none. Found: {found}.")
    return contrasts


def _gan_mri_entries(folder):
    missing = [name for name in GAN_MRI_FOLDERS[:2] if not (folder / name).is_dir()]
    if missing:
        raise GanMriError(f"{folder}: expected the folders trainA and trainB, received no {' and no '.join(missing)}.")
    entries = []
    for name in filter(lambda name: (folder / name).is_dir(), GAN_MRI_FOLDERS):
        inside = sorted(path for path in (folder / name).iterdir() if not path.name.startswith("."))
        images = [path for path in inside if suffix_of(path) and path.is_file()]
        if not images:
            found = ", ".join(path.name for path in inside[:5]) or "an empty folder"
            raise GanMriError(f"{folder / name}: expected images ({', '.join(SUFFIXES)}), received {found}.")
        entries += [
            Entry(name[-1], key_of(stem_of(path)), partial(read_image, path), str(path), name[:-1]) for path in images
        ]
    return entries


def key_of(stem):
    """The key of a file that is known by its name alone.

    >>> key_of("sub-01_slice-095"), key_of("37003")
    (Key(subject='sub-01', entities='slice-095'), Key(subject='37003', entities=''))
    """
    parts = stem.split("_")
    subject = next((part for part in parts if part.startswith("sub-") and len(part) > 4), None)
    if subject is None:
        return Key(stem)
    parts.remove(subject)
    return Key(subject, "_".join(parts))


def _phantom(contrasts, subjects, image_size):
    from gan_mri.data.brain_phantom import phantom

    brains = phantom(subjects, contrasts=contrasts, shape=tuple(image_size or (64, 64)))
    entries = []
    for brain in brains:
        for domain, contrast in zip("AB", contrasts):
            name = f"phantom {brain.subject} {contrast}"
            entries.append(Entry(domain, Key(brain.subject), partial(ImageFile, name, brain.images[contrast]), name))
    return Plan("phantom", "phantom", contrasts, entries)


def _refuse_twins(found):
    counts = Counter((entry.domain, entry.split, entry.key) for entry in found.entries)
    twins = [entry.path for entry in found.entries if counts[entry.domain, entry.split, entry.key] > 1]
    if twins:
        raise GanMriError(
            f"{found.source}: expected one file for each subject, session and contrast, received several that cannot "
            f"be told apart: {', '.join(twins[:4])}{' ...' if len(twins) > 4 else ''}."
        )
