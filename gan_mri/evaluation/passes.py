"""One pass of a run's models over the test images."""

from typing import NamedTuple

import numpy as np

from gan_mri.errors import GanMriError
from gan_mri.evaluation.measures import measure

#: In place of a method's name: the real images.
REAL = "real"


class Shown(NamedTuple):
    """The images of one case that is drawn; arrays (H, W, C) in [-1, 1].

    Attributes
    ----------
    label : str
    source, translation, cycled : ndarray
    truth : ndarray or None
    reference : ndarray or None
        Whose colours the translation was to have, where the model takes one.
    """

    label: str
    source: np.ndarray
    translation: np.ndarray
    cycled: np.ndarray
    truth: np.ndarray | None
    reference: np.ndarray | None = None


def run_pass(method, run, cases, intensities, progress):
    """Translate every test image there and back, and measure.

    A model that makes an image after a reference gets `Case.reference`, and on
    the way back the image that it started from.

    Parameters
    ----------
    method : str
    run : gan_mri.runs.run.Run
    cases : gan_mri.evaluation.cases.Cases
    intensities : gan_mri.evaluation.intensities.Intensities
        Takes the intensities of translations under (method, direction) and of
        real images under (REAL, direction), with the direction that makes
        their contrast.
    progress : tqdm.tqdm
        Updated by 1 for every case.

    Returns
    -------
    rows : list of dict
        As `measures.measure`, with "method" in front.
    shown : dict
        {"A2B": Shown, "B2A": Shown}.
    """
    translators = {direction: run.translator(direction) for direction in ("A2B", "B2A")}

    def translate(direction, image, reference):
        translator = translators[direction]
        references = reference[np.newaxis] if translator.takes_reference else None
        return translator(image[np.newaxis], references)[0]

    chosen, rows, shown = cases.shown(), [], {}
    for index, case in enumerate(cases):
        there, back = case.direction, case.direction[::-1]
        translation = translate(there, case.source, case.reference)
        cycled = translate(back, translation, case.source)
        try:
            measured = measure(case, translation, cycled, cases.contrasts)
        except GanMriError as error:
            raise GanMriError(f"{run.folder}, {case.label} translated {there}: {error}") from error
        rows += [{"method": method, **row} for row in measured]
        intensities.add((method, there), translation, case.mask)
        real = (there, case.truth) if cases.paired else (back, case.source)
        intensities.add((REAL, real[0]), real[1], case.mask)
        if index == chosen[there]:
            followed = case.reference if translators[there].takes_reference else None
            shown[there] = Shown(case.label, case.source, translation, cycled, case.truth, followed)
        progress.update()
    return rows, shown
