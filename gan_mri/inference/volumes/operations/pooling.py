"""The largest value, or the mean, of every neighbourhood."""

import numpy as np
import tensorflow as tf

from gan_mri.inference.volumes.operations.borders import extend, extended
from gan_mri.inference.volumes.operations.convolution import same_sides
from gan_mri.inference.volumes.operations.operation import Operation
from gan_mri.inference.volumes.operations.registry import operates, refusal


class Pooling(Operation):
    """Axis by axis: sum or maximum over the positions of a window.

    TensorFlow's own has no float64 in 3D.
    """

    kept = True
    outside = 0.0

    def __init__(self, layer, shapes):
        super().__init__(layer, shapes)
        if layer.padding not in ("same", "valid"):
            raise refusal(layer, 'padding "same" or "valid"', layer.padding)
        *self.lengths, channels = self.given[0]
        self.sizes, self.strides = tuple(layer.pool_size), tuple(layer.strides)
        self.sides = [(0, 0)] * len(self.lengths)
        if layer.padding == "same":
            self.sides = [same_sides(*axis) for axis in zip(self.lengths, self.sizes, self.strides)]
        space = (
            (length + sum(sides) - size) // stride + 1
            for length, sides, size, stride in zip(
                self.lengths, self.sides, self.sizes, self.strides
            )
        )
        self.shape = (*space, channels)

    def rows(self, start, stop):
        first = start * self.strides[0] - self.sides[0][0]
        last = (stop - 1) * self.strides[0] - self.sides[0][0]
        rows, numbers = extend(first, last + self.sizes[0], self.lengths[0])
        return [rows], (*numbers, start)

    def bind(self, moments=None):
        def apply(tensors, numbers):
            *border, start = numbers
            (outputs,) = tensors
            if any(map(any, self.sides)):
                outputs = extended(outputs, border, self.sides[1:], value=self.outside)
            for axis, (size, stride) in enumerate(zip(self.sizes, self.strides)):
                outputs = self.along(outputs, axis, size, stride)
            return self.finish(outputs, start)

        return apply

    def along(self, inputs, axis, size, stride):
        """Every window of one axis, its positions combined."""
        span = tf.shape(inputs)[axis] - size + 1
        every = [slice(None)] * axis
        outputs = inputs[(*every, slice(0, span, stride))]
        for tap in range(1, size):
            outputs = self.combine(outputs, inputs[(*every, slice(tap, tap + span, stride))])
        return outputs

    def finish(self, outputs, start):
        return outputs

    def temporary(self, given, made):
        return 2 * given[0]


@operates("keras.MaxPooling2D", "keras.MaxPooling3D")
class Maximum(Pooling):
    """What is beyond the map never is the largest."""

    outside = -np.inf
    combine = staticmethod(tf.maximum)


@operates("keras.AveragePooling2D", "keras.AveragePooling3D")
class Mean(Pooling):
    """Of the positions that lie in the map."""

    combine = staticmethod(tf.add)

    def finish(self, outputs, start):
        axes = zip(self.lengths, self.sides, self.sizes, self.strides, self.shape)
        for axis, (length, sides, size, stride, count) in enumerate(axes):
            first = np.arange(count) * stride - sides[0]
            inside = np.minimum(first + size, length) - np.maximum(first, 0)
            share = tf.constant(1 / inside, outputs.dtype)
            if axis == 0:
                share = share[start : start + tf.shape(outputs)[0]]
            outputs *= tf.reshape(share, [-1] + [1] * (outputs.shape.rank - 1 - axis))
        return outputs
