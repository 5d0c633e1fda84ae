"""Batch normalisation with running averages, for networks that start from noise."""

import keras
import tensorflow as tf

from gan_mri.backend import add_wide_weight
from gan_mri.layers.averages import mean_over


@keras.saving.register_keras_serializable(package="gan_mri")
class BatchNormalization(keras.layers.Layer):
    """Normalises by the batch in training, and by running averages of its statistics elsewhere.

    `gamma * (x - mean) / sqrt(variance + epsilon) + beta`, with the biased
    variance. After every call in training each running average is `momentum`
    times itself plus `1 - momentum` times what the batch had.

    Why not Keras's layer: here the batch is that of all replicas under
    `tf.distribute`, on both Keras generations, so that the replicas keep the
    same averages. Why not `BatchStatistics`, whose mean and variance outside of
    training are those of one image: the first maps of a network from noise hold
    a few pixels, and what an image shows lies in their means.

    Parameters
    ----------
    momentum : float
        From 0 to below 1.
    epsilon : float
        Added to the variance.

    References
    ----------
    Ioffe and Szegedy 2015, "Batch normalization", ICML.
    """

    def __init__(self, momentum=0.9, epsilon=1e-5, **kwargs):
        super().__init__(**kwargs)
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum must be from 0 to below 1. Received: {momentum!r}")
        self.momentum, self.epsilon = momentum, epsilon

    def build(self, input_shape):
        shape = (input_shape[-1],)
        self.gamma = add_wide_weight(self, "gamma", shape, "ones")
        self.beta = add_wide_weight(self, "beta", shape, "zeros")
        self.moving_mean = add_wide_weight(self, "moving_mean", shape, "zeros", trainable=False)
        self.moving_variance = add_wide_weight(
            self, "moving_variance", shape, "ones", trainable=False
        )
        super().build(input_shape)

    def call(self, inputs, training=False):
        dtype = tf.float64 if inputs.dtype == tf.float64 else tf.float32
        wide = tf.cast(inputs, dtype)
        gamma, beta, mean, variance = (
            tf.cast(weight, dtype)
            for weight in (self.gamma, self.beta, self.moving_mean, self.moving_variance)
        )
        if training:
            axes = list(range(inputs.shape.rank - 1))
            mean = _mean(wide, axes)
            variance = _mean(tf.square(wide - mean), axes)
            mean, variance = (tf.reshape(moment, [-1]) for moment in (mean, variance))
            self._remember(self.moving_mean, mean)
            self._remember(self.moving_variance, variance)
        scale = gamma * tf.math.rsqrt(variance + tf.constant(self.epsilon, dtype))
        return tf.cast((wide - mean) * scale + beta, inputs.dtype)

    def _remember(self, average, moment):
        before = tf.convert_to_tensor(average)
        moment = tf.cast(tf.stop_gradient(moment), before.dtype)
        average.assign(before + (1 - self.momentum) * (moment - before))

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)

    def get_config(self):
        return {**super().get_config(), "momentum": self.momentum, "epsilon": self.epsilon}


def _mean(values, axes):
    """The mean over some axes, which are kept, and over the replicas of a strategy."""
    mean = mean_over(values, axes)
    replica = tf.distribute.get_replica_context()
    if replica is None or replica.num_replicas_in_sync == 1:
        return mean
    # Differentiable: the gradient is summed over the replicas, too.
    return replica.all_reduce(tf.distribute.ReduceOp.MEAN, mean)
