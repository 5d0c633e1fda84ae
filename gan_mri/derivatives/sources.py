"""The files of a BIDS folder that a model translates, put together by subject, session and run."""

from pathlib import Path
from typing import NamedTuple

from gan_mri.data.sources.bids import bids_files, has_contrast
from gan_mri.errors import GanMriError


class Sources(NamedTuple):
    """What one translation is made of.

    Attributes
    ----------
    subject : str
        With its prefix, "sub-07".
    files : dict of str to Path
        By the names of the network's inputs, in their order.
    missing : tuple of str
        Contrasts that the model needs and the subject does not have here; empty if complete.
    """

    subject: str
    files: dict
    missing: tuple = ()


def find_sources(folder, inputs, *, optional=(), participants=None, sessions=None):
    """What there is to translate.

    Parameters
    ----------
    folder : Path
        A BIDS folder.
    inputs : dict of str to str
        Input of the network to contrast, such as a card's.
    optional : collection of str
        Inputs of which all but one may be missing.
    participants, sessions : sequence of str, optional
        Labels, with or without `sub-` and `ses-`; default: all.

    Returns
    -------
    list of Sources
        Files belong together where all their entities but the contrast are the same.

    Raises
    ------
    GanMriError
        For a folder without such files, or labels that are not there.
    """
    folder = Path(folder)
    read = {
        name: contrast
        for name, contrast in inputs.items()
        if name not in optional or has_contrast(folder, contrast)
    } or inputs
    files = bids_files(folder, tuple(read.values()))
    files = _labelled(files, "sub-", participants, "participant-label", folder)
    files = _labelled(files, "ses-", sessions, "session-label", folder)
    names, groups = list(read), {}
    for number, key, path in files:
        groups.setdefault(key, {}).setdefault(names[number], []).append(path)
    found = []
    for key, by_input in sorted(groups.items()):
        for name, paths in by_input.items():
            if len(paths) > 1:
                raise GanMriError(
                    f"{paths[0]} and {paths[1]}: expected one file of {inputs[name]} with these "
                    "entities. Received two."
                )
        chosen = {name: by_input[name][0] for name in inputs if name in by_input}
        lacking = [name for name in inputs if name not in chosen and name not in optional]
        found.append(Sources(key.subject, chosen, tuple(inputs[name] for name in lacking)))
    return found


def _labelled(files, prefix, labels, option, folder):
    """The files with one of the labels in their path; labels without any file are an error."""
    if labels is None:
        return files
    words = [label if label.startswith(prefix) else prefix + label for label in labels]
    there = {word for *_, path in files for word in _words(path, folder) if word.startswith(prefix)}
    unknown = [word for word in words if word not in there]
    if unknown:
        raise GanMriError(
            f"--{option}: expected labels that {folder} has files of, "
            f"{', '.join(sorted(there)[:20]) or 'which has none'}. "
            f"Received: {', '.join(unknown)}."
        )
    return [one for one in files if set(words) & set(_words(one[2], folder))]


def _words(path, folder):
    relative = path.relative_to(folder)
    return [*relative.parts[:-1], *relative.name.split("_")]
