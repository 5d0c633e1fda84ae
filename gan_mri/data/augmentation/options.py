"""Which random changes, and how strong: the option `--augment`."""

import re
from dataclasses import asdict, astuple, dataclass, fields

import numpy as np

from gan_mri.data.augmentation.intensity import random_bias
from gan_mri.data.augmentation.transform import Transform
from gan_mri.errors import GanMriError

#: Of each word: its strength where none is given, and the largest one that makes sense.
STRENGTHS = {
    "mirror": (0.5, 1.0),
    "rotate": (5.0, 180.0),
    "scale": (0.05, 0.5),
    "jitter": (30 / 256, 1.0),
    "bias": (0.3, 0.9),
    "gamma": (0.2, 2.0),
    "noise": (0.02, 1.0),
}

#: What the command line takes.
TEXTS = "none, or any of " + " ".join(
    f"{word}:{default:g}" for word, (default, _) in STRENGTHS.items()
)


@dataclass(frozen=True)
class Augmentation:
    """The strength of each random change; 0 is off, and so is all of it by default.

    Parameters
    ----------
    mirror : float
        Probability of exchanging left and right.
    rotate : float
        Largest angle in degrees. A slice is turned in its plane, a volume
        about each of its three axes, by angles drawn evenly from -rotate to
        rotate.
    scale : float
        Images are enlarged by a factor between 1 - scale and 1 + scale.
    jitter : float
        Images are enlarged by 1 + jitter, and a random window of the former size is taken;
        the default is pix2pix's, from 286 to 256 (Isola et al. 2017, section 6.2).
    bias : float
        Largest amplitude of a smooth field of mean 1 that intensities are
        multiplied by (see `intensity.bias_field`).
    gamma : float
        Intensities in [0, 1] are raised to a power between exp(-gamma) and
        exp(gamma); its logarithm is drawn evenly.
    noise : float
        Largest standard deviation of added Gaussian noise, for images in [-1, 1].

    Examples
    --------
    >>> Augmentation.parse("mirror rotate:10")
    Augmentation(mirror=0.5, rotate=10.0, scale=0.0, jitter=0.0, bias=0.0, gamma=0.0, noise=0.0)
    >>> print(Augmentation.parse(["gamma", "noise"]))
    gamma:0.2 noise:0.02
    """

    mirror: float = 0.0
    rotate: float = 0.0
    scale: float = 0.0
    jitter: float = 0.0
    bias: float = 0.0
    gamma: float = 0.0
    noise: float = 0.0

    def __post_init__(self):
        for word, (_, largest) in STRENGTHS.items():
            strength = getattr(self, word)
            if not 0 <= strength <= largest:
                raise GanMriError(
                    f"augment {word}: expected a strength from 0 to {largest:g}, received "
                    f"{strength:g}."
                )

    @classmethod
    def parse(cls, words):
        """Read the spelling of the command line.

        Parameters
        ----------
        words : None, str, sequence of str or Augmentation
            Such as "mirror rotate:5" or ["mirror", "rotate:5"]: names of the
            parameters, each with or without its strength, parted by spaces or
            commas. None, "" and "none" are no augmentation; an Augmentation is
            returned as it is.

        Returns
        -------
        Augmentation

        Raises
        ------
        GanMriError
            A word is unknown or comes twice, or a strength is no number or out of range.
        """
        if isinstance(words, cls):
            return words
        if words is not None and not isinstance(words, str):
            if not isinstance(words, (list, tuple)) or not all(isinstance(w, str) for w in words):
                raise GanMriError(f"augment: expected {TEXTS}, received {words!r}.")
        text = words if isinstance(words, str) else " ".join(words or ())
        strengths = {}
        for part in re.split(r"[\s,]+", text.strip()) if text.strip() not in ("", "none") else ():
            word, colon, number = part.partition(":")
            if word not in STRENGTHS or word in strengths:
                raise GanMriError(f"augment: expected {TEXTS}, each once, received {part!r}.")
            try:
                strengths[word] = float(number) if colon else STRENGTHS[word][0]
            except ValueError as error:
                raise GanMriError(
                    f"augment {word}: expected a number after the colon, received {part!r}."
                ) from error
        return cls(**strengths)

    def draw(self, rng, rank, mirror_axis=None, *, spacing=None):
        """Draw once what all images of a pair share: everything but the noise itself.

        The same numbers are taken from `rng` whatever is switched on, so that
        adding noise, say, leaves the angles as they were.

        Parameters
        ----------
        rng : numpy.random.Generator
            One state gives one transform.
        rank : {2, 3}
            Of the images.
        mirror_axis : int, optional
            The axis that runs between left and right: 1 for axial and coronal
            slices (columns), 0 for volumes. None, as for sagittal slices,
            which have no such axis: nothing is mirrored.
        spacing : sequence of `rank` floats, optional
            Edges of a voxel along the image's axes, any unit: what is turned
            keeps its shape where voxels are not cubes. Default: equal edges.

        Returns
        -------
        Transform
        """
        mirrored = rng.random() < self.mirror
        angles = np.deg2rad(self.rotate) * rng.uniform(-1, 1, size=1 if rank == 2 else 3)
        factor = 1 + self.scale * rng.uniform(-1, 1)
        amplitude, bias = self.bias * rng.random(), random_bias(rng, rank)
        exponent = np.exp(self.gamma * rng.uniform(-1, 1))
        deviation = self.noise * rng.random()
        # Half of what the enlarged image is larger, either way, in voxels before enlarging.
        shift = rng.uniform(-0.5, 0.5, size=rank) * self.jitter / (1 + self.jitter)
        return Transform(
            mirror_axis=mirror_axis if mirrored else None,
            angles=tuple(angles.tolist()),
            factor=float(factor) * (1 + self.jitter),
            shift=tuple(shift.tolist()) if self.jitter else (),
            spacing=(1.0,) * rank if spacing is None else tuple(float(edge) for edge in spacing),
            amplitude=float(amplitude),
            bias=bias,
            exponent=float(exponent),
            deviation=float(deviation),
        )

    def to_config(self):
        """JSON-able record; `from_config` is its inverse."""
        return asdict(self)

    @classmethod
    def from_config(cls, config):
        """The augmentation that `to_config` wrote."""
        return cls(**config)

    def __bool__(self):
        return any(astuple(self))

    def __str__(self):
        """What `parse` takes."""
        strengths = ((field.name, getattr(self, field.name)) for field in fields(self))
        return " ".join(f"{word}:{value:g}" for word, value in strengths if value) or "none"
