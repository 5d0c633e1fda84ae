"""Noise and dropout whose random numbers can be saved and resumed."""

import random

import keras
import tensorflow as tf

from gan_mri.layers.innermost import innermost_layers
from gan_mri.layers.passes import taken_once

# Counters stay below it, by far: what lies above tells the branches of a seed apart.
_DRAWS_OF_A_BRANCH = 2**40


class RandomStream:
    """Seeds for stateless random numbers, one after the other.

    The layers of Keras keep their random state where a checkpoint does not
    find it (Keras 2) or as a weight of the network (Keras 3). Here it is one
    counter, which a model adds to its checkpoint. Every replica of a
    `tf.distribute` strategy draws numbers of its own.

    Parameters
    ----------
    seed : int, optional
        Default: drawn from Python's random numbers, so that two streams differ
        and `keras.utils.set_random_seed` repeats them.
    branch : int
        From 0. Streams of one seed give other numbers in each branch.

    Attributes
    ----------
    seed, branch : int
    count : tf.Variable
        Seeds drawn so far.
    users : int
        Layers that draw from it.
    """

    # Not a tf.Module: Keras 2 would count the variable as a weight.
    def __init__(self, seed=None, branch=0):
        self.seed = random.getrandbits(31) if seed is None else int(seed)
        self.branch, self.users = int(branch), 0
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
        return tf.stack([own, tf.convert_to_tensor(self.count) + self.branch * _DRAWS_OF_A_BRANCH])


class _Stochastic(keras.layers.Layer):
    def __init__(self, stream=None, **kwargs):
        super().__init__(**kwargs)
        self.stream = RandomStream() if stream is None else stream
        self._branch = self.stream.branch + self.stream.users
        self.stream.users += 1

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)

    def get_config(self):
        """With the seed of the stream, and a branch that no other layer of the stream has.

        A copy draws from the start of that branch. So it repeats a layer that
        has its stream for itself, and copies of layers that share a stream
        differ from each other as the layers do.
        """
        return {**super().get_config(), "seed": self.stream.seed, "branch": self._branch}

    @classmethod
    def from_config(cls, config):
        config = dict(config)
        # Files written before layers kept their seed have neither.
        stream = RandomStream(config.pop("seed", None), config.pop("branch", 0))
        return cls(stream=stream, **config)


@keras.saving.register_keras_serializable(package="gan_mri")
class GaussianNoise(_Stochastic):
    """Adds Gaussian noise where `training` is true, and does nothing elsewhere.

    Parameters
    ----------
    deviation : float
        Standard deviation.
    stream : RandomStream, optional
        Default: one of its own. A copy (`from_config`, `clone_model`, a
        `.keras` file) gets a new one of the same seed, see `get_config`.
    """

    def __init__(self, deviation, stream=None, **kwargs):
        super().__init__(stream, **kwargs)
        self.deviation = deviation

    def call(self, inputs, training=False):
        if not training:
            return inputs
        dtype = tf.float64 if inputs.dtype == tf.float64 else tf.float32
        noise = tf.random.stateless_normal(
            tf.shape(inputs), taken_once(self.stream.next), stddev=self.deviation, dtype=dtype
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
        Default: one of its own. A copy (`from_config`, `clone_model`, a
        `.keras` file) gets a new one of the same seed, see `get_config`.
    """

    def __init__(self, rate, stream=None, **kwargs):
        super().__init__(stream, **kwargs)
        if not 0 <= rate < 1:
            raise ValueError(f"rate must be from 0 to below 1. Received: {rate!r}")
        self.rate = rate

    def call(self, inputs, training=False):
        if not training:
            return inputs
        draws = tf.random.stateless_uniform(tf.shape(inputs), taken_once(self.stream.next))
        kept = tf.cast(draws >= self.rate, inputs.dtype)
        return inputs * kept / tf.cast(1 - self.rate, inputs.dtype)

    def get_config(self):
        return {**super().get_config(), "rate": self.rate}


def random_streams(network):
    """Every `RandomStream` of a network, its inner networks and blocks included."""
    streams = []
    for layer in innermost_layers(network):
        if isinstance(layer, _Stochastic) and layer.stream not in streams:
            streams.append(layer.stream)
    return streams
