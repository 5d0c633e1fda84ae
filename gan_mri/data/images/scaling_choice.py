"""From what a user asks for to the scaling of each domain."""

import numpy as np

from gan_mri.data.images.scaling import TEXTS, IntensityScaling
from gan_mri.errors import GanMriError


def parse_scaling(scaling, domains):
    """Every spelling of the argument `scaling`, by domain.

    Parameters
    ----------
    scaling : str, IntensityScaling, sequence of them, or dict by domain
        A single one serves all domains.
    domains : sequence of str

    Returns
    -------
    dict of str to IntensityScaling or "auto"
    """
    if isinstance(scaling, dict):
        if set(scaling) != set(domains):
            raise GanMriError(
                f"scaling: expected the keys {_quoted(domains)}, received {sorted(scaling)}."
            )
        scaling = [scaling[domain] for domain in domains]
    elif not isinstance(scaling, (tuple, list)):
        scaling = [scaling]
    if len(scaling) not in (1, len(domains)):
        both = "both domains" if len(domains) == 2 else f"all {len(domains)} domains"
        raise GanMriError(f"scaling: expected one for {both} or one each, received {scaling!r}.")
    parsed = [
        one
        if isinstance(one, IntensityScaling) or one == "auto"
        else IntensityScaling.from_text(one)
        for one in scaling
    ]
    return dict(zip(domains, parsed if len(parsed) == len(domains) else parsed * len(domains)))


def _quoted(names):
    return " and ".join(f'"{name}"' for name in names)


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
