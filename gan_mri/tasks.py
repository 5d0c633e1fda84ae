"""What is translated into what: domains, directions, tasks and the terms of a training step.

A *domain* is a named kind of image: a contrast, a modality, a scanner, masks. A *direction*
leads from one or several source domains (or from none, where a network makes images out of
noise) to one target. A *task* is the domains, the directions, which domains must show the same
anatomy in a batch, and how many neighbouring slices the source images come with. A recipe gives
domains roles ("A", "B"); data give them the names of contrasts ("T1w", "T2w").
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gan_mri import seeds
from gan_mri.errors import GanMriError

#: Kinds of terms: a discriminator's loss; an adversarial, regularizing or other loss of the
#: generators; a loss that compares images; the weighted sum that generators are trained with.
KINDS = ("discriminator", "generator", "image", "total")

#: What the random numbers of a direction without a source are called; no domain may be.
NOISE = "noise"


class Direction(NamedTuple):
    """One way to translate.

    Attributes
    ----------
    name : str
        "A2B" where there are two domains; of many, that of the target.
    sources : tuple of str
        Domains; empty where the image is made of noise.
    target : str
        Domain.
    noise : int
        Random numbers that an image is made of; 0 where there are sources.
    """

    name: str
    sources: tuple
    target: str
    noise: int = 0

    def inputs(self, images, reference=None):
        """What the network of this direction is called with, by the names of its inputs.

        Parameters
        ----------
        images : dict of str to array
            By domain, `(N, *spatial, C)`; those that are no source are left out. For a
            direction from noise, "noise" `(N, noise)` may be among them; default: the
            numbers from 0 on of `draw_noise`, as many as there are images of the target.
        reference : array, optional
            `(N, *spatial, C)`, for a network with an input of this name.

        Returns
        -------
        dict of str to array
            A single source is called "image", several are called as their domains,
            random numbers are called "noise".
        """
        if len(self.sources) == 1:
            named = {"image": images[self.sources[0]]}
        else:
            named = {domain: images[domain] for domain in self.sources}
        if self.noise:
            drawn = images.get(NOISE)
            if drawn is None:
                drawn = self.draw_noise(range(len(images[self.target])))
            named[NOISE] = drawn
        return named if reference is None else named | {"reference": reference}

    def draw_noise(self, numbers, seed=0):
        """The random numbers of some images, uniform in [-1, 1].

        Parameters
        ----------
        numbers : iterable of int
            Which images, from 0: those of an image depend on its number and the seed alone.
        seed : int

        Returns
        -------
        ndarray (N, noise)
            float32.
        """
        drawn = [seeds.generator(seed, NOISE, k).uniform(-1, 1, self.noise) for k in numbers]
        return np.array(drawn, np.float32).reshape(-1, self.noise)


class Term(NamedTuple):
    """What one number of a training step is.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    weight : float
        In the sum that its networks are trained with; 1 for that sum itself and for
        discriminators, whose losses are weighted already.
    direction : str or None
        The name of the direction that makes the image in question.
    """

    kind: str
    weight: float = 1.0
    direction: str | None = None


@dataclass(frozen=True)
class Task:
    """Domains, directions, what must be paired, and what comes with the sources.

    Parameters
    ----------
    domains : tuple of str
        In the order of `--contrasts`.
    directions : tuple of Direction
        The first is taken where nobody names one.
    paired : tuple of str
        Domains whose images of one row of a batch must show the same anatomy; empty if none
        need to.
    neighbours : int
        Slices on either side that the images of every source bring along, as channels:
        `(N, *spatial, (2 * neighbours + 1) * C)`, the slice itself in the middle, see
        `gan_mri.data.images.neighbours`. Images of targets are always the slice alone.

    Raises
    ------
    GanMriError
        For neighbours where a source is also a target: what is made has none.

    Examples
    --------
    >>> task = Task.between("A", "B")
    >>> [direction.name for direction in task.directions], task.back("A2B").name
    (['A2B', 'B2A'], 'B2A')
    """

    domains: tuple
    directions: tuple
    paired: tuple = ()
    neighbours: int = 0

    def __post_init__(self):
        targets = {direction.target for direction in self.directions}
        both = [name for name in self.domains if name in targets and name in self.contexts]
        if both:
            raise GanMriError(
                "neighbours: expected 0 where images of one kind are both made and translated, "
                f"because the images that are made have no neighbouring slices. Received: "
                f"{self.neighbours}, and {both[0]} is source and target."
            )

    @property
    def contexts(self):
        """How many neighbouring slices images bring along, by domain; of those that do."""
        if not self.neighbours:
            return {}
        sources = {name for direction in self.directions for name in direction.sources}
        return {name: self.neighbours for name in self.domains if name in sources}

    def alone(self, images):
        """The images without their neighbouring slices.

        Parameters
        ----------
        images : dict of str to array
            By domain, as networks see them: `(..., C)`, or `(..., (2 * neighbours + 1) * C)`.

        Returns
        -------
        dict of str to array
            The middle slice, `(..., C)`.
        """
        contexts, found = self.contexts, {}
        for domain, image in images.items():
            count = contexts.get(domain, 0)
            channels = image.shape[-1] // (2 * count + 1)
            start = count * channels
            found[domain] = image[..., start : start + channels] if count else image
        return found

    @classmethod
    def between(cls, first, second, *, paired=False, both_ways=True):
        """Of two domains, there and (unless not `both_ways`) back."""
        names = [(first, second), (second, first)][: 1 + both_ways]
        directions = tuple(
            Direction(f"{source}2{target}", (source,), target) for source, target in names
        )
        return cls((first, second), directions, (first, second) if paired else ())

    @classmethod
    def each_from_the_others(cls, domains):
        """Any domain from all others, paired; a direction is named as its target."""
        domains = tuple(domains)
        directions = tuple(
            Direction(target, tuple(name for name in domains if name != target), target)
            for target in domains
        )
        return cls(domains, directions, domains)

    def direction(self, name=None):
        """A direction by its name; None is the first.

        Raises
        ------
        GanMriError
            For an unknown name; lists the known.
        """
        known = {direction.name: direction for direction in self.directions}
        if name is None:
            return self.directions[0]
        if name not in known:
            raise GanMriError(
                f"direction: expected {' or '.join(known)}, which the model translates. "
                f"Received: {name!r}."
            )
        return known[name]

    def back(self, name):
        """The direction that leads back, from the target of `name` to its one source, or None."""
        there = self.direction(name)
        for direction in self.directions:
            if direction.sources == (there.target,) and there.sources == (direction.target,):
                return direction
        return None

    def batch(self, batch):
        """A batch as a dict from domain to images, whichever way it was given.

        Parameters
        ----------
        batch : dict of str to tensor, or sequence of tensor
            A sequence holds the domains in their order.

        Raises
        ------
        GanMriError
            If a domain is missing.
        """
        # A tensor is a sequence too, of its rows.
        listed = isinstance(batch, (tuple, list))
        found = batch if isinstance(batch, dict) else {}
        if listed and len(batch) == len(self.domains):
            found = dict(zip(self.domains, batch))
        if any(domain not in found for domain in self.domains):
            received = f"{len(batch)} tensors" if listed else type(batch).__name__
            received = sorted(batch) if isinstance(batch, dict) else received
            raise GanMriError(
                f"batch: expected images of {', '.join(self.domains)}, a dict by domain or a "
                f"tuple in this order. Received: {received}."
            )
        return {domain: found[domain] for domain in self.domains}

    def to_config(self):
        """JSON-able record; `from_config` is its inverse."""
        return {
            "domains": list(self.domains),
            "directions": [
                {"name": way.name, "sources": list(way.sources), "target": way.target}
                | ({NOISE: way.noise} if way.noise else {})
                for way in self.directions
            ],
            "paired": list(self.paired),
            "neighbours": self.neighbours,
        }

    @classmethod
    def from_config(cls, config):
        """The task that `to_config` wrote."""
        directions = tuple(
            Direction(one["name"], tuple(one["sources"]), one["target"], one.get(NOISE, 0))
            for one in config["directions"]
        )
        return cls(
            tuple(config["domains"]),
            directions,
            tuple(config["paired"]),
            int(config.get("neighbours", 0)),
        )


#: What every run of the first format translated.
TWO_DOMAINS = Task.between("A", "B")
