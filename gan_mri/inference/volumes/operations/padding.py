"""Padding and cropping."""

import tensorflow as tf

from gan_mri.inference.volumes.operations.borders import extend, extended
from gan_mri.inference.volumes.operations.operation import Identity, Operation
from gan_mri.inference.volumes.operations.registry import operates, refusal


class Padding(Operation):
    """Adds to every side of a map.

    Parameters
    ----------
    layer, shapes
        See `Operation`.
    sides : list of (int, int)
        Before and after, for each spatial axis.
    mirrored : bool
        Mirror the map at its first and last position; else zeros.
    """

    def __init__(self, layer, shapes, sides, mirrored):
        super().__init__(layer, shapes)
        *lengths, channels = self.given[0]
        self.sides, self.mirrored = sides, mirrored
        if mirrored and any(max(side) >= length for side, length in zip(sides, lengths)):
            least = max(map(max, sides)) + 1
            raise refusal(layer, f"sides of {least} or more, to mirror them", tuple(lengths))
        space = (length + sum(side) for length, side in zip(lengths, sides))
        self.shape = (*space, channels)

    def rows(self, start, stop):
        before = self.sides[0][0]
        rows, numbers = extend(start - before, stop - before, self.given[0][0], self.mirrored)
        return [rows], numbers

    def bind(self, moments=None):
        def apply(tensors, numbers):
            return extended(tensors[0], numbers, self.sides[1:], self.mirrored)

        return apply


class Cropping(Operation):
    """Cuts a map.

    Parameters
    ----------
    layer, shapes
        See `Operation`.
    before, lengths : list of int
        What is cut off before, and what is left, for each spatial axis.
    """

    reads = 1

    def __init__(self, layer, shapes, before, lengths):
        super().__init__(layer, shapes)
        self.before = before
        self.shape = (*lengths, self.given[0][-1])

    def rows(self, start, stop):
        return [(start + self.before[0], stop + self.before[0])], ()

    def bind(self, moments=None):
        begin, size = [0, *self.before[1:], 0], [-1, *self.shape[1:]]
        return lambda tensors, numbers: tf.slice(tensors[0], begin, size)


@operates("gan_mri.ReflectionPadding2D", "gan_mri.ReflectionPadding3D")
def _reflection(layer, shapes):
    return Padding(layer, shapes, [(size, size) for size in layer.padding], mirrored=True)


@operates("keras.ZeroPadding2D", "keras.ZeroPadding3D")
def _zeros(layer, shapes):
    return Padding(layer, shapes, [tuple(sides) for sides in layer.padding], mirrored=False)


@operates("gan_mri.PadToMultiple")
def _to_multiple(layer, shapes):
    missing = [-length % layer.multiple for length in shapes[0][:-1]]
    if not any(missing):
        return Identity(layer, shapes)
    return Padding(layer, shapes, [(lack // 2, lack - lack // 2) for lack in missing], True)


@operates("gan_mri.CropLike")
def _like(layer, shapes):
    padded, original = (shape[:-1] for shape in shapes)
    if padded == original:
        return Identity(layer, shapes)
    before = [(large - small) // 2 for large, small in zip(padded, original)]
    return Cropping(layer, shapes, before, list(original))


@operates("keras.Cropping2D", "keras.Cropping3D")
def _cropping(layer, shapes):
    sides = layer.cropping
    lengths = [length - sum(side) for length, side in zip(shapes[0], sides)]
    return Cropping(layer, shapes, [before for before, _ in sides], lengths)
