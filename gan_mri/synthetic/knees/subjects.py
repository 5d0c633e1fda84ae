"""Subjects of the two domains, by number."""

from dataclasses import dataclass
from numbers import Integral

import numpy as np

from gan_mri.errors import GanMriError
from gan_mri.synthetic.brain.fields import generator
from gan_mri.synthetic.brain.subjects import subject_numbers

from . import photograph, simulated
from .leg import Leg
from .raster import raster
from .surface import View

_PAINT = {"simulated": simulated.paint, "photograph": photograph.paint}
#: The domains, A first.
KINDS = tuple(_PAINT)


@dataclass(frozen=True, eq=False)
class Knee:
    """One picture of one knee.

    Attributes
    ----------
    subject : str
        ``"photograph-001"`` for number 0.
    image : (H, W, 3) uint8 array
        sRGB.
    mask : (H, W) bool array
        Pixels of which at least half is leg.
    """

    subject: str
    image: np.ndarray
    mask: np.ndarray


def knees(subjects=1, *, kind, shape=(64, 64), seed=0):
    """Pictures of knees from the front, of people who do not exist.

    Two unpaired domains with one family of shapes and different colours, made
    for the experiment of paper 000 (section 4.1), whose own data cannot be
    redistributed: ``"simulated"`` has one surface colour, one light and a black
    background, ``"photograph"`` has people's skins in any light, before any
    background. Every subject is a person seen once: leg, side, pose, skin,
    light, background and camera are all its own, in both domains.

    Parameters
    ----------
    subjects : int or iterable of int
        How many, or which ones: 3 is the same as ``range(3)``. Subject k of a
        kind and seed is the same whatever other subjects are asked for.
    kind : str
        ``"simulated"`` or ``"photograph"``.
    shape : (H, W)
        Pixels, from 16 to 1024 a side. The shorter side is 20 cm at the knee;
        another size shows the same knee, and a longer side more of the leg or
        of what is beside it.
    seed : int
        Zero or more. Another seed gives another population.

    Returns
    -------
    list of Knee

    Raises
    ------
    GanMriError
        An argument is not as described; the message names it.

    Examples
    --------
    >>> first, second = knees(2, kind="photograph", shape=(64, 48))
    >>> first.subject, first.image.shape, first.image.dtype
    ('photograph-001', (64, 48, 3), dtype('uint8'))
    """
    numbers = subject_numbers(subjects)
    if not isinstance(kind, str) or kind not in _PAINT:
        raise GanMriError(f"kind: expected {' or '.join(map(repr, KINDS))}. Received: {kind!r}.")
    cells = raster(shape)
    if not isinstance(seed, Integral) or isinstance(seed, bool) or seed < 0:
        raise GanMriError(f"seed: expected a whole number of at least 0. Received: {seed!r}.")
    return [_knee(number, kind, cells, int(seed)) for number in numbers]


def _knee(number, kind, cells, seed):
    leg, view = (
        make(generator(seed, number, f"{kind} knee, {make.__name__}")) for make in (Leg, View)
    )
    picture, cover = _PAINT[kind](
        leg, view, cells, generator(seed, number, f"{kind} knee, picture")
    )
    image = np.round(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    return Knee(f"{kind}-{number + 1:03d}", image, cover >= 0.5)
