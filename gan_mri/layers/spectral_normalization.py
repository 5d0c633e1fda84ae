"""Spectral normalisation as Miyato et al. define it."""

import keras
import tensorflow as tf

from gan_mri.backend import add_wide_weight


@keras.saving.register_keras_serializable(package="gan_mri")
class SpectralNormalization(keras.layers.Wrapper):
    """Divides a layer's kernel by its largest singular value.

    `W_bar = W / sigma(W)`, `sigma(W) = u' W v`, where W is the kernel as a
    matrix (all other axes, output axis), and u, v come from power iteration
    and are constants for the gradient: the gradient goes through sigma, so
    that it is orthogonal to the kernel. The layers of Keras and of
    tensorflow-addons overwrite the kernel instead and pass no gradient
    through sigma.

    The trained kernel stays what the optimizer made it. The wrapped layer is
    linear before its bias, so instead of its kernel its input is divided by
    sigma: the same numbers, for every kind of layer.

    Power iteration moves once for each call with `training=True`, and never
    otherwise. A training step that calls a network several times should say
    `training=True` in one of the calls.

    Parameters
    ----------
    layer : keras.layers.Layer
        A convolution, transposed convolution (2D or 3D) or Dense layer.
    power_iterations : int
        Iterations for each training call.

    Raises
    ------
    ValueError
        For a layer without a kernel.

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
                f"SpectralNormalization wraps one of {known}. "
                f"Received: {type(layer).__name__}"
            )
        if power_iterations < 1:
            raise ValueError(
                f"power_iterations must be 1 or more. Received: {power_iterations!r}"
            )
        self.power_iterations = power_iterations

    def build(self, input_shape=None):
        super().build(input_shape)
        outputs = self.layer.kernel.shape[self._OUTPUT_AXIS[type(self.layer)]]
        self.u = add_wide_weight(
            self, "u", (1, outputs), "random_normal", trainable=False
        )

    def call(self, inputs, training=False):
        matrix = self._matrix()
        u, v = self._singular_vectors(tf.stop_gradient(matrix), bool(training))
        sigma = tf.reduce_sum(tf.matmul(v, matrix) * u)
        return self.layer(inputs / tf.cast(sigma, inputs.dtype))

    def normalized_kernel(self):
        """`W / sigma(W)` with the present u, in the shape of the kernel."""
        matrix = self._matrix()
        u, v = self._singular_vectors(matrix, update=False)
        sigma = tf.reduce_sum(tf.matmul(v, matrix) * u)
        return tf.convert_to_tensor(self.layer.kernel) / sigma

    def compute_output_shape(self, input_shape):
        return self.layer.compute_output_shape(input_shape)

    def get_config(self):
        return {**super().get_config(), "power_iterations": self.power_iterations}

    def _matrix(self):
        kernel = tf.cast(self.layer.kernel, self.u.dtype)
        rank = kernel.shape.rank
        axis = self._OUTPUT_AXIS[type(self.layer)] % rank
        others = [index for index in range(rank) if index != axis]
        kernel = tf.transpose(kernel, [*others, axis])
        return tf.reshape(kernel, (-1, kernel.shape[-1]))

    def _singular_vectors(self, matrix, update):
        u = tf.convert_to_tensor(self.u)
        if update:
            for _ in range(self.power_iterations):
                v = tf.math.l2_normalize(tf.matmul(u, matrix, transpose_b=True))
                u = tf.math.l2_normalize(tf.matmul(v, matrix))
            self.u.assign(u)
        else:
            v = tf.math.l2_normalize(tf.matmul(u, matrix, transpose_b=True))
            u = tf.math.l2_normalize(u)
        return tf.stop_gradient(u), tf.stop_gradient(v)
