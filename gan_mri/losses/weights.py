"""Reading which losses on images count how much."""

import math
from collections.abc import Mapping

from gan_mri.errors import GanMriError
from gan_mri.losses.images import IMAGE_LOSSES


def parse_image_losses(given):
    """Weights by name, from either spelling.

    Parameters
    ----------
    given : dict, str or None
        `{"l1": 100, "gradient_difference": 10}`, or the command line's
        `"l1:100,gradient_difference:10"`; None or "": no losses. Names are
        those of `IMAGE_LOSSES`; capitals, hyphens and underscores do not
        matter.

    Returns
    -------
    dict from str to float
        In the order given, without those of weight 0.

    Raises
    ------
    GanMriError
        For unknown or repeated names, and weights that are no finite numbers
        from 0.

    Examples
    --------
    >>> parse_image_losses("l1:100,MS-SSIM:0.5")
    {'l1': 100.0, 'ms_ssim': 0.5}
    """
    weights = {}
    for name, weight in _pairs(given):
        known = name.strip().lower().replace("-", "_") if isinstance(name, str) else name
        if known not in IMAGE_LOSSES:
            raise GanMriError(
                f"image_losses: expected names from {', '.join(IMAGE_LOSSES)}. Received: {name!r}"
            )
        if known in weights:
            raise GanMriError(f"image_losses: expected every name once. Received: {known!r} again")
        weights[known] = _weight(known, weight)
    return {name: weight for name, weight in weights.items() if weight}


def _pairs(given):
    if given is None or given == "":
        return []
    if isinstance(given, Mapping):
        return list(given.items())
    if not isinstance(given, str):
        raise GanMriError(
            "image_losses: expected a dict from name to weight, or a text such as "
            f"'l1:100,gradient_difference:10'. Received: {given!r}"
        )
    pairs = []
    for word in given.split(","):
        name, colon, weight = word.partition(":")
        if not colon:
            raise GanMriError(
                f"image_losses: expected name:weight, such as 'l1:100'. Received: {word!r}"
            )
        pairs.append((name, weight))
    return pairs


def _weight(name, given):
    try:
        weight = float(given)
    except (TypeError, ValueError):
        weight = math.nan
    if isinstance(given, bool) or not 0 <= weight < math.inf:
        raise GanMriError(
            f"image_losses: expected the weight of {name!r} to be a finite number from 0. "
            f"Received: {given!r}"
        )
    return weight
