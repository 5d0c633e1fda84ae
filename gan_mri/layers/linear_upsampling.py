"""Twice the size by linear interpolation."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="gan_mri")
class LinearUpsampling(keras.layers.Layer):
    """Doubles every spatial axis of images or volumes by linear interpolation.

    Pixels have an extent, and so each is cut in two: output `2 i` and `2 i + 1`
    have their centers a quarter of a pixel before and behind that of input `i`.

        y[2 i]     = 3/4 x[i] + 1/4 x[i - 1]
        y[2 i + 1] = 3/4 x[i] + 1/4 x[i + 1]

    along one axis after the other (bilinear, trilinear); beyond the ends the
    outermost value is repeated. A constant stays what it is, there is no
    checkerboard as after a transposed convolution (Odena et al. 2016), and the
    image is not shifted.

    Keras's own layers interpolate in float32, and in 2D only. Here everything
    is computed in the dtype of the input, `(N, H, W, C)` or `(N, X, Y, Z, C)`
    with any sizes.

    Raises
    ------
    ValueError
        For inputs of another rank.

    References
    ----------
    Odena, Dumoulin, Olah 2016, "Deconvolution and checkerboard artifacts",
    Distill.

    Examples
    --------
    >>> LinearUpsampling()([[[[0.0], [4.0]]]])[0, 0, :, 0]
    <tf.Tensor: shape=(4,), dtype=float32, numpy=array([0., 1., 3., 4.], dtype=float32)>
    """

    def build(self, input_shape):
        if len(input_shape) not in (4, 5):
            raise ValueError(
                "LinearUpsampling takes images (N, H, W, C) or volumes (N, X, Y, Z, C). "
                f"Received: input_shape={tuple(input_shape)}"
            )
        super().build(input_shape)

    def call(self, inputs):
        outputs = inputs
        # The last axis first: along the first one, whole rows are copied, and
        # that is the cheap way to make the largest tensor.
        for axis in reversed(range(1, inputs.shape.rank - 1)):
            outputs = _double(outputs, axis)
        return tf.ensure_shape(outputs, self.compute_output_shape(inputs.shape))

    def compute_output_shape(self, input_shape):
        space = (None if length is None else 2 * length for length in tuple(input_shape)[1:-1])
        return (input_shape[0], *space, input_shape[-1])


def _double(x, axis):
    """One axis at twice its length."""
    rank, every = x.shape.rank, [slice(None)] * axis
    quarters = (x[(*every, slice(1, None))] - x[(*every, slice(None, -1))]) / 4
    pad = lambda sides: tf.pad(  # noqa: E731
        quarters, [sides if one == axis else (0, 0) for one in range(rank)]
    )
    # Zero beyond the ends: as if the outermost value were repeated there.
    halves = tf.stack([x - pad((1, 0)), x + pad((0, 1))], axis + 1)
    shape = tf.unstack(tf.shape(x), num=rank)
    shape[axis] *= 2
    return tf.reshape(halves, shape)
