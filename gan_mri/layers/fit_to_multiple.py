"""Any image size through a network with strides: pad before it, crop after it."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="gan_mri")
class PadToMultiple(keras.layers.Layer):
    """Mirrors an image at its border until every side is a multiple.

    A network that halves its input twice and doubles it twice returns another
    size than it was given unless the sides are multiples of 4. Padding by
    mirroring (half on each side, the odd pixel at the end) and cropping back
    with `CropLike` keeps every pixel where it was; resizing would not.

    Parameters
    ----------
    multiple : int
        The product of the network's strides. Every side must be larger than
        `multiple - 1`, because a mirror cannot show more than there is.
    """

    def __init__(self, multiple, **kwargs):
        super().__init__(**kwargs)
        if multiple < 1:
            raise ValueError(f"multiple must be 1 or more. Received: {multiple!r}")
        self.multiple = multiple

    def call(self, inputs):
        lengths = inputs.shape[1:-1]
        if all(length is not None and length % self.multiple == 0 for length in lengths):
            return inputs
        # Of no negative number: other runtimes (ONNX) round their quotient to zero.
        surplus = tf.math.floormod(tf.shape(inputs)[1:-1], self.multiple)
        missing = tf.math.floormod(self.multiple - surplus, self.multiple)
        before = missing // 2
        sides = tf.stack([before, missing - before], axis=1)
        sides = tf.pad(sides, [(1, 1), (0, 0)])
        padded = tf.pad(inputs, sides, mode="REFLECT")
        padded.set_shape(self.compute_output_shape(inputs.shape))
        return padded

    def compute_output_shape(self, input_shape):
        space = (
            None if length is None else length + -length % self.multiple
            for length in input_shape[1:-1]
        )
        return (input_shape[0], *space, input_shape[-1])

    def get_config(self):
        return {**super().get_config(), "multiple": self.multiple}


@keras.saving.register_keras_serializable(package="gan_mri")
class CropLike(keras.layers.Layer):
    """Undoes `PadToMultiple`: cuts `inputs[0]` to the spatial size of `inputs[1]`.

    The inputs are (padded, original); what was added before is half of the
    difference, rounded down, as in `PadToMultiple`.
    """

    def call(self, inputs):
        padded, original = inputs
        if padded.shape[1:-1].is_fully_defined() and (padded.shape[1:-1] == original.shape[1:-1]):
            return padded
        size = tf.shape(original)[1:-1]
        before = (tf.shape(padded)[1:-1] - size) // 2
        begin = tf.concat([[0], before, [0]], axis=0)
        cropped = tf.slice(padded, begin, tf.concat([[-1], size, [-1]], axis=0))
        cropped.set_shape(self.compute_output_shape([padded.shape, original.shape]))
        return cropped

    def compute_output_shape(self, input_shape):
        padded, original = input_shape
        return (padded[0], *tuple(original)[1:-1], padded[-1])
