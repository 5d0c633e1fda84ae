"""`TranslationData`: several domains of images, split by subject and scaled."""

from typing import NamedTuple

from gan_mri.data.collection import unpairable
from gan_mri.data.images.foreground import EMPTY_RULE
from gan_mri.data.images.scaling_choice import choose
from gan_mri.data.samples import Split, make_split
from gan_mri.data.sources.built_in import BUILT_IN
from gan_mri.data.splits import SPLITS
from gan_mri.errors import GanMriError


class TranslationData(NamedTuple):
    """Several domains of images, split by subject.

    Attributes
    ----------
    domains : tuple of str
        Such as "A" and "B".
    contrasts : tuple of str
        What they hold, such as "T1w" and "T2w".
    train, validation, test : Split
        Validation and test may be empty.
    scaling : dict of str to IntensityScaling
        By domain.
    channels : {1, 3}
        The same in all domains.
    sampling : gan_mri.data.images.sampling.Sampling or None
        What volumes are cut into; None where the data are pictures.
    record : dict
        See `describe`.
    """

    domains: tuple
    contrasts: tuple
    train: Split
    validation: Split
    test: Split
    scaling: dict
    channels: int
    sampling: object
    record: dict

    @property
    def plane(self):
        """Of the slices, or "all" or "volume"; None where the data are pictures."""
        return None if self.sampling is None else self.sampling.plane

    @property
    def rank(self):
        """2 (slices, pictures) or 3 (volumes)."""
        return 2 if self.sampling is None else self.sampling.rank

    @property
    def contrast_of(self):
        """Domain to contrast."""
        return dict(zip(self.domains, self.contrasts))

    def describe(self):
        """A JSON-able record for config.json: source, scaling, manifest, counts, ..."""
        splits = {name: getattr(self, name) for name in SPLITS}
        return self.record | {
            "domains": list(self.domains),
            "contrasts": list(self.contrasts),
            "plane": self.plane,
            "spacing": self.sampling and self.sampling.spacing and list(self.sampling.spacing),
            "channels": self.channels,
            "scaling": {name: scaling.to_config() for name, scaling in self.scaling.items()},
            "subjects": {name: split.subjects for name, split in splits.items()},
            "counts": {
                name: {
                    **{domain: len(split[domain]) for domain in self.domains},
                    "pairs": len(split.pairs),
                }
                for name, split in splits.items()
            },
        }


def choose_scalings(collection, scaling):
    """Resolve and fit the scaling of every domain on the training stacks.

    Parameters
    ----------
    collection : Collection
    scaling : dict
        From `parse_scaling`.
    """
    training = collection.part("train")
    built_in = BUILT_IN.get(collection.kind)
    pictures = built_in.pictures if built_in else collection.sampling is None
    fitted = {}
    for domain, contrast in zip(collection.domains, collection.contrasts):
        stacks = [stack for stack in training if stack.domain == domain]
        if not stacks:
            raise GanMriError(
                f"{collection.source}: expected training images of {contrast}, received none: no "
                f"subject of the training part has any, or all are empty ({EMPTY_RULE})."
            )
        fitted[domain] = choose(scaling[domain], stacks, pictures=pictures)
        for stack in collection.stacks:
            if stack.domain == domain:
                fitted[domain].check(stack)
    return fitted


def assemble(collection, scaling, *, paired, alone, neighbours=None):
    """Build the `TranslationData` of a collection.

    Parameters
    ----------
    collection : Collection
    scaling : dict
        From `parse_scaling`.
    paired : tuple of str
        Domains.
    alone : dict
        `unmatched` of the whole data set, for the record.
    neighbours : dict of str to int, optional
        See `gan_mri.data.samples.make_split`.

    Raises
    ------
    GanMriError
        Nothing to train on, or two grids in a row of `paired` domains.
    """
    scalings = choose_scalings(collection, scaling)
    different = unpairable(collection.stacks, collection.domains, refuse=paired)
    splits = [
        make_split(
            collection.part(name),
            scalings,
            unpairable=different,
            paired=paired,
            neighbours=neighbours,
        )
        for name in SPLITS
    ]
    if paired and not len(splits[0].matched(paired)):
        of = dict(zip(collection.domains, collection.contrasts))
        raise GanMriError(
            f"{collection.source}: expected pairs of images to train on, received none: no subject "
            "of the training part has an image that is not empty in "
            f"{' and '.join(of[domain] for domain in paired)}."
        )
    record = {
        "kind": collection.kind,
        "source": collection.source,
        "slices": None if collection.slices is None else list(collection.slices),
        "align": collection.align,
        "paired": bool(paired),
        "unmatched": {name: [str(key) for key in keys] for name, keys in alone.items()},
        "different_grids": sorted(map(str, different)),
        "empty_slices": {"rule": EMPTY_RULE, "dropped": _dropped(collection)},
    }
    return TranslationData(
        collection.domains,
        collection.contrasts,
        *splits,
        scalings,
        collection.stacks[0].channels,
        collection.sampling,
        record,
    )


def _dropped(collection):
    return {
        name: sum(stack.dropped for stack in collection.stacks if stack.domain == name)
        for name in collection.domains
    }
