"""What a translator makes of an image that is mirrored or shifted, brought back: how sure is it?

A head and its mirror image show the same anatomy, and so do two that lie a pixel apart. A network
that is sure of what it paints paints the same; where it does not, it is guessing. (Test-time
augmentation as in G. Wang et al., "Aleatoric uncertainty estimation with test-time augmentation
for medical image segmentation with convolutional neural networks", Neurocomputing 338 (2019).)
"""

from typing import NamedTuple

import numpy as np

from gan_mri.data.pipeline import mirror_axis_of
from gan_mri.errors import GanMriError

#: Pixels, no multiples of a network's stride of 4; along the last axis but one and the last.
_SHIFTS = ((1, 2), (-2, -1), (2, -1), (-1, 1))


class Variation(NamedTuple):
    """One way to look at an image, and back.

    Attributes
    ----------
    mirror_axis : int or None
        Of an image without its batch axis.
    shift : tuple of int
        Pixels along the last spatial axes; what leaves on one side comes in on the other, where
        images have their background.
    """

    mirror_axis: int | None = None
    shift: tuple = (0, 0)

    def there(self, batch):
        """A batch (N, *spatial, C) as it is shown to a model."""
        if self.mirror_axis is not None:
            batch = np.flip(batch, 1 + self.mirror_axis)
        return np.roll(batch, self.shift, self._axes) if any(self.shift) else batch

    def back(self, batch):
        """What was made of `there`, where the image was."""
        if any(self.shift):
            batch = np.roll(batch, tuple(-by for by in self.shift), self._axes)
        return batch if self.mirror_axis is None else np.flip(batch, 1 + self.mirror_axis)

    @property
    def _axes(self):
        return (-3, -2)


def variations_of(view):
    """The ways to look at images of a model.

    Parameters
    ----------
    view : gan_mri.data.images.view.View

    Returns
    -------
    list of Variation
        As it is first; shifted; and mirrored, by itself and shifted, where left and right are
        in the image: not in sagittal slices, nor in those of a model of all planes.
    """
    planes = view.sampling.planes if view.sampling else (None,)
    axes = {mirror_axis_of(plane) for plane in planes}
    mirrored = axes.pop() if len(axes) == 1 else None
    straight = [Variation(shift=shift) for shift in ((0, 0), *_SHIFTS[:2])]
    if mirrored is None:
        return straight + [Variation(shift=shift) for shift in _SHIFTS[2:]]
    return straight + [Variation(mirrored, shift) for shift in ((0, 0), *_SHIFTS[2:])]


class Varied:
    """Several models, or several looks of one, as one pass: their mean and standard deviation.

    Parameters
    ----------
    passes : list of gan_mri.inference.passes.Pass
        Of models that share their card's scaling and view, see `check_alike`.
    variations : list of Variation
        Every pass takes every one of them.

    Attributes
    ----------
    draws : int
    """

    def __init__(self, passes, variations=(Variation(),)):
        self._passes, self._variations = passes, variations
        self.draws = len(passes) * len(variations)

    def __call__(self, batches):
        """(mean, standard deviation) of all, `(N, *spatial, C)` each."""
        return mean_and_deviation(self._each(batches))

    def _each(self, batches):
        for variation in self._variations:
            seen = {name: variation.there(batch) for name, batch in batches.items()}
            for one in self._passes:
                yield variation.back(one(seen)[0])

    @property
    def mismatch(self):
        """Of the last volume that went through in windows, by the last model."""
        return self._passes[-1].mismatch


def together(passes, *, vary=False):
    """Several passes as one.

    Parameters
    ----------
    passes : list of gan_mri.inference.passes.Pass
    vary : bool
        Each mirrored and shifted, too.

    Returns
    -------
    callable
        The pass itself, where there is one and nothing is varied; else a `Varied`.
    """
    if len(passes) == 1 and not vary:
        return passes[0]
    return Varied(passes, variations_of(passes[0].view) if vary else [Variation()])


def mean_and_deviation(draws):
    """Mean and standard deviation of arrays of one shape, one after the other (Welford).

    Parameters
    ----------
    draws : iterable of ndarray
        At least one.

    Returns
    -------
    (ndarray, ndarray)
        float32; the deviation is that of the draws, divided by their number.
    """
    mean, square, number = 0.0, 0.0, 0
    for number, drawn in enumerate(draws, start=1):
        change = drawn.astype(np.float64) - mean
        mean = mean + change / number
        square = square + change * (drawn - mean)
    return mean.astype(np.float32), np.sqrt(square / number).astype(np.float32)


def check_alike(translators):
    """Refuse models whose translations cannot be averaged.

    Parameters
    ----------
    translators : list of gan_mri.inference.translator.Translator

    Raises
    ------
    GanMriError
        Naming two models and what differs: direction, contrasts, scaling, view.
    """
    first = translators[0]
    for other in translators[1:]:
        for what in ("direction", "inputs", "target", "target_scaling", "view", "align"):
            mine, theirs = (_of_training(one.card.content[what]) for one in (first, other))
            if mine != theirs:
                raise GanMriError(
                    f"{first.path} and {other.path}: expected models of the same data and size, "
                    f"whose translations can be averaged. Received another {what}: {mine} and "
                    f"{theirs}."
                )


def _of_training(part):
    """Without the ranges of the training images, which subjects make."""
    if isinstance(part, dict):
        return {name: _of_training(one) for name, one in part.items() if name != "trained_on"}
    return part
