"""Every test source coloured like every test reference (paper 000, section 4.1)."""

from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from gan_mri import metrics
from gan_mri.errors import GanMriError
from gan_mri.evaluation.case_checks import check_test_part
from gan_mri.evaluation.statistics import LEVEL, RESAMPLINGS, SEED

#: Test images of each domain: the paper has 28.
MOST = 28
#: Images of each domain that are kept to be drawn, as in the paper's Figures 3 and 4.
_DRAWN = 5


class DrawnGrid(NamedTuple):
    """Images that are kept to be drawn, chosen before anything is known of the results.

    Attributes
    ----------
    rows, columns : list of int
        Places of the sources and of the references in the `RoundRobin`.
    sources, references : list of ndarray (H, W, 3)
        In [-1, 1].
    translations : list of list of ndarray (H, W, 3)
        A list a source, an image a reference.
    """

    rows: list
    columns: list
    sources: list
    references: list
    translations: list


class RoundRobin(NamedTuple):
    """S sources by R references: what a run made of every combination.

    Attributes
    ----------
    sources, references : list of str
        Names for people.
    source_colors, reference_colors : ndarray (S, 3), (R, 3)
        `metrics.mean_lab` of the real images.
    differences : ndarray (S, R)
        `metrics.cie76` of the mean colours of translation and reference.
    structure : ndarray (S, R)
        `metrics.gradient_ssim` of source and translation.
    grid : DrawnGrid
    """

    sources: list
    references: list
    source_colors: np.ndarray
    reference_colors: np.ndarray
    differences: np.ndarray
    structure: np.ndarray
    grid: DrawnGrid

    @property
    def untranslated(self):
        """(S, R): the differences if every source were left as it is."""
        return metrics.cie76(self.source_colors[:, np.newaxis], self.reference_colors)

    @property
    def other_reference(self):
        """(R, R - 1): if the answer were one of the other references.

        What a model gets that meets the domain but does not look at its
        reference.
        """
        count = len(self.references)
        pairs = metrics.cie76(self.reference_colors[:, np.newaxis], self.reference_colors)
        return pairs[~np.eye(count, dtype=bool)].reshape(count, count - 1)

    @property
    def mean_reference(self):
        """(R,): if every answer had the mean colour of all references.

        About the least that one colour for all can reach.
        """
        return metrics.cie76(self.reference_colors.mean(axis=0), self.reference_colors)


def round_robin(run, *, data=None, direction="A2B", most=MOST, batch_size=8, progress=True):
    """Translate every test source with every test reference, and measure.

    A run whose translator takes no reference translates each source once; that
    one image is compared with every reference. Translations are clipped to
    [-1, 1], as when they are written as pictures.

    Parameters
    ----------
    run : gan_mri.runs.run.Run
        A finished one, of RGB images.
    data : gan_mri.data.TranslationData, optional
        Default: `run.load_data()`.
    direction : {"A2B", "B2A"}
        Sources come from the first domain, references from the second.
    most : int
        Test images of each domain: all if there are no more, else as many,
        evenly spread.
    batch_size : int
        References that a source is translated with at a time.
    progress : bool
        Show a progress bar.

    Returns
    -------
    RoundRobin

    Raises
    ------
    GanMriError
        If the run is not finished, the data have no test part or are not RGB,
        an argument is not as above, a translation is not finite, or a source
        has no structure; the last two name the images.

    Examples
    --------
    >>> found = round_robin(load_run("runs/method6"))  # doctest: +SKIP
    >>> found.differences.mean(), found.untranslated.mean()  # doctest: +SKIP
    (4.6, 17.3)
    """
    way = run.task.direction(direction)
    if min(most, batch_size) < 1:
        raise GanMriError(
            f"round_robin: expected most and batch_size from 1. Received: {most!r}, {batch_size!r}."
        )
    data = run.load_data() if data is None else data
    check_test_part(data, run)
    if data.channels != 3:
        raise GanMriError(
            f"{run.folder}: expected RGB images, whose colours can be compared. "
            f"Received: images with {data.channels} channel."
        )
    geometry = run.view.geometry
    domains = [data.test[domain] for domain in (*way.sources, way.target)]
    (sources, images), (references, targets) = (_images(one, geometry, most) for one in domains)
    colors = np.array([metrics.mean_lab(one) for one in targets])
    translator = run.translator(direction)
    differences, structure = np.empty((2, len(sources), len(references)))
    rows, columns = _spread(len(sources), _DRAWN), _spread(len(references), _DRAWN)
    drawn = []
    shown = {
        "desc": f"colours of {run.folder.name}",
        "disable": not progress,
        "dynamic_ncols": True,
    }
    with tqdm(images, unit="source", **shown) as bar:
        for row, source in enumerate(bar):
            made = _translations(translator, source, targets, batch_size)
            try:
                found = np.array([metrics.mean_lab(one) for one in made])
                structure[row] = [metrics.gradient_ssim(source, one) for one in made]
            except GanMriError as error:
                raise GanMriError(
                    f"{run.folder}, {sources[row]} translated {direction}: {error}"
                ) from error
            differences[row] = metrics.cie76(found, colors)
            if row in rows:
                drawn.append([made[column if len(made) > 1 else 0] for column in columns])
    grid = DrawnGrid(rows, columns, [images[i] for i in rows], [targets[j] for j in columns], drawn)
    own = np.array([metrics.mean_lab(one) for one in images])
    return RoundRobin(sources, references, own, colors, differences, structure, grid)


