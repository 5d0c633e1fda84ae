"""Images translated, shown in their own contrast, and translated back: UNIT's three streams."""

from typing import NamedTuple

import numpy as np

from gan_mri.evaluation.cases import Cases
from gan_mri.evaluation.names import readable
from gan_mri.networks.unit_translator import compose_translator
from gan_mri.reporting.planes import as_picture
from gan_mri.reporting.sheets import sample_sheet


class Streams(NamedTuple):
    """What a UNIT makes of one image; arrays (*spatial, C) in [-1, 1].

    Attributes
    ----------
    label : str
    source : ndarray
    truth : ndarray or None
        The real image of the other contrast.
    translation, reconstruction, cycled : ndarray
        The code of the source shown in the other contrast, in its own; and
        the translation translated back.
    """

    label: str
    source: np.ndarray
    truth: np.ndarray | None
    translation: np.ndarray
    reconstruction: np.ndarray
    cycled: np.ndarray


def unit_translators(run):
    """A UNIT's networks from image to image, for all four ways through the shared code.

    Parameters
    ----------
    run : gan_mri.runs.run.Run
        A finished run of a UNIT.

    Returns
    -------
    dict of str to keras.Model
        "A2B", "B2A", "A2A", "B2B"; the last two reconstruct.

    Raises
    ------
    GanMriError
        If the run is of a method without those networks.
    """
    parts = {
        name: run.network(name)
        for name in (
            "encoder_A",
            "encoder_B",
            "shared_encoder",
            "shared_decoder",
            "generator_A",
            "generator_B",
        )
    }
    return {
        f"{source}2{target}": compose_translator(
            parts[f"encoder_{source}"],
            parts["shared_encoder"],
            parts["shared_decoder"],
            parts[f"generator_{target}"],
            channels=run.config["data"]["channels"],
            name=f"{source}2{target}",
        )
        for source in "AB"
        for target in "AB"
    }


def unit_streams(run):
    """Send one test image of each contrast through a UNIT.

    Parameters
    ----------
    run : gan_mri.runs.run.Run
        A finished run of a UNIT.

    Returns
    -------
    dict
        {"A2B": Streams, "B2A": Streams}, by the direction of the translation;
        the images are those that `gan_mri.evaluate` draws.
    """
    cases = Cases(run.load_data(), run.view.geometry, run.task)
    translators = unit_translators(run)
    streams = {}
    for direction, index in cases.shown().items():
        case = cases[index]
        source = case.source[np.newaxis]
        translation = translators[direction](source)
        own = translators[f"{direction[0]}2{direction[0]}"](source)
        cycled = translators[direction[::-1]](translation)
        made = (np.asarray(images)[0] for images in (translation, own, cycled))
        streams[direction] = Streams(case.label, case.source, case.truth, *made)
    return streams


def reconstruction_figure(path, streams, contrasts):
    """Draw what several UNITs make of one image of each contrast, as Figure 5 of paper 002.

    Two lines a method: one from each contrast. Of volumes three planes are shown.

    Parameters
    ----------
    path : Path
        The PNG to write.
    streams : dict
        {method: what `unit_streams` returns}.
    contrasts : dict
        The contrast that each direction makes.

    Returns
    -------
    Path
    """
    paired = all(one.truth is not None for both in streams.values() for one in both.values())
    columns = ["input (real)", "translated", "reconstructed", "there and back"]
    if paired:
        columns.insert(1, "real, of the other contrast")
    rows = []
    for method, both in streams.items():
        for direction in ("A2B", "B2A"):
            one, made = both[direction], contrasts[direction]
            images = [one.source, one.translation, one.reconstruction, one.cycled]
            if paired:
                images.insert(1, one.truth)
            images = [as_picture(image, image.ndim - 1) for image in images]
            # Without underscores the label can be wrapped between words.
            name = readable(method)
            rows.append((f"{name}: {contrasts[direction[::-1]]} to {made}", images))
    labels = dict.fromkeys(one.label for both in streams.values() for one in both.values())
    sample_sheet(path, columns, rows, title=" | ".join(labels))
    return path
