"""Which files a data set consists of: folders of three layouts, or a built-in one.

A layout is found out by what is there, never guessed: a folder with trainA is
a GAN-MRI folder, one with sub-* is BIDS, one with a sub-folder of images for
each contrast is "two folders"; one with both of the first two, or with none of
them, is an error that says what was looked for and what was found.
"""

import os
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from gan_mri.data.files.image_file import ImageFile
from gan_mri.data.files.names import SUFFIXES
from gan_mri.data.files.readers import read_image
from gan_mri.data.sources.bids import bids_contrasts, bids_files
from gan_mri.data.sources.built_in import BUILT_IN, is_built_in
from gan_mri.data.sources.folders import (
    images_in,
    keys_of,
    listed,
    named_folders,
    named_folders_files,
)
from gan_mri.data.splits import DEFAULT_FRACTIONS
from gan_mri.data.stacks import Key
from gan_mri.errors import GanMriError

#: Parts of a folder that holds its split; each has a sub-folder for every domain.
SPLIT_FOLDERS = ("train", "test")

#: How built-in data are drawn where nothing is said, by rank.
DEFAULT_SIZES = {2: (64, 64), 3: (32, 40, 32)}

_EXAMPLES = ("T1w", "T2w", "FLAIR", "PDw")

_LAYOUTS = (
    "a GAN-MRI folder (trainA, trainB and perhaps testA, testB), a BIDS folder (sub-*), or a "
    "folder with a sub-folder "
    "of images for each contrast"
)


class Entry(NamedTuple):
    """One image file that is not read yet.

    Attributes
    ----------
    domain : str
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
    domains : tuple of str
    contrasts : tuple of str
        What the domains hold.
    entries : list of Entry
        Those of one key follow each other, in the order of the domains.
    fractions : (float, float, float)
        Of training, validation and test where the user names none.
    """

    kind: str
    source: str
    domains: tuple
    contrasts: tuple
    entries: list
    fractions: tuple = DEFAULT_FRACTIONS

    @property
    def contrast_of(self):
        """Domain to contrast."""
        return dict(zip(self.domains, self.contrasts))


def plan(options, domains):
    """List the files of a data set.

    Parameters
    ----------
    options : gan_mri.data.options.DataOptions
    domains : tuple of str

    Returns
    -------
    Plan

    Raises
    ------
    GanMriError
    """
    contrasts = check_contrasts(options.contrasts, domains)
    if is_built_in(options.data):
        found = _built_in(options, domains, contrasts)
    else:
        found = _folder(Path(options.data), domains, contrasts)
    _refuse_twins(found)
    order = {domain: place for place, domain in enumerate(domains)}
    entries = sorted(found.entries, key=lambda entry: (entry.key, order[entry.domain]))
    return found._replace(entries=entries)


def check_contrasts(contrasts, domains):
    """Return `contrasts` as a tuple of as many names as there are domains, or None."""
    if contrasts is not None and len(contrasts) != len(domains):
        raise GanMriError(
            f"contrasts: expected {_number(len(domains))} different names, for the domains "
            f"{', '.join(domains)}, such as {' '.join(_EXAMPLES[: len(domains)])}. "
            f"Received: {' '.join(contrasts)}."
        )
    return contrasts


def _number(count):
    return {1: "one", 2: "two", 3: "three", 4: "four"}.get(count, str(count))