def two_way_interval(values):
    """The 95 % interval of the mean of a table whose rows and columns are samples.

    Differences of one source, or of one reference, belong together, so the
    784 combinations of 28 and 28 images are not 784 observations. Sources and
    references are resampled each for themselves (the pigeonhole bootstrap of
    Owen 2007, which errs on the wide side), 2000 times, seeded.

    Parameters
    ----------
    values : ndarray (S, R)

    Returns
    -------
    (float, float) or (None, None)
        None with a single source or reference.

    References
    ----------
    A. B. Owen, "The pigeonhole bootstrap", Annals of Applied Statistics 1
    (2007) 386-411.
    """
    if min(values.shape) < 2:
        return None, None
    rng = np.random.default_rng(SEED)
    # How often each was drawn: the same as n draws with replacement.
    rows, columns = (
        rng.multinomial(n, np.full(n, 1 / n), size=RESAMPLINGS) / n for n in values.shape
    )
    means = np.sum((rows @ values) * columns, axis=1)
    low, high = np.percentile(means, (100 * (1 - LEVEL) / 2, 100 * (1 + LEVEL) / 2))
    return float(low), float(high)


def _images(domain, geometry, most):
    """Names and whole images of at most so many test images."""
    places = _spread(len(domain), most)
    # Resampling may round beyond the ends of the range.
    images = [np.clip(geometry.whole(domain[place]), -1, 1) for place in places]
    return [domain.label(place) for place in places], images


def _spread(count, most):
    """At most so many of the first `count` whole numbers, evenly spread."""
    return [int(place) for place in np.linspace(0, count - 1, min(count, most)).round()]


def _translations(translator, source, references, batch_size):
    """A list of the source with every reference, or of the one image that needs none."""
    if not translator.takes_reference:
        return [np.clip(translator(source[np.newaxis])[0], -1, 1)]
    by_shape = {}  # a batch has one; those of uncropped pictures differ
    for place, reference in enumerate(references):
        by_shape.setdefault(reference.shape, []).append(place)
    made = [None] * len(references)
    for places in by_shape.values():
        for start in range(0, len(places), batch_size):
            batch = places[start : start + batch_size]
            images = np.repeat(source[np.newaxis], len(batch), axis=0)
            given = np.stack([references[place] for place in batch])
            for place, image in zip(batch, translator(images, references=given)):
                made[place] = np.clip(image, -1, 1)
    return made
