"""The work of a BIDS App on its participants: one image after the other, and what became of it."""

import contextlib
import itertools
import logging
import os
from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

from gan_mri.data.files.readers import read_image
from gan_mri.derivatives.dataset import facts_of_model, is_skull_stripped, sidecar_path, uri
from gan_mri.derivatives.names import derived_name, deviation_of
from gan_mri.derivatives.subject_page import write_subject_page
from gan_mri.errors import GanMriError
from gan_mri.files import read_json, write_json
from gan_mri.free_names import put_new
from gan_mri.inference.deviations import deviation_path
from gan_mri.inference.files import translate_file

_log = logging.getLogger("gan_mri")


class Outcome(NamedTuple):
    """What became of the images of a data set.

    Attributes
    ----------
    made, kept : list of Path
        Images that were written now, and before.
    failed : list of (str, str)
        Source or subject, and why.
    """

    made: list
    kept: list
    failed: list


def translate_participants(
    found, translator, translates, source, output, *, progress, drawn="stochastic", **options
):
    """Translate what there is, leave what is done, go on after what fails.

    An image has its name once it is complete and its JSON file is there: what was
    interrupted is made again.

    Parameters
    ----------
    found : list of gan_mri.derivatives.sources.Sources
    translator : gan_mri.inference.translator.Translator
    translates : gan_mri.inference.passes.Pass
    source, output : Path
        The BIDS folder and that of the derivatives, see `gan_mri.derivatives.dataset`.
    progress : bool
        Show a progress bar.
    drawn : str
        What the samples are, for the description of their deviation.
    **options
        samples, batch_size and check, as `gan_mri.translate` takes them.

    Returns
    -------
    Outcome
    """
    outcome, model = Outcome([], [], []), facts_of_model(translator)
    with tqdm(total=len(found), unit="image", disable=not progress, dynamic_ncols=True) as bar:
        for subject, group in itertools.groupby(found, lambda sources: sources.subject):
            bar.set_description(subject)
            shown, made_before = [], len(outcome.made)
            for sources in group:
                try:
                    image = _image_of(sources, translator, source, output)
                    done = _is_done(image, sources, model, source)
                    if not done:
                        _translate(
                            image, sources, translator, translates, model, source, drawn, options
                        )
                except GanMriError as error:
                    first = next(iter(sources.files.values()), subject)
                    outcome.failed.append((str(first), str(error)))
                else:
                    (outcome.kept if done else outcome.made).append(image)
                    of = {translator.card.inputs[k]: path for k, path in sources.files.items()}
                    shown.append((image, of))
                bar.update()
            page = Path(output) / f"{subject}.html"
            if shown and (len(outcome.made) > made_before or not page.exists()):
                try:
                    write_subject_page(page, subject, shown)
                except GanMriError as error:
                    outcome.failed.append((str(page), str(error)))
    return outcome


def _image_of(sources, translator, source, output):
    """The path of the image that sources become."""
    card = translator.card
    if sources.missing:
        raise GanMriError(
            f"{sources.subject}: expected a file of {' and '.join(sources.missing)} too, from "
            f"which {translator.path} makes {card.content['target']} with the others. Received "
            "none."
        )
    name, first = next(iter(sources.files.items()))
    folder = output / first.relative_to(source).parent
    return folder / derived_name(first, card.inputs[name], card.content["target"])


def _is_done(image, sources, model, source):
    if not image.exists():
        return False
    beside = sidecar_path(image)
    facts = read_json(beside) if beside.exists() else {}
    if facts.get("Model") != model or facts.get("Sources") != _uris(sources, source):
        raise GanMriError(
            f"{image}: expected nothing, or the image that this model made of the same sources. "
            "Received another one. Give another output folder, or remove it."
        )
    return True


def _uris(sources, source):
    return [uri(path, source) for path in sources.files.values()]


def _translate(image, sources, translator, translates, model, source, drawn, options):
    # Hidden, so that no validator or viewer takes it for an image; the next run replaces it.
    unfinished = image.with_name(f".unfinished-{image.name}")
    deviation = deviation_path(unfinished)
    with contextlib.ExitStack() as cleanup:
        for path in (unfinished, deviation):
            path.unlink(missing_ok=True)
            cleanup.callback(path.unlink, missing_ok=True)
        with _warnings() as warnings:
            translate_file(
                translator, translates, sources.files, unfinished, progress=False, **options
            )
        if translates.mismatch is not None:
            warnings.append(str(translates.mismatch))
        # Where the data set lies on this machine is no part of it.
        warnings = [text.replace(f"{source}{os.sep}", "") for text in warnings]
        facts = _facts(unfinished, sources, translator, model, source, warnings)
        if deviation.exists():
            spread = deviation_of(image)
            description = f"Standard deviation of {options['samples']} {drawn} translations"
            write_json(sidecar_path(spread), facts | {"Description": description})
            spread.unlink(missing_ok=True)
            put_new(deviation, spread)
        write_json(sidecar_path(image), facts)
        # Last: an image that has its name is complete, with everything beside it.
        put_new(unfinished, image)


def _facts(unfinished, sources, translator, model, source, warnings):
    card, array = translator.card, read_image(unfinished).array
    contrasts = [card.inputs[name] for name in sources.files]
    target, first = card.content["target"], next(iter(sources.files.values()))
    return {
        "Description": f"Synthetic {target}, translated from {' and '.join(contrasts)} by a "
        "generative adversarial network; not for diagnosis",
        "Sources": _uris(sources, source),
        "Target": target,
        "Model": model,
        "Versions": card.content.get("versions"),
        "SkullStripped": is_skull_stripped(read_image(first), first),
        "IntensityRange": [float(array.min()), float(array.max())],
        "Warnings": warnings,
    }


@contextlib.contextmanager
def _warnings():
    """What is logged as a warning inside the block, as a list of texts."""
    found, handler = [], logging.Handler(logging.WARNING)
    handler.emit = lambda record: found.append(record.getMessage())
    _log.addHandler(handler)
    try:
        yield found
    finally:
        _log.removeHandler(handler)
