"""Data sets that are drawn, not read: what `--data phantom` and `--data knees` mean.

A built-in data set is one entry of `BUILT_IN` and the function that draws it;
the rest of the package asks here and knows none by its name.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from gan_mri.data.splits import DEFAULT_FRACTIONS
from gan_mri.errors import GanMriError


class Drawn(NamedTuple):
    """One image of a built-in data set.

    Attributes
    ----------
    domain : {"A", "B"}
    subject : str
    path : str
        What stands for the file's path in messages and tables.
    array : ndarray (H, W) or (H, W, 3)
    """

    domain: str
    subject: str
    path: str
    array: object


class BuiltIn(NamedTuple):
    """A data set that needs no files.

    Attributes
    ----------
    about : str
        What it shows, for help texts.
    contrasts : (str, str)
        Domains A and B where the user names none.
    draw : callable
        `draw(count, contrasts, shape)` gives a list of `Drawn`: `count` subjects
        of `shape` = (rows, columns), the first ones the same whatever the count.
    paired : bool
        A and B show the same `count` subjects; False: `count` subjects each.
    pictures : bool
        Scaled like picture files (8 bits are 0 .. 255); False: like volumes.
    training_subjects : int
        The `count` that is trained on.
    settings : dict
        Fields of the recipe that make a run a demonstration of a few minutes.
    fractions : (float, float, float)
        Of training, validation and test where the user names none.
    """

    about: str
    contrasts: tuple
    draw: Callable
    paired: bool
    pictures: bool
    training_subjects: int
    settings: dict
    fractions: tuple = DEFAULT_FRACTIONS

    def count(self, subjects):
        """The `count` that `draw` was called with, from the number of subjects in both domains
        together.
        """
        return subjects if self.paired else -(-subjects // 2)


def _phantom(count, contrasts, shape):
    from gan_mri.synthetic.brain import phantom

    return [
        Drawn(domain, brain.subject, f"phantom {brain.subject} {contrast}", brain.images[contrast])
        for brain in phantom(count, contrasts=contrasts, shape=shape)
        for domain, contrast in zip("AB", contrasts)
    ]


def _knees(count, contrasts, shape):
    from gan_mri.synthetic.knees import knees

    kinds = BUILT_IN["knees"].contrasts
    if set(contrasts) != set(kinds):
        raise GanMriError(
            f"contrasts: the knees are {' and '.join(kinds)}, in either order. Received: "
            f"{' and '.join(contrasts)}."
        )
    return [
        Drawn(domain, knee.subject, f"knees {knee.subject}", knee.image)
        for domain, kind in zip("AB", contrasts)
        for knee in knees(count, kind=kind, shape=shape)
    ]


#: Word for `--data` to data set.
BUILT_IN = {
    "phantom": BuiltIn(
        about="brains in several MR contrasts and CT",
        contrasts=("T1w", "T2w"),
        draw=_phantom,
        paired=True,
        pictures=False,
        # Many subjects and few epochs, because networks of this size learn few subjects by heart.
        training_subjects=200,
        settings={"epochs": 6, "decay_epoch": 3},
    ),
    # Paper 000 trains on 477 simulated images and 438 photographs, and tests on 28 and 28.
    "knees": BuiltIn(
        about="simulated knees and photographs of knees, in colour",
        contrasts=("simulated", "photograph"),
        draw=_knees,
        paired=False,
        pictures=True,
        training_subjects=240 + 28,
        settings={"epochs": 6, "decay_epoch": 3},
        fractions=(240 / 268, 0.0, 28 / 268),
    ),
}


def is_built_in(source):
    """Whether `source` is the word for a built-in data set (a folder is "./phantom")."""
    return str(source) in BUILT_IN


def source_name(source):
    """How a source is remembered: the word of a built-in data set, else the absolute path.

    Parameters
    ----------
    source : str or Path

    Returns
    -------
    str
    """
    return str(source) if is_built_in(source) else str(Path(source).resolve())
