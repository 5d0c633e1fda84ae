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
        # The last axis first: along the first one whole rows are copied, the cheap
        # way to make the largest tensor.
        for axis in reversed(range(1, inputs.shape.rank - 1)):
            outputs = _double(outputs, axis)
        return tf.ensure_shape(outputs, self.compute_output_shape(inputs.shape))

    def compute_output_shape(self, input_shape):
        space = (None if length is None else 2 * length for length in tuple(input_shape)[1:-1])
        return (input_shape[0], *space, input_shape[-1])


def _double(x, axis):
    """One axis at twice its length."""
    shape = tf.unstack(tf.shape(x), num=x.shape.rank)
    before, after = tf.reduce_prod(shape[:axis]), tf.reduce_prod(shape[axis + 1 :])
    halves = _cut(tf.reshape(x, [before, shape[axis], after]))
    shape[axis] *= 2
    return tf.reshape(halves, shape)


# Written out with its gradient, on tensors of rank 3: TensorFlow's gradient of slices of five
# axes took 20 times as long as the layer itself, by measurement.
@tf.custom_gradient
def _cut(x):
    """`(K, L, M)` to `(K, L, 2, M)`: the two halves of every position of the middle axis."""
    step = (x[:, 1:] - x[:, :-1]) / 4
    return tf.stack([x - _put(step, first=1), x + _put(step, first=0)], axis=2), _gather


@tf.custom_gradient
def _gather(halves):
    """The transpose of `_cut`, a linear map: its gradient, whose own gradient is `_cut`."""
    before, behind = halves[:, :, 0], halves[:, :, 1]
    step = (behind[:, :-1] - before[:, 1:]) / 4
    return before + behind + _put(step, first=1) - _put(step, first=0), _cut


def _put(steps, first):
    """Steps between positions at the position behind (`first=1`) or before them; else zero.

    Zero beyond the ends: as if the outermost value were repeated there.
    """
    return tf.pad(steps, [(0, 0), (first, 1 - first), (0, 0)])
