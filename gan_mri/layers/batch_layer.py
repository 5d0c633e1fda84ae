"""What layers that normalise by the statistics of a batch have in common."""

import keras
import tensorflow as tf

from gan_mri.backend import add_wide_weight
from gan_mri.layers.averages import mean_over


class BatchLayer(keras.layers.Layer):
    """`gamma * (x - mean) / sqrt(variance + epsilon) + beta`, with the biased variance.

    A subclass says in its `call` which mean and variance. They may be those of all replicas
    under `tf.distribute`, which must hold equally many images each: two replicas compute what
    one device does with the images of both. That costs two sums over the replicas, forward and
    backward, of one number for each channel.

    Parameters
    ----------
    epsilon : float
        Added to the variance.
    """

    def __init__(self, epsilon, **kwargs):
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

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)

    def get_config(self):
        return {**super().get_config(), "epsilon": self.epsilon}

    def moments(self, wide, axes, *, of_all_replicas):
        """Mean, values without it, and variance: over some axes, which are kept, and over the
        replicas if asked.
        """
        mean = _mean(wide, axes, of_all_replicas)
        centered = wide - mean
        return mean, centered, _mean(tf.square(centered), axes, of_all_replicas)

    def normalized(self, centered, variance):
        """The values by their deviation, with gain and offset, in their own dtype."""
        dtype = centered.dtype
        gamma, beta = (tf.cast(weight, dtype) for weight in (self.gamma, self.beta))
        scale = gamma * tf.math.rsqrt(variance + tf.constant(self.epsilon, dtype))
        return centered * scale + beta


def widened(inputs):
    """The values in which statistics are taken: float32 at least."""
    return tf.cast(inputs, tf.float64 if inputs.dtype == tf.float64 else tf.float32)


def _mean(values, axes, of_all_replicas):
    mean = mean_over(values, axes)
    replica = tf.distribute.get_replica_context()
    if not of_all_replicas or replica is None or replica.num_replicas_in_sync == 1:
        return mean
    # Differentiable: the gradient is summed over the replicas, too.
    return replica.all_reduce(tf.distribute.ReduceOp.MEAN, mean)
