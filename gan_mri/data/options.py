"""What a user may say about data: one object, from which every command's options come."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Integral

from gan_mri.arguments import required
from gan_mri.data.augmentation import Augmentation
from gan_mri.data.files.names import is_utf8, printable
from gan_mri.data.images.geometry import check_fit, check_size
from gan_mri.data.images.planes import PLANE_CHOICES, check_plane, parse_slices
from gan_mri.data.images.sampling import Sampling, parse_spacing
from gan_mri.data.images.scaling import TEXTS
from gan_mri.data.sources.built_in import BUILT_IN
from gan_mri.data.splits import check_fractions
from gan_mri.errors import GanMriError

ALIGNMENTS = ("none", "headers")

_SET = ", ".join(f"{word} ({data.about})" for word, data in BUILT_IN.items())


def _option(default=None, **words):
    """A field with what `argparse` needs to offer it; `words` without help is Python's alone."""
    return dataclasses.field(default=default, metadata=words)


@dataclass(frozen=True, kw_only=True)
class DataOptions:
    """Which images, and what is made of them before a network sees them.

    Every spelling is parsed here, once: `slices` becomes a pair of numbers,
    `spacing` three, and so on; what does not fit is a `GanMriError` that names
    the argument. `gan_mri.data.load` takes the fields by name.

    Fields
    ------
    data : str or Path
        A folder, a prepared file, or the word of a built-in data set.
    contrasts : sequence of str, optional
        What the domains hold, in their order.
    plane : {"axial", "coronal", "sagittal", "all", "volume"}, optional
        What a volume is cut into; default: axial slices, or whole volumes where
        `image_size` has three numbers.
    slices : "START:STOP", (int, int) or range, optional
        Range along the canonical axis, 0-based, stop excluded.
    image_size : int, or sequence of two or three int, optional
        Of training images; three numbers train on volumes. One number: all sides are equal.
    fit : {"resize", "crop"}
        Of training images, see `gan_mri.data.images.geometry.Geometry`.
    spacing : float or three floats, optional
        Voxel size in mm to resample to, see `gan_mri.data.images.sampling`.
    align : {"none", "headers"}
        "headers": the contrasts of a subject are brought to the grid of the first one
        by what their headers say; "none": different grids are refused where
        pairs are needed, and not paired elsewhere.
    scaling : str, IntensityScaling, sequence or dict of them
        See `gan_mri.data.images.scaling`; one, or one for each domain.
    augment : str or sequence of str, optional
        See `gan_mri.data.augmentation`; default: nothing.
    split : (float, float, float), optional
        Fractions of subjects for training, validation, test.
    validation_subjects, test_subjects : sequence of str, optional
        Instead of `split`.
    seed : int
        Of the split, from 0 to 2**32 - 1.
    subjects : int
        Of a built-in data set.
    """

    data: str = _option(
        "phantom",
        help="a BIDS folder, a folder with trainA and trainB, a folder with a sub-folder of "
        "images for each contrast, an HDF5 file from gan_mri.prepare, or a built-in data set: "
        f"{_SET}; default: the built-in set that suits the recipe",
    )
    contrasts: tuple | None = _option(
        nargs="+", metavar="NAME", help="such as T1w T2w, or the names of sub-folders"
    )
    plane: str | None = _option(
        help="axial (default), coronal, sagittal, all (slices of all three) or volume"
    )
    slices: tuple | None = _option(metavar="START:STOP", help="range of slices, stop excluded")
    image_size: tuple | None = _option(
        nargs="+", type=int, metavar="N", help="two numbers (rows columns) or three (volumes)"
    )
    fit: str = _option(
        "resize", help="how larger images come to the image size: resize (default) or crop"
    )
    spacing: tuple | None = _option(
        nargs="+",
        type=float,
        metavar="MM",
        help="voxel size to resample to, one number or three (0: keep that axis)",
    )
    align: str = _option(
        "none", help="headers: bring the contrasts of a subject to the grid of the first one"
    )
    scaling: object = _option(
        "auto", nargs="+", help=f"of intensities, one for all or one each: {TEXTS}"
    )
    augment: object = _option(
        nargs="+", metavar="WORD", help="such as mirror rotate:5 scale:0.05 bias gamma noise"
    )
    split: tuple | None = _option(
        nargs=3, type=float, metavar=("TRAIN", "VALIDATION", "TEST"), help="fractions of subjects"
    )
    validation_subjects: tuple | None = _option(nargs="+", metavar="SUBJECT")
    test_subjects: tuple | None = _option(nargs="+", metavar="SUBJECT")
    seed: int = 0
    subjects: int = 20

    def __post_init__(self):
        put = lambda name, value: object.__setattr__(self, name, value)  # noqa: E731
        own = {name: getattr(self, name) for name in ("data", "seed", "subjects")}
        for name, value in required(**own).items():
            put(name, value)
        for name in ("contrasts", "validation_subjects", "test_subjects"):
            put(name, _names(name, getattr(self, name)))
        put("slices", parse_slices(_ends(self.slices)))
        put("spacing", parse_spacing(self.spacing))
        size = _sides(self.image_size, 3 if self.plane == "volume" else 2)
        size = None if size is None else check_size(size)
        put("image_size", size)
        check_fit(self.fit)
        if self.align not in ALIGNMENTS:
            raise GanMriError(f"align must be {' or '.join(ALIGNMENTS)}. Received: {self.align!r}.")
        if self.plane is not None:
            check_plane(self.plane, PLANE_CHOICES)
        if size is not None and self.plane is not None:
            volumes = self.plane == "volume"
            if volumes != (len(size) == 3):
                raise GanMriError(
                    f"image_size: expected {'three' if volumes else 'two'} numbers with "
                    f"plane {self.plane}. Received: {size}."
                )
        if self.slices is not None and self.sampling.rank == 3:
            raise GanMriError(
                f"slices: expected none for whole volumes. Received: {self.slices}. A volume is "
                "trained on as it is, or in random windows (--fit crop)."
            )
        put("augment", Augmentation.parse(self.augment))
        if self.split is not None:
            put("split", check_fractions(self.split))
        if isinstance(self.scaling, list):
            put("scaling", tuple(self.scaling))

    @property
    def sampling(self):
        """What volumes are cut into, a `gan_mri.data.images.sampling.Sampling`."""
        three = self.image_size is not None and len(self.image_size) == 3
        return Sampling(self.plane or ("volume" if three else "axial"), self.spacing)

    @classmethod
    def of(cls, arguments):
        """From the arguments of a command or of a run, of which it takes its own.

        Parameters
        ----------
        arguments : dict
            None is what nobody has said: it becomes the default.
        """
        names = {field.name for field in dataclasses.fields(cls)}
        said = {name: value for name, value in arguments.items() if value is not None}
        return cls(**{name: value for name, value in said.items() if name in names})

    @classmethod
    def defaults(cls):
        """What every option is where nobody says anything, for a command that trains."""
        return {
            field.name: field.default
            for field in dataclasses.fields(cls)
            if field.name != "subjects"
        }


