"""Instance normalisation by the standard deviation, as GAN-MRI computes it."""

import keras
import tensorflow as tf

from gan_mri.backend import add_wide_weight
from gan_mri.layers.averages import mean_over


@keras.saving.register_keras_serializable(package="gan_mri")
class InstanceNormalization(keras.layers.Layer):
    """Normalises every channel of every image on its own.

    `gamma * (x - mean) / (std + epsilon) + beta`, with mean and biased
    standard deviation over the spatial axes. This is the layer of
    keras-contrib, which GAN-MRI used; PyTorch, tensorflow-addons and
    `keras.layers.GroupNormalization` divide by `sqrt(variance + epsilon)`
    instead. The two differ where the standard deviation is not much larger
    than `sqrt(epsilon)`, which is what the dark background of MR images is
    like: use this one to reproduce GAN-MRI or to load its weights.

    Statistics are taken in float32 at least, whatever the compute dtype. On a
    constant channel the output is `beta` and the gradient is finite (in the
    2018 code it is NaN: the derivative of a square root at 0).

    Parameters
    ----------
    epsilon : float
        Added to the standard deviation.

    References
    ----------
    Ulyanov, Vedaldi, Lempitsky 2016, "Instance normalization: the missing
    ingredient for fast stylization", arXiv:1607.08022.
    """

    def __init__(self, epsilon=1e-5, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def build(self, input_shape):
        channels = input_shape[-1]
        if channels is None:
            raise ValueError(
                "InstanceNormalization needs a known number of channels. "
                f"Received: input_shape={tuple(input_shape)}"
            )
        self.gamma = add_wide_weight(self, "gamma", (channels,), "ones")
        self.beta = add_wide_weight(self, "beta", (channels,), "zeros")
        super().build(input_shape)

    def call(self, inputs):
        dtype = tf.float64 if inputs.dtype == tf.float64 else tf.float32
        gamma, beta = (tf.cast(weight, dtype) for weight in (self.gamma, self.beta))
        return _normalize(inputs, gamma, beta, tf.constant(self.epsilon, dtype))

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)

    def get_config(self):
        return {**super().get_config(), "epsilon": self.epsilon}


@tf.custom_gradient
def _normalize(inputs, gamma, beta, epsilon):
    # Written out with its gradient for two reasons: automatic differentiation
    # divides by the standard deviation, which is 0 on a constant channel, and
    # it walks over the feature maps about twice as often.
    axes = list(range(1, inputs.shape.rank - 1))
    dtype = gamma.dtype
    wide = tf.cast(inputs, dtype)
    mean = mean_over(wide, axes)
    centered = wide - mean
    std = _root(mean_over(tf.square(centered), axes))
    scale = gamma / (std + epsilon)
    outputs = tf.cast(centered * scale + beta, inputs.dtype)

    def gradient(upstream):
        upstream = tf.cast(upstream, dtype)
        # Recomputed rather than kept: the inputs may be of 16 bits, this is not.
        centered = tf.cast(inputs, dtype) - mean
        mean_upstream = mean_over(upstream, axes)
        projection = mean_over(upstream * centered, axes)
        slope = tf.math.divide_no_nan(projection, std * (std + epsilon))
        to_inputs = scale * (upstream - mean_upstream - centered * slope)
        count = tf.cast(tf.reduce_prod(tf.shape(inputs)[1:-1]), dtype)
        others = list(range(inputs.shape.rank - 1))
        to_gamma = count * tf.reduce_sum(projection / (std + epsilon), others)
        to_beta = count * tf.reduce_sum(mean_upstream, others)
        return tf.cast(to_inputs, inputs.dtype), to_gamma, to_beta, None

    return outputs, gradient


@tf.custom_gradient
def _root(variance):
    """Square root, with slope 0 at 0: the second derivative of a constant channel is finite."""
    root = tf.sqrt(variance)
    return root, lambda upstream: tf.math.divide_no_nan(upstream, 2 * root)
