"""Which exported model a user means, and which file goes to which of its inputs."""

import os
from pathlib import Path

from gan_mri.data.files.names import SUFFIXES, suffix_of
from gan_mri.data.files.writers import name_of_output
from gan_mri.errors import GanMriError
from gan_mri.inference.card import Card
from gan_mri.inference.deviations import deviation_path
from gan_mri.inference.packed import is_packed
from gan_mri.publishing.published import Published, is_published, place_of
from gan_mri.runs.run import Run


def exported_model(model, *, direction=None, target=None, checkpoint="last"):
    """The folder of the exported model that translates as asked.

    Parameters
    ----------
    model : Path
        A run folder, one of its exported models, a published model, or the name of a shipped one.
    direction : str, optional
        Such as "A2B"; default: the first of the run, or that of the exported model.
    target : str, optional
        In place of it: the contrast (or domain) to make.
    checkpoint : {"last", "best"}
        See `gan_mri.translate`.

    Returns
    -------
    Path

    Raises
    ------
    GanMriError
        If there is none such.
    """
    if checkpoint not in ("last", "best"):
        raise GanMriError(f"checkpoint must be last or best. Received: {checkpoint!r}.")
    model = place_of(model)
    if is_published(model):
        if checkpoint == "best":
            raise GanMriError(
                f"{model} is a published model: expected a run folder, which holds the best "
                "checkpoint. Received: checkpoint best."
            )
        return Published(model).model(direction, target)
    # os.path: a name that is too long does not exist, rather than being an error.
    if os.path.isfile(model / "saved_model.pb") or is_packed(model):
        _check_exported(model, direction, target, checkpoint)
        return model
    run = Run(model)
    name = _direction(run, direction, target)
    if checkpoint == "last":
        return run.exported(name)
    # Imported here, because it loads TensorFlow: what is wrong above is answered at once.
    from gan_mri.training.restored import export_best

    return export_best(run) / name


def _check_exported(model, direction, target, checkpoint):
    card = Card.read(model)
    if direction not in (None, card.direction.name):
        raise GanMriError(
            f"{model} translates {card.direction.name}. Received: direction {direction}."
        )
    if target not in (None, card.content["target"], card.direction.target):
        raise GanMriError(f"{model} makes {card.content['target']}. Received: target {target}.")
    if checkpoint == "best":
        raise GanMriError(
            f"{model} is an exported model: expected its run folder, which holds the best "
            "checkpoint. Received: checkpoint best."
        )


def _direction(run, name, target):
    """The name of the direction that the user calls by its name, by what it makes, or by both."""
    if name is not None or target is None:
        name = run.task.direction(name).name
    if target is None:
        return name
    ways = run.task.directions
    made = [way.name for way in ways if target in (way.target, run.contrasts[way.target])]
    if not made:
        contrasts = dict.fromkeys(run.contrasts[way.target] for way in ways)
        raise GanMriError(
            f"target: expected a contrast that {run.folder} makes, {', '.join(contrasts)}. "
            f"Received: {target!r}."
        )
    if name not in (None, *made):
        raise GanMriError(
            f"direction: expected {' or '.join(made)}, which makes {target}, or target alone. "
            f"Received: {name!r}."
        )
    return name or made[0]


def files_of(source, samples=0):
    """The images of a folder, or the file itself.

    Parameters
    ----------
    source : Path
    samples : int
        Where there are any, a second file is written for each.

    Returns
    -------
    list of Path

    Raises
    ------
    GanMriError
        A folder without images, or two that would be written under one name.
    """
    if not os.path.isdir(source):
        return [source]
    # Hidden files are other programs' ("._scan.nii" of macOS), never images.
    files = sorted(
        path
        for path in source.iterdir()
        if path.is_file() and suffix_of(path) and not path.name.startswith(".")
    )
    if not files:
        found = ", ".join(sorted(path.name for path in source.iterdir())[:5])
        raise GanMriError(
            f"{source}: expected images ({', '.join(SUFFIXES)}). "
            f"Received: {found or 'an empty folder'}."
        )
    names = {}
    for path in files:
        output = Path(name_of_output(path))
        for written in [output, deviation_path(output)][: 2 if samples else 1]:
            other = names.setdefault(written.name, path)
            if other is not path:
                raise GanMriError(
                    f"{path} and {other} would both be written as {written.name}. "
                    "Rename one of them."
                )
    return files


def inputs_of(translator, source, inputs):
    """The file for every input of a model.

    Parameters
    ----------
    translator : gan_mri.inference.translator.Translator
    source : Path or None
        The one file of a model of one source.
    inputs : dict of str to Path or None
        Files by contrast or domain: all that the model needs, or at least one of those that
        its card calls optional.

    Returns
    -------
    dict of str to Path
        By the names of the network's inputs, in their order; optional ones only if given.

    Raises
    ------
    GanMriError
        Naming the contrasts that are missing or unknown.
    """
    card = translator.card
    needed, target = card.inputs, card.content["target"]
    if not needed:
        raise GanMriError(
            f"{translator.path}: expected a model that makes an image from another. Received one "
            f"that makes {target} out of noise, which is what python -m gan_mri.generate does with "
            "its run."
        )
    if inputs is None:
        if len(needed) > 1:
            files = " ".join(f"{contrast}=FILE" for contrast in needed.values())
            raise GanMriError(
                f"{translator.path} makes {target} from {' and '.join(needed.values())}. Expected "
                f"a file of each: --inputs {files}. Received: {source}."
            )
        return {name: source for name in needed}
    wanted = (
        f"inputs: expected files of {', '.join(needed.values())}, from which {translator.path} "
        f"makes {target}"
    )
    domains = dict(zip(card.direction.sources, needed))
    known = domains | {contrast: name for name, contrast in needed.items()}
    found = {}
    for word, path in inputs.items():
        if word not in known:
            raise GanMriError(f"{wanted}. Received: {word}.")
        if known[word] in found:
            raise GanMriError(f"{wanted}. Received two of {needed[known[word]]}.")
        found[known[word]] = path
    missing = {name: contrast for name, contrast in needed.items() if name not in found}
    if not found or not card.optional.issuperset(missing):
        listed = " and none of ".join(missing.values())
        raise GanMriError(f"{wanted}. Received none of {listed}.{_advice(card)}")
    return {name: found[name] for name in needed if name in found}


def _advice(card):
    """What helps where contrasts are missing."""
    if card.optional:
        return " One of them at least is needed."
    if card.content.get("settings", {}).get("input_dropout") == 0:
        return " A model that is trained with --set input_dropout=0.3 takes fewer."
    return ""
