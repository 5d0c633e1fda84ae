"""The test images of a run, one translation at a time."""

from typing import NamedTuple

import numpy as np

from gan_mri.errors import GanMriError
from gan_mri.evaluation.partners import partners


class Case(NamedTuple):
    """One test image to translate.

    Attributes
    ----------
    direction : {"A2B", "B2A"}
    subject : str
    label : str
        A name for people, "sub-07 slice 95".
    source : ndarray (H, W, C)
        What is translated, whole, float32 in [-1, 1].
    truth : ndarray (H, W, C) or None
        The real image of the other domain; None where there is no pair.
    mask : ndarray of bool (H, W) or None
        Foreground of source or truth (`gan_mri.data.images.foreground`); None where
        there is none, so that every pixel counts.
    reference : ndarray (H', W', C) or None
        A real test image of the other domain, for models that make an image
        after a reference, see `gan_mri.evaluation.partners`; measuring alone
        needs none.
    """

    direction: str
    subject: str
    label: str
    source: np.ndarray
    truth: np.ndarray | None
    mask: np.ndarray | None
    reference: np.ndarray | None = None


class Cases:
    """The test images of a data set as a run sees them, in both directions.

    Iterating reads, scales and resamples one case after the other; nothing is
    kept.

    Parameters
    ----------
    data : gan_mri.data.TranslationData
    geometry : gan_mri.data.images.geometry.Geometry

    Attributes
    ----------
    paired : bool
        True where the test part has pairs; then only they are taken.
    subjects : list of str
    contrasts : dict
        The contrast that each direction makes: {"A2B": "T2w", "B2A": "T1w"}.
    """

    def __init__(self, data, geometry):
        self._split, self._geometry = data.test, geometry
        self.contrasts = {"A2B": data.contrasts[1], "B2A": data.contrasts[0]}
        self.paired = len(data.test.pairs) > 0
        if self.paired:
            rows = data.test.pairs.tolist()
            places = [(direction, a, b) for a, b in rows for direction in ("A2B", "B2A")]
        else:
            places = [("A2B", a, None) for a in range(len(data.test.A))]
            places += [("B2A", None, b) for b in range(len(data.test.B))]
        self._places = places
        self.subjects = sorted({self._key(place).subject for place in places})
        self._partners = partners(data.test) if self.paired else None

    def __len__(self):
        return len(self._places)

    def __getitem__(self, index):
        place = self._places[index]
        direction, a, b = place
        images = [self._image(self._split.A, a), self._image(self._split.B, b)]
        masks = [self._mask(self._split.A, a), self._mask(self._split.B, b)]
        mask = np.logical_or.reduce([mask for mask in masks if mask is not None])
        source, truth = images if direction == "A2B" else reversed(images)
        return Case(
            direction,
            self._key(place).subject,
            self._label(place),
            source,
            truth,
            mask if mask.any() else None,
            self._image(*self._reference(place)),
        )

    @property
    def identity(self):
        """What two runs must share to be compared: a list of (direction, slice, H, W)."""
        keys = []
        for place in self._places:
            domain, index = self._source(place)
            shape = domain.shape(index)
            if self._geometry.fit == "resize":
                shape = tuple(self._geometry.size)
            keys.append((place[0], tuple(domain.keys[index]), *shape))
        return keys

    def shown(self):
        """Indices of the cases to draw, chosen before anything is known of the results.

        The middle slice of the middle subject in alphabetical order: one case
        of each direction, {"A2B": index, "B2A": index}.
        """
        chosen = {}
        for direction in ("A2B", "B2A"):
            mine = [i for i, place in enumerate(self._places) if place[0] == direction]
            subjects = sorted({self._key(self._places[i]).subject for i in mine})
            subject = subjects[len(subjects) // 2]
            slices = [i for i in mine if self._key(self._places[i]).subject == subject]
            chosen[direction] = slices[len(slices) // 2]
        return chosen

    def _image(self, domain, index):
        return None if index is None else self._geometry.whole(domain[index])

    def _mask(self, domain, index):
        return None if index is None else self._geometry.whole_mask(domain.mask(index))

    def _source(self, place):
        direction, a, b = place
        return (self._split.A, a) if direction == "A2B" else (self._split.B, b)

    def _reference(self, place):
        """Domain and index of the reference."""
        direction, a, b = place
        domain = self._split.B if direction == "A2B" else self._split.A
        if self.paired:
            a, b = self._partners[a, b]
            return domain, b if direction == "A2B" else a
        return domain, (a if direction == "A2B" else b) % len(domain)

    def _key(self, place):
        domain, index = self._source(place)
        return domain.keys[index]

    def _label(self, place):
        domain, index = self._source(place)
        return domain.label(index)


def check_test_part(data, run):
    """Refuse data without test images in both domains.

    Parameters
    ----------
    data : gan_mri.data.TranslationData
    run : gan_mri.runs.run.Run
    """
    missing = [
        contrast
        for contrast, domain in zip(data.contrasts, (data.test.A, data.test.B))
        if not len(domain)
    ]
    if missing:
        raise GanMriError(
            f"{run.folder}: expected test images of {' and '.join(data.contrasts)}, to measure "
            "the run on subjects "
            f"that it has not seen. Received: none of {' and none of '.join(missing)}. Give "
            "other data with --data, "
            "or train with a test part (--split 0.7 0 0.3 or --test-subjects)."
        )


def check_same_images(cases, first, run, first_run):
    """Refuse to compare runs that are not tested on the same images.

    Parameters
    ----------
    cases, first : Cases
        Of `run` and of `first_run`.
    run, first_run : gan_mri.runs.run.Run
    """
    both = f"{first_run.folder} and {run.folder}: expected runs that are tested on the same "
    both += "images. Received: "
    if cases.contrasts != first.contrasts:
        raise GanMriError(both + f"{_pair(first)} in the first, {_pair(cases)} in the second.")
    mine, theirs = set(cases.subjects), set(first.subjects)
    if mine != theirs:
        raise GanMriError(
            both + f"different test subjects. Only the first has {_few(theirs - mine)}; "
            f"only the second has {_few(mine - theirs)}."
        )
    if cases.identity != first.identity:
        here, there = set(cases.identity), set(first.identity)
        raise GanMriError(
            both + "the same test subjects, but other slices or sizes (direction, (subject, "
            "entities, slice), rows, "
            f"columns). Only the first has {_few(there - here)}; only the second has "
            f"{_few(here - there)}."
        )


def _pair(cases):
    return f"{cases.contrasts['B2A']} and {cases.contrasts['A2B']}"


def _few(items):
    items = sorted(map(str, items))
    if not items:
        return "none"
    return ", ".join(items[:3]) + (f" ... ({len(items)} in all)" if len(items) > 3 else "")
