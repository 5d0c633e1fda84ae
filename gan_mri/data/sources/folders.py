"""Folders of image files: what is inside, whose it is, and which of them are the domains."""

import logging

from gan_mri.data.files.names import check_utf8, printable, stem_of, suffix_of
from gan_mri.data.sources.contrast_words import alike, without_contrast
from gan_mri.data.stacks import Key
from gan_mri.errors import GanMriError

_log = logging.getLogger("gan_mri")


def images_in(folder):
    """Sorted paths of the images directly inside a folder.

    Raises
    ------
    GanMriError
        A name that is not UTF-8.
    """
    paths = sorted(
        path
        for path in folder.iterdir()
        if suffix_of(path) and not path.name.startswith(".") and path.is_file()
    )
    for path in paths:
        check_utf8(path.name, folder)
    return paths


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


def listed(names):
    """The first names of a folder, for messages."""
    names = list(map(printable, names))
    return ", ".join(names[:8]) + (" ..." if len(names) > 8 else "") or "an empty folder"


def named_folders(folder, contrasts, count, *, layouts):
    """The names of the sub-folders that are the domains.

    Parameters
    ----------
    folder : Path
    contrasts : tuple of str or None
        `count` names; None: the sub-folders that hold images, in alphabetical
        order.
    count : int
        How many domains there are.
    layouts : str
        Everything that a folder can be, for the message that it is none of it.

    Returns
    -------
    tuple of str

    Raises
    ------
    GanMriError
    """
    counts = {
        path.name: len(images_in(path))
        for path in sorted(folder.iterdir())
        if path.is_dir() and not path.name.startswith(".")
    }
    full = [name for name, images in counts.items() if images]
    chosen = contrasts or tuple(full)
    if len(chosen) == count and set(chosen) <= set(full):
        for name in chosen:
            check_utf8(name, folder)
        return chosen
    found = listed([f"{name} ({images})" for name, images in counts.items()])
    if full and contrasts:
        raise GanMriError(
            f"{folder}: expected images in its sub-folders {' and '.join(contrasts)} (it holds "
            f"no trainA and no sub-*). Found images in: {found}."
        )
    if len(full) > count:
        number = {1: "one contrast", 2: "two contrasts"}.get(count, f"{count} contrasts")
        raise GanMriError(
            f"{folder}: expected {number}, the names of the sub-folders to translate "
            f"between, received none. Found images in: {found}."
        )
    inside = listed(sorted(path.name + ("/" if path.is_dir() else "") for path in folder.iterdir()))
    raise GanMriError(f"{folder}: expected {layouts}, received {inside}.")


def named_folders_files(folder, contrasts):
    """Every image of the sub-folders that are the domains.

    Parameters
    ----------
    folder : Path
    contrasts : tuple of str

    Returns
    -------
    list of (int, Key, Path)
        The int is the index of the contrast.
    """
    images = {name: images_in(folder / name) for name in contrasts}
    keys = keys_of(images, folder)
    return [
        (domain, key, path)
        for domain, paths in enumerate(images.values())
        for key, path in zip(keys[domain], paths)
    ]


def keys_of(images, source):
    """Keys of files that are known by their names alone.

    A file's key is that of its stem without the word for its contrast
    (`contrast_words`): T1/IXI002-T1.nii.gz and T2/IXI002-T2.nii.gz, or
    IXI002_T1w and IXI002_T2w, are a pair and of one subject. A warning tells
    where no file has a partner although the names look as if they had.

    Parameters
    ----------
    images : dict of str to list of Path
        Contrast or name of the domain to its files.
    source : str or Path
        For the warning.

    Returns
    -------
    list of list of Key
        In the order of `images`.
    """
    stems = {name: [stem_of(path) for path in paths] for name, paths in images.items()}
    keys = [[key_of(stem) for stem in rest] for rest in without_contrast(stems)]
    first, *others = images
    for other, found in zip(others, keys[1:]):
        # A subject that both have is kept together by every split, paired or not.
        subjects = [{key.subject for key in one} for one in (keys[0], found)]
        pair = None if subjects[0] & subjects[1] else alike(*subjects)
        if pair:
            _log.warning(
                "%s: no file of %s has a partner in %s, although the names begin alike (%s, %s). "
                "If these are of one person, name them alike: as they are, they count as two, "
                "are not paired, and may come into training and test.",
                source,
                first,
                other,
                *pair,
            )
    return keys
