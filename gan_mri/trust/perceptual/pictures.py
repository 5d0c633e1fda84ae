"""The images of a study as PNG pictures that all look made the same way."""

import io

import numpy as np
from PIL import Image as Picture

from gan_mri.evaluation.passes import DirectionModel
from gan_mri.reporting.planes import as_picture
from gan_mri.trust.perceptual.draw import Candidate

#: A picture's longer side is at least this many pixels, by a whole factor.
_SMALLEST = 384


def candidates_of(comparison):
    """What can be shown of the test images that some runs share.

    Real images of a contrast are the truths of its translations, or, without pairs, the images
    that are translated from it. Where several directions make a contrast, the first counts.

    Parameters
    ----------
    comparison : gan_mri.evaluation.comparison.Comparison

    Returns
    -------
    dict of str to list of gan_mri.trust.perceptual.draw.Candidate
        By contrast, of those that all runs make. Places are (direction, sample).
    """
    cases = comparison.cases[0]
    shared = [
        way for way in cases.ways.values() if all(way.name in one.ways for one in comparison.cases)
    ]
    candidates = {}
    for way in shared:
        if way.contrast in candidates:
            continue
        places = [(name, sample) for name, sample, *_ in cases.identity if name == way.name]
        made = [Candidate(sample[0], None, (name, sample)) for name, sample in places]
        if way.name not in cases.unpaired:
            made = [one._replace(real=one.made) for one in made]
        elif way.back is not None:
            there = [(name, sample) for name, sample, *_ in cases.identity if name == way.back]
            made += [Candidate(sample[0], (name, sample), None) for name, sample in there]
        candidates[way.contrast] = made
    return candidates


def pictures_of(shown, comparison, runs, progress):
    """The pictures of what was drawn, each with the words for the key.

    Parameters
    ----------
    shown : list of gan_mri.trust.perceptual.draw.Shown
    comparison : gan_mri.evaluation.comparison.Comparison
    runs : list of gan_mri.runs.run.Run
        Those of the comparison.
    progress : tqdm.tqdm
        Updated by 1 for every picture.

    Yields
    ------
    png : bytes
    label : str
        What stands in the key, such as "sub-07 slice 95".
    """
    numbers = {method: number for number, method in enumerate(comparison.methods)}
    places = [
        {key[:2]: index for index, key in enumerate(one.identity)} for one in comparison.cases
    ]
    models = {}
    for image in shown:
        number = numbers[image.method] if image.method is not None else 0
        cases = comparison.cases[number]
        name, sample = image.candidate.real if image.method is None else image.candidate.made
        case = cases[places[number][name, sample]]
        if image.method is None:
            # Without a truth it is the image that is translated from this contrast.
            paired = cases.ways[name].contrast == image.contrast
            alone = cases.task.alone(case.sources).values()
            pixels = case.truth if paired else next(iter(alone))
        else:
            if (number, name) not in models:
                models[number, name] = DirectionModel(runs[number], name, cases)
            pixels = models[number, name](case.sources, case.reference)
        yield to_png(as_picture(pixels, cases.rank)), case.label
        progress.update()


def to_png(image):
    """A PNG picture, in grey or colour; it says nothing about where it is from.

    Parameters
    ----------
    image : ndarray (H, W, 1) or (H, W, 3)
        -1 becomes black and 1 white, what lies outside is clipped.

    Returns
    -------
    bytes
        Enlarged by a whole factor, pixels staying squares.
    """
    levels = np.rint((np.clip(image, -1, 1) + 1) * 127.5).astype(np.uint8)
    factor = -(-_SMALLEST // max(levels.shape[:2]))
    levels = levels.repeat(factor, axis=0).repeat(factor, axis=1)
    file = io.BytesIO()
    Picture.fromarray(levels[..., 0] if levels.shape[-1] == 1 else levels).save(file, "PNG")
    return file.getvalue()