def _folder(folder, domains, contrasts):
    # os.path: a name that is too long does not exist, rather than being an error.
    if not os.path.isdir(folder):
        what = "a file that is neither a folder nor HDF5"
        what = what if os.path.exists(folder) else "no such file or folder"
        raise GanMriError(
            f"{folder}: expected {_LAYOUTS}, an HDF5 file from gan_mri.prepare, or one of the "
            f"words {', '.join(BUILT_IN)}; received {what}."
        )
    names = sorted(entry.name + ("/" if entry.is_dir() else "") for entry in folder.iterdir())
    split_folders = [name for name in split_folders_of(domains) if f"{name}/" in names]
    subjects = [name for name in names if name.startswith("sub-") and name.endswith("/")]
    source = str(folder.resolve())
    if split_folders and not subjects:
        entries = _split_folder_entries(folder, domains)
        return Plan("gan_mri_folder", source, domains, contrasts or domains, entries)
    if subjects and split_folders:
        raise GanMriError(
            f"{folder}: expected {_LAYOUTS}, received the first two at once: {listed(names)}."
        )
    if subjects:
        contrasts = _named_contrasts(folder, domains, contrasts)
        kind, files = "bids", bids_files(folder, contrasts)
    else:
        contrasts = named_folders(folder, contrasts, len(domains), layouts=_LAYOUTS)
        kind, files = "two_folders", named_folders_files(folder, contrasts)
    entries = [
        Entry(domains[i], key, partial(read_image, path), str(path)) for i, key, path in files
    ]
    return Plan(kind, source, domains, contrasts, entries)


def _named_contrasts(folder, domains, contrasts):
    if contrasts is None:
        counts = bids_contrasts(folder)
        found = ", ".join(f"{name} ({count})" for name, count in sorted(counts.items()))
        raise GanMriError(
            f"{folder}: expected {_number(len(domains))} contrasts to translate between, received "
            f"none. Found: {found or 'no NIfTI files'}."
        )
    return contrasts


def split_folders_of(domains):
    """The sub-folders of a folder that holds its split: trainA, trainB, testA, testB."""
    return [f"{part}{domain}" for part in SPLIT_FOLDERS for domain in domains]


def _split_folder_entries(folder, domains):
    names = split_folders_of(domains)
    training = names[: len(domains)]
    missing = [name for name in training if not (folder / name).is_dir()]
    if missing:
        raise GanMriError(
            f"{folder}: expected the folders {' and '.join(training)}, received no "
            f"{' and no '.join(missing)}."
        )
    images = {domain: [] for domain in domains}
    for part in SPLIT_FOLDERS:
        for domain in domains:
            inner = folder / f"{part}{domain}"
            if not inner.is_dir():
                continue
            found = images_in(inner)
            if not found:
                inside = sorted(path.name for path in inner.iterdir())
                raise GanMriError(
                    f"{inner}: expected images ({', '.join(SUFFIXES)}), received {listed(inside)}."
                )
            images[domain] += [(part, path) for path in found]
    # Names of both parts together: a person must have one key in all of them.
    keys = keys_of({name: [path for _, path in found] for name, found in images.items()}, folder)
    return [
        Entry(domain, key, partial(read_image, path), str(path), part)
        for domain, of_domain in zip(domains, keys)
        for key, (part, path) in zip(of_domain, images[domain])
    ]


def _built_in(options, domains, contrasts):
    name = str(options.data)
    built_in = BUILT_IN[name]
    contrasts = contrasts or built_in.contrasts[: len(domains)]
    shape = options.image_size or DEFAULT_SIZES[options.sampling.rank]
    if len(contrasts) < len(domains):
        raise GanMriError(
            f"data {name}: expected contrasts for {len(domains)} domains. It has "
            f"{', '.join(built_in.contrasts)}."
        )
    of = dict(zip(contrasts, domains))
    entries = [
        Entry(
            of[image.contrast],
            Key(image.subject),
            partial(ImageFile, image.path, image.array, image.affine),
            image.path,
        )
        for image in built_in.draw(options.subjects, contrasts, shape)
    ]
    return Plan(name, name, domains, contrasts, entries, built_in.fractions)


def _refuse_twins(found):
    counts = Counter((entry.domain, entry.split, entry.key) for entry in found.entries)
    twins = [
        entry.path for entry in found.entries if counts[entry.domain, entry.split, entry.key] > 1
    ]
    if twins:
        raise GanMriError(
            f"{found.source}: expected one file for each subject, session and contrast, received "
            f"several that cannot be told apart: {', '.join(twins[:4])}"
            f"{' ...' if len(twins) > 4 else ''}."
        )
