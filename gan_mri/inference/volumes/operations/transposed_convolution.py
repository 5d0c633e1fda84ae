"""Transposed convolutions: a kernel's worth of output for every position."""

import tensorflow as tf

from gan_mri.inference.volumes.operations.borders import take
from gan_mri.inference.volumes.operations.convolution import finish
from gan_mri.inference.volumes.operations.operation import Operation
from gan_mri.inference.volumes.operations.registry import operates, refusal


@operates("keras.Conv2DTranspose", "keras.Conv3DTranspose")
class TransposedConvolution(Operation):
    """Input row i adds to the output rows from `i * stride - before` on, a kernel long.

    Of the output of a slab of inputs, the rows to which others would add too are
    dropped.
    """

    kept = True

    def __init__(self, layer, shapes):
        super().__init__(layer, shapes)
        unusual = getattr(layer, "output_padding", None) is not None or (
            set(layer.dilation_rate) != {1}
        )
        if layer.padding not in ("same", "valid") or unusual or getattr(layer, "groups", 1) != 1:
            raise refusal(layer, 'padding "same" or "valid", no output padding, dilation or groups')
        self.kernel = lambda: layer.kernel
        self.excess = [
            max(size - stride, 0) for size, stride in zip(layer.kernel_size, layer.strides)
        ]
        *lengths, _ = self.given[0]
        added = [0] * len(lengths) if layer.padding == "same" else self.excess
        space = (
            length * stride + more for length, stride, more in zip(lengths, layer.strides, added)
        )
        self.shape = (*space, layer.filters)
        # "same" cuts the excess off, the smaller half of it before.
        self.before = self.excess[0] // 2 if layer.padding == "same" else 0

    def rows(self, start, stop):
        size, stride = self.layer.kernel_size[0], self.layer.strides[0]
        length = self.given[0][0]
        first = -(-(start + self.before - size + 1) // stride)
        last = (stop - 1 + self.before) // stride
        # Where the kernel is shorter than the stride some outputs have no input.
        low = min(max(min(first, start // stride), 0), length - 1)
        high = min(last + 1, length)
        return [(low, high)], (start - low * stride, stop - start)

    def bind(self, moments=None):
        layer, space = self.layer, self.shape[1:-1]
        kernel = tf.convert_to_tensor(self.kernel())
        more = 0 if layer.padding == "same" else self.excess[0]

        def apply(tensors, numbers):
            (inputs,) = tensors
            count = tf.shape(inputs)[0] * layer.strides[0] + more
            outputs = tf.nn.conv_transpose(
                inputs[tf.newaxis],
                tf.cast(kernel, inputs.dtype),
                tf.stack([1, count, *space, layer.filters]),
                layer.strides,
                layer.padding.upper(),
            )
            return finish(layer, take(outputs[0], *numbers))

        return apply

    def temporary(self, given, made):
        # The rows that are dropped.
        return made // 4
