"""Folders of image files: what is inside, whose it is, and which two are domains A and B."""

from gan_mri.data.files.names import stem_of, suffix_of
from gan_mri.data.stacks import Key
from gan_mri.errors import GanMriError


def images_in(folder):
    """Sorted paths of the images directly inside a folder."""
    return sorted(
        path
        for path in folder.iterdir()
        if suffix_of(path) and not path.name.startswith(".") and path.is_file()
    )


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
    return ", ".join(names[:8]) + (" ..." if len(names) > 8 else "") or "an empty folder"


def two_folders(folder, contrasts, *, layouts):
    """The names of the two sub-folders that are domains A and B.

    Parameters
    ----------
    folder : Path
    contrasts : (str, str) or None
        None: the two sub-folders that hold images, in alphabetical order.
    layouts : str
        Everything that a folder can be, for the message that it is none of it.

    Returns
    -------
    (str, str)

    Raises
    ------
    GanMriError
    """
    counts = {
        path.name: len(images_in(path))
        for path in sorted(folder.iterdir())
        if path.is_dir() and not path.name.startswith(".")
    }
    full = [name for name, count in counts.items() if count]
    chosen = contrasts or tuple(full)
    if len(chosen) == 2 and set(chosen) <= set(full):
        return chosen
    found = listed([f"{name} ({count})" for name, count in counts.items()])
    if full and contrasts:
        raise GanMriError(
            f"{folder}: expected images in its sub-folders {' and '.join(contrasts)} (it holds "
            "no trainA "
            f"and no sub-*). Found images in: {found}."
        )
    if len(full) > 2:
        raise GanMriError(
            f"{folder}: expected two contrasts, the names of the sub-folders to translate "
            "between, received none. "
            f"Found images in: {found}."
        )
    inside = listed(sorted(path.name + ("/" if path.is_dir() else "") for path in folder.iterdir()))
    raise GanMriError(f"{folder}: expected {layouts}, received {inside}.")


def two_folders_files(folder, contrasts):
    """Every image of two sub-folders.

    A file's key is that of its stem, without the name of its folder at the end
    unless both folders have the stem: T1/IXI002-T1.nii.gz and
    T2/IXI002-T2.nii.gz are a pair and of one subject.

    Parameters
    ----------
    folder : Path
    contrasts : (str, str)

    Returns
    -------
    list of (int, Key, Path)
        0 for domain A, 1 for domain B.
    """
    images = [images_in(folder / name) for name in contrasts]
    common = {stem_of(path) for path in images[0]} & {stem_of(path) for path in images[1]}
    files = []
    for domain, (contrast, paths) in enumerate(zip(contrasts, images)):
        for path in paths:
            stem = stem_of(path)
            ending = next((c + contrast for c in "_-" if stem.endswith(c + contrast)), "")
            files.append(
                (
                    domain,
                    key_of(stem if stem in common else stem.removesuffix(ending) or stem),
                    path,
                )
            )
    return files
