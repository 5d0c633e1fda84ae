"""`TranslationData`: two domains of images, split by subject and scaled."""

from typing import NamedTuple

from gan_mri.data.collection import unpairable
from gan_mri.data.images.foreground import EMPTY_RULE
from gan_mri.data.images.scaling_choice import choose
from gan_mri.data.slices import Split, make_split
from gan_mri.data.sources.built_in import BUILT_IN
from gan_mri.data.splits import SPLITS
from gan_mri.errors import GanMriError


class TranslationData(NamedTuple):
    """Two domains of images, split by subject.

    Attributes
    ----------
    contrasts : (str, str)
        Names of domains A and B.
    train, validation, test : Split
        Validation and test may be empty.
    scaling : dict
        {"A": IntensityScaling, "B": IntensityScaling}.
    channels : {1, 3}
        The same in A and B.
    plane : str or None
        None where the data are pictures.
    record : dict
        See `describe`.
    """

    contrasts: tuple
    train: Split
    validation: Split
    test: Split
    scaling: dict
    channels: int
    plane: str | None
    record: dict

    def describe(self):
        """A JSON-able record for config.json: source, slices, scaling, manifest, counts, what was
        left out.
        """
        splits = {name: getattr(self, name) for name in SPLITS}
        return self.record | {
            "contrasts": list(self.contrasts),
            "plane": self.plane,
            "channels": self.channels,
            "scaling": {name: scaling.to_config() for name, scaling in self.scaling.items()},
            "subjects": {name: split.subjects for name, split in splits.items()},
            "counts": {
                name: {"A": len(split.A), "B": len(split.B), "pairs": len(split.pairs)}
                for name, split in splits.items()
            },
        }


def choose_scalings(collection, scaling):
    """Resolve and fit the scaling of both domains on the training stacks.

    Parameters
    ----------
    collection : Collection
    scaling : dict
        From `parse_scaling`.
    """
    training = collection.part("train")
    built_in = BUILT_IN.get(collection.kind)
    pictures = built_in.pictures if built_in else collection.plane is None
    fitted = {}
    for name, contrast in zip("AB", collection.contrasts):
        stacks = [stack for stack in training if stack.domain == name]
        if not stacks:
            raise GanMriError(
                f"{collection.source}: expected training slices of {contrast}, received none: no "
                "subject of the "
                f"training part has any, or all are empty ({EMPTY_RULE})."
            )
        fitted[name] = choose(scaling[name], stacks, pictures=pictures)
        for stack in collection.stacks:
            if stack.domain == name:
                fitted[name].check(stack)
    return fitted


def assemble(collection, scaling, *, paired, alone):
    """Build the `TranslationData` of a collection.

    Parameters
    ----------
    collection : Collection
    scaling : dict
        From `parse_scaling`.
    paired : bool
    alone : dict
        `unmatched` of the whole data set, for the record.

    Raises
    ------
    GanMriError
        Nothing to train on, or `paired` and two grids in a pair.
    """
    scalings = choose_scalings(collection, scaling)
    different = unpairable(collection.stacks, refuse=paired)
    splits = [
        make_split(collection.part(name), scalings, unpairable=different, paired_only=paired)
        for name in SPLITS
    ]
    if paired and not len(splits[0].pairs):
        raise GanMriError(
            f"{collection.source}: expected pairs of slices to train on, received none: no "
            "subject of the training "
            f"part has a slice that is not empty in both {' and '.join(collection.contrasts)}."
        )
    record = {
        "kind": collection.kind,
        "source": collection.source,
        "slices": None if collection.slices is None else list(collection.slices),
        "paired": paired,
        "unmatched": {name: [str(key) for key in keys] for name, keys in alone.items()},
        "different_grids": sorted(map(str, different)),
        "empty_slices": {
            "rule": EMPTY_RULE,
            "dropped": {
                name: sum(stack.dropped for stack in collection.stacks if stack.domain == name)
                for name in "AB"
            },
        },
    }
    return TranslationData(
        collection.contrasts,
        *splits,
        scalings,
        collection.stacks[0].channels,
        collection.plane,
        record,
    )
