"""The test images of a run, one translation at a time."""

from typing import NamedTuple

import numpy as np

from gan_mri.evaluation.partners import partners
from gan_mri.evaluation.ways import ways_of


class Case(NamedTuple):
    """One image to make.

    Attributes
    ----------
    direction : str
        Its name.
    subject : str
    label : str
        A name for people, "sub-07 slice 95".
    sources : dict of str to ndarray (*spatial, C)
        By domain: what is translated, whole, float32 in [-1, 1]; with its neighbouring slices
        as channels, if the task has any.
    truth : ndarray (*spatial, C) or None
        The real image of the target; None where there is none of this anatomy.
    mask : ndarray of bool (*spatial) or None
        Foreground of any source or of the truth (`gan_mri.data.images.foreground`);
        None where there is none, so that every voxel counts.
    source_mask : ndarray of bool (*spatial) or None
        Foreground of the first source alone: where a cycle is measured.
    reference : ndarray (*spatial', C) or None
        A real test image of the target, for models that make an image after a
        reference, see `gan_mri.evaluation.partners`; measuring alone needs none.
    """

    direction: str
    subject: str
    label: str
    sources: dict
    truth: np.ndarray | None
    mask: np.ndarray | None
    source_mask: np.ndarray | None
    reference: np.ndarray | None = None

    @property
    def source(self):
        """The first source."""
        return next(iter(self.sources.values()))


class Real(NamedTuple):
    """A real image of a contrast that is made without a truth and without a way back.

    Attributes as those of `Case`; `image` is of the target of the direction.
    """

    direction: str
    subject: str
    label: str
    image: np.ndarray
    mask: np.ndarray | None


class Cases:
    """The test images of a data set as a run sees them, in every direction.

    Iterating reads, scales and resamples one case after the other; nothing is
    kept.

    Parameters
    ----------
    data : gan_mri.data.TranslationData
    geometry : gan_mri.data.images.geometry.Geometry
    task : gan_mri.tasks.Task
    only : collection of str, optional
        Names of directions; the others are left out.

    Attributes
    ----------
    task : gan_mri.tasks.Task
    split : gan_mri.data.Split
        The test part.
    geometry : gan_mri.data.images.geometry.Geometry
    scaling : dict of str to gan_mri.data.images.scaling.IntensityScaling
        By domain.
    slices : (int, int) or None
        The range of slices that the samples were taken from; None: whole volumes.
    ways : dict of str to gan_mri.evaluation.ways.Way
        The directions that are measured: those with a source.
    contrasts : dict of str to str
        By domain.
    subjects : list of str
    rank : {2, 3}
        Slices and pictures, or volumes.
    """

    def __init__(self, data, geometry, task, *, only=None):
        self.split, self.geometry, self.task = data.test, geometry, task
        self.scaling, self.slices = data.scaling, data.record["slices"]
        self.contrasts, self.rank = data.contrast_of, geometry.rank
        self.ways = ways_of(task, self.contrasts)
        if only is not None:
            self.ways = {name: way for name, way in self.ways.items() if name in only}
        groups = {}
        for name, way in self.ways.items():
            groups.setdefault(_row_domains(self.split, way), []).append(name)
        # Directions between the same images take turns, row by row.
        self._places, self._partners = [], {}
        for domains, names in groups.items():
            rows = [tuple(row) for row in self.split.matched(domains).tolist()]
            self._places += [(name, dict(zip(domains, row))) for row in rows for name in names]
            if len(domains) > 1:
                keys = self.split[domains[0]].keys
                chosen = partners(rows, [keys[row[0]].subject for row in rows])
                self._partners[domains] = chosen
        self.subjects = sorted({self._key(place).subject for place in self._places})

    def __len__(self):
        return len(self._places)

    def __getitem__(self, index):
        place = self._places[index]
        name, row = place
        way = self.ways[name]
        images = {domain: self._image(domain, number) for domain, number in row.items()}
        masks = {domain: self._mask(domain, number) for domain, number in row.items()}
        first = next(iter(way.sources))
        return Case(
            name,
            self._key(place).subject,
            self.split[first].label(row[first]),
            {domain: images[domain] for domain in way.sources},
            images.get(way.domain),
            _not_empty(np.logical_or.reduce(list(masks.values()))),
            _not_empty(masks[first]),
            self._image(way.domain, self._reference(way, row)),
        )

    def place(self, index):
        """Of a case the direction's name, and the index of its sample in every domain."""
        return self._places[index]

    @property
    def paired(self):
        """Whether every image that is made has a true one to be compared with."""
        return not self.unpaired

    @property
    def unpaired(self):
        """Names of the directions without true images."""
        return [name for name in self.ways if not self._has_truth(name)]

    def reals(self):
        """Real images of every contrast whose translations meet none otherwise.

        Those of a direction with a truth are the truths, and those of one with
        a way back are the sources of that way. What remains is a direction
        without either.

        Yields
        ------
        Real
        """
        for name in self.unpaired:
            way = self.ways[name]
            if way.back is None:
                samples = self.split[way.domain]
                for index, key in enumerate(samples.keys):
                    image, mask = self._image(way.domain, index), self._mask(way.domain, index)
                    yield Real(name, key.subject, samples.label(index), image, _not_empty(mask))

    @property
    def identity(self):
        """What two runs must share to be compared: a list of (direction, sample, *size)."""
        keys = []
        for name, row in self._places:
            domain = next(iter(self.ways[name].sources))
            shape = self.split[domain].shape(row[domain])
            if self.geometry.fit == "resize":
                shape = tuple(self.geometry.size)
            keys.append((name, tuple(self.split[domain].keys[row[domain]]), *shape))
        return keys

    def shown(self):
        """Indices of the cases to draw, chosen before anything is known of the results.

        The middle slice of the middle subject in alphabetical order.

        Returns
        -------
        dict of str to int
            One case of each direction.
        """
        chosen = {}
        for name in self.ways:
            mine = [i for i, place in enumerate(self._places) if place[0] == name]
            subjects = sorted({self._key(self._places[i]).subject for i in mine})
            subject = subjects[len(subjects) // 2]
            samples = [i for i in mine if self._key(self._places[i]).subject == subject]
            chosen[name] = samples[len(samples) // 2]
        return chosen

    def _image(self, domain, index):
        return self.geometry.whole(self.split[domain][index])

    def _mask(self, domain, index):
        return self.geometry.whole_mask(self.split[domain].mask(index))

    def _has_truth(self, name):
        way = self.ways[name]
        return way.domain in _row_domains(self.split, way)

    def _reference(self, way, row):
        """Which sample of the target is the reference."""
        if way.domain in row:
            domains = tuple(row)
            return self._partners[domains][tuple(row.values())][domains.index(way.domain)]
        return row[next(iter(way.sources))] % len(self.split[way.domain])

    def _key(self, place):
        name, row = place
        domain = next(iter(self.ways[name].sources))
        return self.split[domain].keys[row[domain]]


def _row_domains(split, way):
    """The domains of a row: sources and target where they match, else the sources."""
    both = tuple(name for name in split.domains if name in way.sources or name == way.domain)
    if len(split.matched(both)):
        return both
    return tuple(name for name in both if name in way.sources)


def _not_empty(mask):
    """The mask, or None (everywhere) where it holds nothing."""
    return mask if mask.any() else None
