"""Noise and dropout whose random numbers can be saved and resumed."""

import keras
import tensorflow as tf


class RandomStream:
    """Seeds for stateless random numbers, one after the other.

    The layers of Keras keep their random state where a checkpoint does not
    find it (Keras 2) or as a weight of the network (Keras 3). Here it is one
    counter, which a model adds to its checkpoint. Every replica of a
    `tf.distribute` strategy draws numbers of its own.

    Parameters
    ----------
    seed : int

    Attributes
    ----------
    count : tf.Variable
        Seeds drawn so far.
    """

    # Not a tf.Module: Keras 2 would count the variable as a weight.
    def __init__(self, seed=0):
        self.seed = seed
        self.count = tf.Variable(
            0,
            dtype=tf.int64,
            trainable=False,
            name="random_count",
            synchronization=tf.VariableSynchronization.ON_READ,
            aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
        )

    def next(self):
        """A seed, int64 `(2,)`, that no call before has given."""
        self.count.assign_add(1)
        replicas = tf.distribute.get_replica_context()
        replica = 0 if replicas is None else replicas.replica_id_in_sync_group
        own = tf.constant(self.seed, tf.int64) + 2**32 * tf.cast(replica, tf.int64)
        return tf.stack([own, tf.convert_to_tensor(self.count)])


class _Stochastic(keras.layers.Layer):
    def __init__(self, stream=None, **kwargs):
        super().__init__(**kwargs)
        self.stream = stream or RandomStream()

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)


@keras.saving.register_keras_serializable(package="gan_mri")
class GaussianNoise(_Stochastic):
    """Adds Gaussian noise where `training` is true, and does nothing elsewhere.

    Parameters
    ----------
    deviation : float
        Standard deviation.
    stream : RandomStream, optional
        Default: one of its own.
    """

    def __init__(self, deviation, stream=None, **kwargs):
        super().__init__(stream, **kwargs)
        self.deviation = deviation

    def call(self, inputs, training=False):
        if not training:
            return inputs
        dtype = tf.float64 if inputs.dtype == tf.float64 else tf.float32
        noise = tf.random.stateless_normal(
            tf.shape(inputs), self.stream.next(), stddev=self.deviation, dtype=dtype
        )
        return inputs + tf.cast(noise, inputs.dtype)

    def get_config(self):
        return {**super().get_config(), "deviation": self.deviation}


@keras.saving.register_keras_serializable(package="gan_mri")
class Dropout(_Stochastic):
    """Sets a share of the values to 0 and scales the rest, where `training` is true.

    Parameters
    ----------
    rate : float
        The share, from 0 to below 1.
    stream : RandomStream, optional
        Default: one of its own.
    """

    def __init__(self, rate, stream=None, **kwargs):
        super().__init__(stream, **kwargs)
        if not 0 <= rate < 1:
            raise ValueError(f"rate must be from 0 to below 1. Received: {rate!r}")
        self.rate = rate

    def call(self, inputs, training=False):
        if not training:
            return inputs
        draws = tf.random.stateless_uniform(tf.shape(inputs), self.stream.next())
        kept = tf.cast(draws >= self.rate, inputs.dtype)
        return inputs * kept / tf.cast(1 - self.rate, inputs.dtype)

    def get_config(self):
        return {**super().get_config(), "rate": self.rate}


def random_streams(network):
    """Every `RandomStream` of a network, its inner networks included."""
    streams = []
    for layer in network.layers:
        found = random_streams(layer) if hasattr(layer, "layers") else []
        if isinstance(layer, _Stochastic):
            found = [layer.stream]
        streams += [stream for stream in found if stream not in streams]
    return streams