def add_arguments(parser, *, leave_out=()):
    """Offer every option of `DataOptions` on a command line.

    Parameters
    ----------
    parser : argparse.ArgumentParser
    leave_out : sequence of str
        Fields that the command has in its own words.
    """
    for field in dataclasses.fields(DataOptions):
        if field.metadata and field.name not in leave_out:
            parser.add_argument(f"--{field.name.replace('_', '-')}", **field.metadata)


def _ends(slices):
    """A range without gaps as its two ends; what is none as it is."""
    if isinstance(slices, range) and slices.step == 1:
        return slices.start, slices.stop
    return slices


def _sides(size, rank):
    """One number as the sides of a square or a cube; what is none as it is."""
    alone = isinstance(size, Integral) and not isinstance(size, bool)
    return (size,) * rank if alone else size


def _names(argument, names):
    """Names of contrasts or subjects as a tuple; a single subject may come alone."""
    if names is None:
        return None
    contrasts = argument == "contrasts"
    listed = (names,) if isinstance(names, str) and not contrasts else names
    good = isinstance(listed, (tuple, list)) and all(isinstance(one, str) for one in listed)
    for one in listed if good else ():
        if "\0" in one or not is_utf8(one):
            raise GanMriError(f"{argument}: expected names in UTF-8. Received: {printable(one)!r}.")
    if good and contrasts:
        good = 0 < len(set(listed)) == len(listed)
    if not good:
        wanted = "different names such as T1w T2w" if contrasts else "names of subjects"
        raise GanMriError(f"{argument}: expected {wanted}. Received: {names!r}.")
    return tuple(listed)


def scaling_is_text(scaling):
    """Whether a scaling can be remembered as it was asked for."""
    texts = scaling.values() if isinstance(scaling, dict) else scaling
    texts = texts if isinstance(texts, Iterable) and not isinstance(texts, str) else [texts]
    return all(isinstance(text, str) for text in texts)
