"""Which image sizes a recipe's networks take."""

from typing import NamedTuple

from gan_mri import recipes
from gan_mri.data.images.geometry import SMALLEST
from gan_mri.errors import GanMriError
from gan_mri.layers.fit_to_multiple import PadToMultiple

# Beyond this a recipe that has refused every side is asked no more.
_LARGEST_LEAST = 1024


class LegalSizes(NamedTuple):
    """The sizes that networks take.

    Attributes
    ----------
    least : int
        The shortest side.
    multiple : int
        Sides that are multiples of it pass as they are; others are mirrored at the border.
    below, above : tuple of int
        The nearest sizes of such sides; equal where the size asked for is one of them.
    """

    least: int
    multiple: int
    below: tuple
    above: tuple

    def __str__(self):
        text = f"every side from {self.least}"
        if self.multiple == 1:
            return text
        text += f"; sides that are no multiple of {self.multiple} are mirrored at the border"
        if self.below != self.above:
            sizes = (" x ".join(map(str, size)) for size in (self.below, self.above))
            text += f" (nearest without: {' and '.join(sizes)})"
        return text


def legal_sizes(model, recipe, settings, image_shape):
    """The sizes that a recipe takes, found out by building it.

    Parameters
    ----------
    model : gan_mri.models.translation.Translation
        Of the size asked for.
    recipe : str
    settings : dict
        Fields of the recipe.
    image_shape : tuple of int
        `(H, W, C)` or `(X, Y, Z, C)`.

    Returns
    -------
    LegalSizes
    """
    *size, channels = image_shape
    least = _least(lambda side: _builds(recipe, settings, (*[side] * len(size), channels)))
    multiple = max(
        (
            layer.multiple
            for network in model.translators.values()
            for layer in network.layers
            if isinstance(layer, PadToMultiple)
        ),
        default=1,
    )
    lowest = -(-least // multiple) * multiple
    below = tuple(max(side // multiple * multiple, lowest) for side in size)
    above = tuple(max(-(-side // multiple) * multiple, lowest) for side in size)
    return LegalSizes(least, multiple, below, above)


def _least(builds):
    """The shortest side that a network is built for, given that longer ones are taken too."""
    low, high = SMALLEST - 1, SMALLEST
    while not builds(high):
        low, high = high, 2 * high
        if high > _LARGEST_LEAST:
            raise GanMriError(f"expected a recipe that takes images of {low} pixels a side.")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if builds(middle) else (middle, high)
    return high


def _builds(recipe, settings, image_shape):
    try:
        recipes.build(recipe, image_shape, **settings)
    except ValueError:  # GanMriError is one, and Keras raises it for a side below zero
        return False
    return True
