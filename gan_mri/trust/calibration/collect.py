"""Errors and deviations of test images, voxel by voxel."""

from typing import NamedTuple

import numpy as np

from gan_mri.inference.passes import Pass
from gan_mri.inference.variations import check_alike, together

#: Voxels that are kept of an image.
_KEPT = 4000


class Doubt(NamedTuple):
    """Of one case that is shown; arrays (*spatial, C) in [-1, 1].

    Attributes
    ----------
    label : str
    source, truth, translation, deviation : ndarray
    """

    label: str
    source: np.ndarray
    truth: np.ndarray
    translation: np.ndarray
    deviation: np.ndarray


class Collected(NamedTuple):
    """Of one direction.

    Attributes
    ----------
    error, deviation : dict of str to ndarray (N,)
        By subject: of at most 4000 voxels of the foreground of an image, drawn by chance.
    mae : dict of str to list of (float, float)
        By subject: mean absolute error of every image, of the first model's first pass alone,
        and of the mean.
    shown : Doubt
    """

    error: dict
    deviation: dict
    mae: dict
    shown: Doubt


def spread_of(runs, direction, cases, *, samples=0, vary=False):
    """The models of some runs as one, with a deviation.

    Parameters
    ----------
    runs : list of gan_mri.runs.run.Run
    direction : str
    cases : gan_mri.evaluation.cases.Cases
    samples : int
        Stochastic passes; of one run, and without `vary`.
    vary : bool
        Mirrored and shifted, too.

    Returns
    -------
    callable
        `spread(case)` gives (mean, deviation, what the first model makes alone).
    """
    translators = [run.translator(direction) for run in runs]
    check_alike(translators)
    reference = any(one.takes_reference for one in translators)
    way = cases.task.direction(direction)

    def spread(case):
        batches = way.inputs({name: image[np.newaxis] for name, image in case.sources.items()})
        given = {"reference": case.reference[np.newaxis]} if reference else {}
        passes = [Pass(one, samples=samples, **given) for one in translators]
        mean, deviation = together(passes, vary=vary)(batches)
        alone, _ = Pass(translators[0], **given)(batches)
        return mean[0], deviation[0], alone[0]

    return spread


def collect(spread, direction, cases, progress):
    """Translate the test images of one direction that have a truth.

    Parameters
    ----------
    spread : callable
        From `spread_of`.
    direction : str
    cases : gan_mri.evaluation.cases.Cases
    progress : tqdm.tqdm
        Updated by 1 for every image.

    Returns
    -------
    Collected
    """
    errors, deviations, mae, shown = {}, {}, {}, None
    chosen = cases.shown()[direction]
    for index, (name, *_) in enumerate(cases.identity):
        if name != direction:
            continue
        case = cases[index]
        mean, deviation, alone = spread(case)
        inside = np.broadcast_to(True if case.mask is None else case.mask, mean.shape[:-1])
        kept = _kept(np.flatnonzero(inside), index)
        error = (mean - case.truth).reshape(-1, mean.shape[-1])[kept]
        errors.setdefault(case.subject, []).append(error.ravel())
        doubts = deviation.reshape(-1, mean.shape[-1])[kept]
        deviations.setdefault(case.subject, []).append(doubts.ravel())
        pair = (float(np.abs(one - case.truth)[inside].mean()) for one in (alone, mean))
        mae.setdefault(case.subject, []).append(tuple(pair))
        if index == chosen:
            source = next(iter(cases.task.alone(case.sources).values()))
            shown = Doubt(case.label, source, case.truth, mean, deviation)
        progress.update()
    joined = [
        {subject: np.concatenate(parts) for subject, parts in one.items()}
        for one in (errors, deviations)
    ]
    return Collected(*joined, mae, shown)


def _kept(places, seed):
    if len(places) <= _KEPT:
        return places
    return np.sort(np.random.default_rng(seed).choice(places, _KEPT, replace=False))
