"""Convolutions, plain and with spectral normalisation."""

import tensorflow as tf

from gan_mri.inference.volumes.operations.borders import extend, extended
from gan_mri.inference.volumes.operations.operation import Operation
from gan_mri.inference.volumes.operations.registry import operates, operation, refusal

#: Below that many outputs a convolution is slow, see `_by_taps`.
_NARROW = 8


def same_sides(length, size, stride):
    """What padding "same" adds before and after: less before, where it is odd."""
    missing = max((-(-length // stride) - 1) * stride + size - length, 0)
    return missing // 2, missing - missing // 2


def finish(layer, outputs):
    """Bias and activation of a convolution."""
    if layer.use_bias:
        bias = tf.cast(tf.convert_to_tensor(layer.bias), outputs.dtype)
        outputs = tf.nn.bias_add(outputs, bias)
    return outputs if layer.activation is None else layer.activation(outputs)


@operates("keras.Conv2D", "keras.Conv3D")
class Convolution(Operation):
    """Padded by hand, then convolved without padding, so that slabs have no borders of their own.

    Parameters
    ----------
    layer, shapes
        See `Operation`.
    kernel : callable, optional
        Gives the kernel; default: the layer's.
    """

    kept = True

    def __init__(self, layer, shapes, kernel=None):
        super().__init__(layer, shapes)
        if layer.padding not in ("same", "valid") or layer.groups != 1:
            raise refusal(layer, 'padding "same" or "valid" and one group')
        self.kernel = kernel or (lambda: layer.kernel)
        *lengths, _ = self.given[0]
        self.sizes = [
            (size - 1) * rate + 1 for size, rate in zip(layer.kernel_size, layer.dilation_rate)
        ]
        self.sides = [(0, 0)] * len(lengths)
        if layer.padding == "same":
            self.sides = [same_sides(*axis) for axis in zip(lengths, self.sizes, layer.strides)]
        space = (
            (length + sum(sides) - size) // stride + 1
            for length, sides, size, stride in zip(lengths, self.sides, self.sizes, layer.strides)
        )
        self.shape = (*space, layer.filters)

    def rows(self, start, stop):
        stride, (before, _) = self.layer.strides[0], self.sides[0]
        first = start * stride - before
        last = (stop - 1) * stride - before
        rows, numbers = extend(first, last + self.sizes[0], self.given[0][0])
        return [rows], numbers

    def bind(self, moments=None):
        layer = self.layer
        # Here, once, and not in the traced function, once for every slab.
        kernel = tf.convert_to_tensor(self.kernel())
        convolve = _by_taps if self._is_narrow() else _at_once

        def apply(tensors, numbers):
            (inputs,) = tensors
            if any(map(any, self.sides)):
                inputs = extended(inputs, numbers, self.sides[1:])
            outputs = convolve(inputs, tf.cast(kernel, inputs.dtype), layer)
            return finish(layer, outputs)

        return apply

    def temporary(self, given, made):
        padded = given[0] if any(map(any, self.sides)) else 0
        return padded + (self.layer.kernel_size[-1] * made if self._is_narrow() else 0)

    def _is_narrow(self):
        layer = self.layer
        return (
            len(self.given[0]) == 4
            and layer.filters < _NARROW <= self.given[0][-1]
            and layer.kernel_size[-1] > 1
            and set(layer.strides) == set(layer.dilation_rate) == {1}
        )


@operates("gan_mri.SpectralNormalization")
def _spectral(layer, shapes):
    built = operation(layer.layer, shapes)
    built.kernel = layer.normalized_kernel
    return built


def _at_once(inputs, kernel, layer):
    outputs = tf.nn.convolution(
        inputs[tf.newaxis], kernel, layer.strides, "VALID", dilations=layer.dilation_rate
    )
    return outputs[0]


def _by_taps(inputs, kernel, layer):
    """A convolution to few channels, five times faster than TensorFlow's on a CPU.

    A processor computes many outputs of a position at once. The taps of the
    kernel's last axis are made such outputs, and added up, shifted, afterwards.
    """
    taps, filters = kernel.shape[-3], kernel.shape[-1]
    *front, _, channels, _ = kernel.shape
    order = [*range(len(front)), len(front) + 1, len(front), len(front) + 2]
    spread = tf.reshape(tf.transpose(kernel, order), [*front, 1, channels, taps * filters])
    outputs = tf.nn.convolution(inputs[tf.newaxis], spread, 1, "VALID")[0]
    length = inputs.shape[-2] - taps + 1
    return tf.add_n(
        [
            outputs[..., tap : tap + length, tap * filters : (tap + 1) * filters]
            for tap in range(taps)
        ]
    )
