"""Batch normalisation that always takes the statistics of what it is given."""

import keras
import tensorflow as tf

from gan_mri.backend import add_wide_weight
from gan_mri.layers.averages import mean_over


@keras.saving.register_keras_serializable(package="gan_mri")
class BatchStatistics(keras.layers.Layer):
    """Normalises every channel with the mean and variance of the images at hand.

    `gamma * (x - mean) / sqrt(variance + epsilon) + beta`, with the biased
    variance: in training over the whole batch, which is what GAN-MRI's UNIT
    does with `BatchNormalization` called as if training; otherwise over each
    image alone, so that a translation does not depend on which images share a
    batch (in the 2018 code it does). For a batch of one the two are the same.

    Under `tf.distribute` the batch in training is that of all replicas, which
    must hold equally many images each: two replicas compute what one device
    does with the images of both. It costs two sums over the replicas, forward
    and backward, of one number for each channel.

    `moving_mean` and `moving_variance` are there because the 2018 weight files
    hold them; that code never reads them, and neither does this layer. They
    keep what is loaded.

    Parameters
    ----------
    epsilon : float
        Added to the variance. 1.001e-5 is what TensorFlow 1 made of the 1e-5
        that was asked for (the least that its fused kernel allowed).

    References
    ----------
    Ioffe and Szegedy 2015, "Batch normalization", ICML.
    """

    def __init__(self, epsilon=1.001e-5, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = epsilon

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
        space = list(range(1, inputs.shape.rank - 1))
        axes = [0, *space] if training else space
        wide = tf.cast(inputs, dtype)
        mean = _mean(wide, axes, of_all_replicas=training)
        centered = wide - mean
        variance = _mean(tf.square(centered), axes, of_all_replicas=training)
        gamma, beta = (tf.cast(weight, dtype) for weight in (self.gamma, self.beta))
        scale = gamma * tf.math.rsqrt(variance + tf.constant(self.epsilon, dtype))
        return tf.cast(centered * scale + beta, inputs.dtype)

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)

    def get_config(self):
        return {**super().get_config(), "epsilon": self.epsilon}


def _mean(values, axes, of_all_replicas):
    """The mean over some axes, which are kept, and over the replicas of a strategy if asked."""
    mean = mean_over(values, axes)
    replica = tf.distribute.get_replica_context()
    if not of_all_replicas or replica is None or replica.num_replicas_in_sync == 1:
        return mean
    # Differentiable: the gradient is summed over the replicas, too.
    return replica.all_reduce(tf.distribute.ReduceOp.MEAN, mean)
