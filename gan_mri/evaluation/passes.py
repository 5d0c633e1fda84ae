"""One pass of a run's models over the test images."""

from typing import NamedTuple

import numpy as np

from gan_mri.errors import GanMriError
from gan_mri.evaluation.measures import measure, measure_real
from gan_mri.evaluation.protocols.rows import UnderProtocol
from gan_mri.inference.passes import Pass

#: In place of a method's name: the real images.
REAL = "real"


class Shown(NamedTuple):
    """The images of one case that is drawn; arrays (*spatial, C) in [-1, 1].

    Attributes
    ----------
    label : str
    sources : dict of str to ndarray
        By domain.
    translation : ndarray
    cycled, truth : ndarray or None
    reference : ndarray or None
        Whose colours the translation was to have, where the model takes one.
    """

    label: str
    sources: dict
    translation: np.ndarray
    cycled: np.ndarray | None
    truth: np.ndarray | None
    reference: np.ndarray | None = None

    @property
    def source(self):
        """The first source."""
        return next(iter(self.sources.values()))


def run_pass(method, run, cases, intensities, progress, protocol=None):
    """Translate every test image, and back where there is a way, and measure.

    A model that makes an image after a reference gets `Case.reference`, and on
    the way back the image that it started from. Under a protocol nothing goes back.

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
    protocol : gan_mri.evaluation.protocols.protocol.Protocol, optional
        That fits all `cases`.

    Returns
    -------
    rows : list of dict
        As `measures.measure`, with "method" in front.
    shown : dict of str to Shown
        By direction.
    """
    models = {name: DirectionModel(run, name, cases) for name in cases.ways}
    chosen, rows, shown = cases.shown(), [], {}
    measure_case = _without_protocol if protocol is None else UnderProtocol(protocol, cases)
    for index, case in enumerate(cases):
        name, way, cycled = case.direction, cases.ways[case.direction], None
        translation = models[name](case.sources, case.reference)
        if way.back is not None and protocol is None:
            cycled = models[way.back]({way.domain: translation}, case.source)
        try:
            measured = measure_case(index, case, translation, cycled, way)
        except GanMriError as error:
            raise GanMriError(f"{run.folder}, {case.label} translated {name}: {error}") from error
        rows += [{"method": method, **row} for row in measured]
        intensities.add((method, name), translation, case.mask)
        if case.truth is not None:
            intensities.add((REAL, name), case.truth, case.mask)
        elif way.back is not None:
            intensities.add((REAL, way.back), case.source, case.mask)
        if index == chosen[name]:
            followed = case.reference if models[name].takes_reference else None
            sources = cases.task.alone(case.sources)
            shown[name] = Shown(case.label, sources, translation, cycled, case.truth, followed)
        progress.update()
    for real in cases.reals() if protocol is None else ():
        rows.append({"method": method, **measure_real(real, cases.ways[real.direction])})
        intensities.add((REAL, real.direction), real.image, real.mask)
    return rows, shown


def _without_protocol(index, case, translation, cycled, way):
    return measure(case, translation, cycled, way)


class DirectionModel:
    """The model of one direction, from images by domain to one image.

    Parameters
    ----------
    run : gan_mri.runs.run.Run
    name : str
        Of the direction.
    cases : gan_mri.evaluation.cases.Cases
        Whose images it takes.

    Attributes
    ----------
    takes_reference : bool
    """

    def __init__(self, run, name, cases):
        self._direction = cases.task.direction(name)
        self._translator = run.translator(name)
        self.takes_reference = self._translator.takes_reference
        # Volumes that would not fit in memory go through in slabs, with the same result.
        self._in_parts = cases.rank == 3 and not self.takes_reference
        self._pass = Pass(self._translator) if self._in_parts else None

    def __call__(self, images, reference):
        batches = {domain: image[np.newaxis] for domain, image in images.items()}
        inputs = self._direction.inputs(batches)
        if self._in_parts:
            return self._pass(inputs)[0][0]
        if len(inputs) == 1:
            (inputs,) = inputs.values()
        references = reference[np.newaxis] if self.takes_reference else None
        return self._translator(inputs, references)[0]
