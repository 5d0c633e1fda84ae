"""Spectral normalisation as Miyato et al. define it."""

import contextlib
import threading

import keras
import tensorflow as tf

from gan_mri.backend import add_wide_weight
from gan_mri.layers.passes import taken_once

# Smallest singular value that is divided by: a kernel of zeros stays one.
_SMALLEST = 1e-12

# Of each thread: the layers whose u has moved in the present training step, or
# None outside of `one_power_iteration`. Replicas are traced in threads.
_step = threading.local()


@contextlib.contextmanager
def one_power_iteration():
    """Within it every `SpectralNormalization` moves its u once, at its first training call.

    For a training step that calls its networks several times, where power
    iteration is to advance by one step and all calls are to see one u.
    """
    before = getattr(_step, "moved", None)
    _step.moved = set()
    try:
        yield
    finally:
        _step.moved = before


@keras.saving.register_keras_serializable(package="gan_mri")
class SpectralNormalization(keras.layers.Wrapper):
    """Divides a layer's kernel by its largest singular value.

    `W_bar = W / sigma(W)`, `sigma(W) = u' W v`, where W is the kernel as a
    matrix (all other axes, output axis), and u, v come from power iteration
    and are constants for the gradient: the gradient goes through sigma, so
    that it is orthogonal to the kernel. The layers of Keras and of
    tensorflow-addons overwrite the kernel instead and pass no gradient
    through sigma.

    The trained kernel stays what the optimizer made it; W_bar exists for one
    call. (To divide the input by sigma instead would need nothing of the layer
    but costs a pass over it, and another for the gradient: 1.4 times the
    training step of UNIT.)

    Power iteration moves once for each call with `training=True`, and never
    otherwise. A training step that calls a network several times calls it
    within `one_power_iteration`, where only the first of the calls counts.

    Parameters
    ----------
    layer : keras.layers.Layer
        A convolution, transposed convolution (2D or 3D; without dilation and
        output padding) or Dense layer, channels last.
    power_iterations : int
        Iterations for each training call.

    Raises
    ------
    ValueError
        For any other layer.

    References
    ----------
    Miyato, Kataoka, Koyama, Yoshida 2018, "Spectral normalization for
    generative adversarial networks", ICLR, equations 6 to 8 and algorithm 1.

    Examples
    --------
    >>> layer = SpectralNormalization(keras.layers.Conv2D(8, 3))
    >>> layer(tf.zeros((1, 16, 16, 1)), training=True).shape
    TensorShape([1, 14, 14, 8])
    """

    # Which axis of the kernel holds the outputs.
    _OUTPUT_AXIS = {
        keras.layers.Conv2D: -1,
        keras.layers.Conv3D: -1,
        keras.layers.Dense: -1,
        keras.layers.Conv2DTranspose: -2,
        keras.layers.Conv3DTranspose: -2,
    }

    def __init__(self, layer, power_iterations=1, **kwargs):
        super().__init__(layer, **kwargs)
        if type(layer) not in self._OUTPUT_AXIS:
            known = ", ".join(kind.__name__ for kind in self._OUTPUT_AXIS)
            raise ValueError(
                f"SpectralNormalization wraps one of {known}. Received: {type(layer).__name__}"
            )
        if getattr(layer, "data_format", "channels_last") != "channels_last":
            raise ValueError(
                "SpectralNormalization wraps layers with channels last. "
                f"Received: data_format={layer.data_format!r}"
            )
        if self._is_transposed(layer) and (
            layer.output_padding is not None or set(layer.dilation_rate) != {1}
        ):
            raise ValueError(
                "SpectralNormalization wraps transposed convolutions without dilation "
                f"and output padding. Received: dilation_rate={layer.dilation_rate!r}, "
                f"output_padding={layer.output_padding!r}"
            )
        if power_iterations < 1:
            raise ValueError(f"power_iterations must be 1 or more. Received: {power_iterations!r}")
        self.power_iterations = power_iterations

    def build(self, input_shape=None):
        super().build(input_shape)
        outputs = self.layer.kernel.shape[self._OUTPUT_AXIS[type(self.layer)]]
        self.u = add_wide_weight(self, "u", (1, outputs), "random_normal", trainable=False)

    def call(self, inputs, training=False):
        layer = self.layer
        kernel = self._normalized(update=bool(training))
        outputs = self._apply_kernel(inputs, tf.cast(kernel, inputs.dtype))
        if layer.use_bias:
            bias = tf.cast(tf.convert_to_tensor(layer.bias), inputs.dtype)
            outputs = tf.nn.bias_add(outputs, bias)
        if layer.activation is not None:
            outputs = layer.activation(outputs)
        outputs.set_shape(layer.compute_output_shape(inputs.shape))
        return outputs

    def normalized_kernel(self):
        """`W / sigma(W)` with the present u, in the shape of the kernel."""
        return self._normalized(update=False)

    def compute_output_shape(self, input_shape):
        return self.layer.compute_output_shape(input_shape)

    def get_config(self):
        return {**super().get_config(), "power_iterations": self.power_iterations}

    def _is_due(self):
        moved = getattr(_step, "moved", None)
        if moved is None:
            return True
        due = id(self) not in moved
        moved.add(id(self))
        return due

    def _normalized(self, update):
        kernel = tf.cast(self.layer.kernel, self.u.dtype)
        matrix = self._as_matrix(kernel)
        u, v = taken_once(lambda: self._singular_vectors(tf.stop_gradient(matrix), update))
        sigma = tf.reduce_sum(tf.matmul(v, matrix) * u)
        return kernel / tf.maximum(sigma, _SMALLEST)

    def _as_matrix(self, kernel):
        rank = kernel.shape.rank
        axis = self._OUTPUT_AXIS[type(self.layer)] % rank
        others = [index for index in range(rank) if index != axis]
        kernel = tf.transpose(kernel, [*others, axis])
        return tf.reshape(kernel, (-1, kernel.shape[-1]))

    def _apply_kernel(self, inputs, kernel):
        layer = self.layer
        if isinstance(layer, keras.layers.Dense):
            return tf.matmul(inputs, kernel)
        if self._is_transposed(layer):
            return tf.nn.conv_transpose(
                inputs,
                kernel,
                self._transposed_shape(inputs),
                layer.strides,
                layer.padding.upper(),
            )
        return layer.convolution_op(inputs, kernel)

    def _transposed_shape(self, inputs):
        layer, shape = self.layer, tf.shape(inputs)
        sides = []
        for axis, (size, stride) in enumerate(zip(layer.kernel_size, layer.strides)):
            grown = shape[1 + axis] * stride
            same = layer.padding == "same"
            sides.append(grown if same else grown + max(size - stride, 0))
        return tf.stack([shape[0], *sides, layer.filters])

    @staticmethod
    def _is_transposed(layer):
        return isinstance(layer, (keras.layers.Conv2DTranspose, keras.layers.Conv3DTranspose))

    def _singular_vectors(self, matrix, update):
        u = tf.convert_to_tensor(self.u)
        if update and self._is_due():
            for _ in range(self.power_iterations):
                v = tf.math.l2_normalize(tf.matmul(u, matrix, transpose_b=True))
                u = tf.math.l2_normalize(tf.matmul(v, matrix))
            self.u.assign(u)
        else:
            v = tf.math.l2_normalize(tf.matmul(u, matrix, transpose_b=True))
            u = tf.math.l2_normalize(u)
        return tf.stop_gradient(u), tf.stop_gradient(v)
