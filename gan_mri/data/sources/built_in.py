"""Data sets that are drawn, not read: `--data phantom`, `--data knees`, `--data scanners`.

A built-in data set is one entry of `BUILT_IN` and the function that draws it;
the rest of the package asks here and knows none by its name.
"""

import os
from collections.abc import Callable
from typing import NamedTuple

from gan_mri.data.splits import DEFAULT_FRACTIONS
from gan_mri.errors import GanMriError


class Drawn(NamedTuple):
    """One image of a built-in data set.

    Attributes
    ----------
    contrast : str
        The one of the contrasts asked for that it shows.
    subject : str
    path : str
        What stands for the file's path in messages and tables.
    array : ndarray (H, W), (H, W, 3) or (X, Y, Z)
    affine : ndarray (4, 4) or None
        Of a volume: voxel indices to millimetres, RAS+.
    """

    contrast: str
    subject: str
    path: str
    array: object
    affine: object = None


class BuiltIn(NamedTuple):
    """A data set that needs no files.

    Attributes
    ----------
    about : str
        What it shows, for help texts.
    contrasts : tuple of str
        Where the user names none; the first so many as there are domains.
    draw : callable
        `draw(count, contrasts, shape)` gives a list of `Drawn`: `count` subjects
        of `shape` = (rows, columns), or (X, Y, Z) where `volumes`, the first
        ones the same whatever the count.
    paired : bool
        There are `count` subjects, all or some of them in all contrasts; False: `count`
        subjects each.
    pictures : bool
        Scaled like picture files (8 bits are 0 .. 255); False: like volumes.
    training_subjects : int
        The `count` that is trained on.
    training_volumes : int
        The same of volumes; 0 where there are none.
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
    training_volumes: int = 0

    def count(self, subjects, domains=2):
        """The `count` that `draw` was called with, from the number of subjects in all domains."""
        return subjects if self.paired else -(-subjects // domains)

    def trained_on(self, rank):
        """The `count` that is trained on, of slices (2) or volumes (3)."""
        return self.training_volumes if rank == 3 else self.training_subjects


def _phantom(count, contrasts, shape):
    from gan_mri.synthetic.brain import phantom

    return [
        Drawn(
            contrast,
            brain.subject,
            f"phantom {brain.subject} {contrast}",
            brain.images[contrast],
            brain.affine if len(shape) == 3 else None,
        )
        for brain in phantom(count, contrasts=contrasts, shape=shape)
        for contrast in contrasts
    ]


def _scanners(count, contrasts, shape):
    """The first three of ten subjects travel, the others are scanned once, by all in turns."""
    from gan_mri.synthetic.brain import phantom

    at_home = [number for number in range(count) if number % 10 >= 3]
    scanned = dict.fromkeys(range(count), contrasts)
    scanned |= {n: (contrasts[i % len(contrasts)],) for i, n in enumerate(at_home)}
    made = []
    for number, names in scanned.items():
        (brain,) = phantom([number], contrasts=names, shape=shape)
        affine = brain.affine if len(shape) == 3 else None
        made += [
            Drawn(name, brain.subject, f"scanners {brain.subject} {name}", image, affine)
            for name, image in brain.images.items()
        ]
    return made


def _knees(count, contrasts, shape):
    from gan_mri.synthetic.knees import knees

    kinds = BUILT_IN["knees"].contrasts
    if set(contrasts) != set(kinds) or len(shape) != 2:
        raise GanMriError(
            f"contrasts: the knees are {' and '.join(kinds)}, in either order. Received: "
            f"{' and '.join(contrasts)}."
        )
    return [
        Drawn(kind, knee.subject, f"knees {knee.subject}", knee.image)
        for kind in contrasts
        for knee in knees(count, kind=kind, shape=shape)
    ]


#: Word for `--data` to data set.
BUILT_IN = {
    "phantom": BuiltIn(
        about="brains in several MR contrasts and CT",
        contrasts=("T1w", "T2w", "FLAIR", "PDw", "CT", "FA", "PET"),
        draw=_phantom,
        paired=True,
        pictures=False,
        # Many subjects and few epochs, because networks of this size learn few subjects by heart.
        training_subjects=200,
        training_volumes=20,
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
    # Subjects without a second scan train (`gan_mri.data.splits`), those who travelled test.
    "scanners": BuiltIn(
        about="brains in T1w of two scanners, some of them in both",
        contrasts=("T1w-scanner2", "T1w-scanner1", "T1w-scanner3"),
        draw=_scanners,
        paired=True,
        pictures=False,
        # 140 at each scanner, as the phantom trains on.
        training_subjects=400,
        training_volumes=40,
        settings={"epochs": 6, "decay_epoch": 3},
        fractions=(0.0, 0.0, 1.0),
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
    # Not Path.resolve, which raises on links that lead to themselves.
    return str(source) if is_built_in(source) else os.path.realpath(source)
