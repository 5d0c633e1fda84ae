"""Padding by mirroring at the border pixel."""

import keras
import tensorflow as tf


class _ReflectionPadding(keras.layers.Layer):
    rank = None

    def __init__(self, padding=1, **kwargs):
        super().__init__(**kwargs)
        sizes = (padding,) * self.rank if isinstance(padding, int) else padding
        if (
            not isinstance(sizes, (tuple, list))
            or len(sizes) != self.rank
            or not all(isinstance(size, int) and size >= 0 for size in sizes)
        ):
            raise ValueError(
                f"padding must be a whole number from 0, or {self.rank} of them, one "
                f"for each spatial axis. Received: padding={padding!r}"
            )
        self.padding = tuple(sizes)

    def call(self, inputs):
        sides = [(0, 0), *((size, size) for size in self.padding), (0, 0)]
        return tf.pad(inputs, sides, mode="REFLECT")

    def compute_output_shape(self, input_shape):
        space = (
            None if length is None else length + 2 * size
            for length, size in zip(input_shape[1:-1], self.padding)
        )
        return (input_shape[0], *space, input_shape[-1])

    def get_config(self):
        return {**super().get_config(), "padding": list(self.padding)}


@keras.saving.register_keras_serializable(package="gan_mri")
class ReflectionPadding2D(_ReflectionPadding):
    """Mirrors an image at its border pixels, which are not repeated.

    GANs for images pad this way before 7x7 convolutions (c7s1-k of Johnson et
    al. 2016) because zeros at the border show as a frame in the output.

    Parameters
    ----------
    padding : int or (int, int)
        Pixels added on each side, (rows, columns). Must be smaller than the
        image.

    Examples
    --------
    >>> ReflectionPadding2D(3)(tf.zeros((1, 64, 64, 1))).shape
    TensorShape([1, 70, 70, 1])
    """

    rank = 2


@keras.saving.register_keras_serializable(package="gan_mri")
class ReflectionPadding3D(_ReflectionPadding):
    """`ReflectionPadding2D` for volumes, `padding` an int or three of them.

    Parameters
    ----------
    padding : int or (int, int, int)
        Voxels added on each side, one number for each spatial axis.
    """

    rank = 3
