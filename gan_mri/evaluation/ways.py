"""Directions in the words of the data: what tables and figures call them."""

from typing import NamedTuple


class Way(NamedTuple):
    """A direction between contrasts.

    Attributes
    ----------
    name : str
        Of the direction: "A2B", or the target's domain.
    sources : dict of str to str
        Domain to contrast of what the image is made of, at least one.
    domain, contrast : str
        What is made.
    back : str or None
        Name of the direction from `domain` to the one source.
    place : int
        Of `domain` among the domains of the task.
    """

    name: str
    sources: dict
    domain: str
    contrast: str
    back: str | None
    place: int

    @property
    def source(self):
        """The contrasts that the image is made of: "T1w", or "T1w + T2w"."""
        return " + ".join(self.sources.values())

    @property
    def cycle(self):
        """Name of the way there and back, such as "A2B2A"; None where there is no way back."""
        if self.back is None:
            return None
        (source,) = self.sources
        return f"{source}2{self.domain}2{source}"

    def __str__(self):
        return f"{self.source} to {self.contrast}"


def ways_of(task, contrasts):
    """The directions of a task that can be measured: those that start from real images.

    Parameters
    ----------
    task : gan_mri.tasks.Task
    contrasts : dict of str to str
        Domain to contrast.

    Returns
    -------
    dict of str to Way
        By the name of the direction, in the order of the task.

    Examples
    --------
    >>> from gan_mri.tasks import TWO_DOMAINS
    >>> ways = ways_of(TWO_DOMAINS, {"A": "T1w", "B": "T2w"})
    >>> str(ways["A2B"]), ways["A2B"].cycle
    ('T1w to T2w', 'A2B2A')
    """
    ways = {}
    for name, sources, target, _ in task.directions:
        if sources:
            back = task.back(name)
            ways[name] = Way(
                name,
                {domain: contrasts[domain] for domain in sources},
                target,
                contrasts[target],
                back and back.name,
                task.domains.index(target),
            )
    return ways


def by_target(ways):
    """The ways in the order of what they make: that to the first domain comes first.

    Parameters
    ----------
    ways : dict of str to Way

    Returns
    -------
    list of Way
    """
    return sorted(ways.values(), key=lambda way: way.place)


def made_by(ways):
    """What each way makes, told apart: "T2w", or "T2w from T1w" where several make T2w.

    Parameters
    ----------
    ways : dict of str to Way

    Returns
    -------
    dict of str to str
        By the name of the direction.
    """
    made = [way.contrast for way in ways.values()]
    return {
        name: f"{way.contrast} from {way.source}" if made.count(way.contrast) > 1 else way.contrast
        for name, way in ways.items()
    }
