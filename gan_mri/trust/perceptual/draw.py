"""Which images a study shows: balanced, at random, no anatomy twice where that can be had."""

from typing import NamedTuple

from gan_mri.errors import GanMriError

#: Real images of a contrast, and synthetic ones of a method and contrast, in paper 001: 96 real
#: and 72 synthetic ones of three methods, equally of both contrasts.
PAPER_REAL, PAPER_SYNTHETIC = 48, 12


class Candidate(NamedTuple):
    """An anatomy that can be shown in one contrast, as it is or as it is made.

    Attributes
    ----------
    subject : str
    real, made : object or None
        What says where its real image is, and of what a synthetic one is made, the same for all
        methods; None where there is none.
    """

    subject: str
    real: object
    made: object


class Shown(NamedTuple):
    """An image of the study.

    Attributes
    ----------
    contrast : str
    method : str or None
        None for a real image.
    candidate : Candidate
    """

    contrast: str
    method: str | None
    candidate: Candidate


def draw(candidates, methods, rng, *, real=None, synthetic=None):
    """Draw the images of a study.

    Subjects take turns, and so do their slices, in an order of chance. Roles are dealt out along
    that order: an anatomy is seen again, as a real image or as another method's, only where
    there are fewer anatomies than images.

    Parameters
    ----------
    candidates : dict of str to list of Candidate
        By contrast.
    methods : list of str
    rng : numpy.random.Generator
    real, synthetic : int, optional
        Real images of every contrast, and synthetic ones of every method and contrast. Default:
        12 synthetic ones as in paper 001 and as many real as synthetic, so that half of the
        images are real; fewer where there are not so many.

    Returns
    -------
    list of Shown
        In no order.

    Raises
    ------
    GanMriError
        If more images are asked for than there are.
    """
    shown = []
    for contrast, mine in candidates.items():
        made, real_ones = ([one for one in mine if one[place] is not None] for place in (2, 1))
        makes = min(PAPER_SYNTHETIC, len(made)) if synthetic is None else synthetic
        shows = min(makes * len(methods), len(real_ones)) if real is None else real
        _check("--synthetic", makes, len(made), contrast)
        _check("--real", shows, len(real_ones), contrast)
        order = _in_turns(mine, rng)
        used = dict.fromkeys(order, 0)
        for method, count in [*((method, makes) for method in methods), (None, shows)]:
            fit = [one for one in order if (one.real if method is None else one.made) is not None]
            # What was seen least comes first; sorting keeps the order otherwise.
            for one in sorted(fit, key=used.get)[:count]:
                used[one] += 1
                shown.append(Shown(contrast, method, one))
    return shown


def _check(name, asked, there, contrast):
    if not 1 <= asked <= there:
        raise GanMriError(
            f"{name}: expected a number of images from 1 to {there}, the test images of "
            f"{contrast}. Received: {asked}."
        )


def _in_turns(candidates, rng):
    """The candidates in an order of chance in which subjects take turns."""
    by_subject = {}
    for index in rng.permutation(len(candidates)):
        by_subject.setdefault(candidates[index].subject, []).append(candidates[index])
    turns = [(turn, one) for group in by_subject.values() for turn, one in enumerate(group)]
    return [one for _, one in sorted(turns, key=lambda pair: pair[0])]


def shuffled_names(count, rng):
    """As many names for images, in an order that says nothing about what they are.

    >>> import numpy
    >>> shuffled_names(2, numpy.random.default_rng(0))
    ['a30febcf', 'd9c2825f']
    """
    names = set()
    while len(names) < count:
        names.add(f"{int(rng.integers(2**32)):08x}")
    return [str(name) for name in rng.permutation(sorted(names))]
