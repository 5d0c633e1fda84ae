"""From what a user asks for to the scaling of each domain."""

import numpy as np

from gan_mri.data.images.scaling import TEXTS, IntensityScaling
from gan_mri.errors import GanMriError


def parse_scaling(scaling):
    """Every spelling of the argument `scaling` as {"A": s, "B": s}, s an `IntensityScaling` or
    "auto".

    Parameters
    ----------
    scaling : str, IntensityScaling, pair of them, or dict with the keys "A" and "B"
        A single one serves both domains.
    """
    if isinstance(scaling, (str, IntensityScaling)):
        scaling = (scaling, scaling)
    if isinstance(scaling, dict):
        if set(scaling) != {"A", "B"}:
            raise GanMriError(
                f'scaling: expected the keys "A" and "B", received {sorted(scaling)}.'
            )
        scaling = (scaling["A"], scaling["B"])
    if not isinstance(scaling, (tuple, list)) or not 1 <= len(scaling) <= 2:
        raise GanMriError(
            f"scaling: expected one for both domains or one each, received {scaling!r}."
        )
    parsed = [
        one
        if isinstance(one, IntensityScaling) or one == "auto"
        else IntensityScaling.from_text(one)
        for one in scaling
    ]
    return {"A": parsed[0], "B": parsed[-1]}


def choose(scaling, stacks, *, pictures):
    """Resolve "auto" for one domain and learn what is to be learned.

    Parameters
    ----------
    scaling : IntensityScaling or "auto"
    stacks : list of Stack
        The training stacks of the domain.
    pictures : bool
        The files are pictures, or drawn like pictures (`built_in.py`); not volumes, not the
        phantom.

    Returns
    -------
    IntensityScaling
    """
    if scaling == "auto":
        first = stacks[0]
        odd = (
            next((s for s in stacks if s.array.dtype != first.array.dtype), None)
            if pictures
            else None
        )
        if odd is not None:
            raise GanMriError(
                f"{odd.path}: expected pictures of one pixel type in a domain, received "
                f"{odd.array.dtype} here and "
                f"{first.array.dtype} in {first.path}. Convert them, or state a scaling: {TEXTS}."
            )
        method = (
            "volume" if not pictures else "uint8" if first.array.dtype == np.uint8 else "percentile"
        )
        scaling = IntensityScaling.from_text(method)
    return scaling if scaling.typical is not None else scaling.fitted(stacks)
