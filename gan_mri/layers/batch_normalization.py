"""Batch normalisation with running averages, for networks that start from noise."""

import keras
import tensorflow as tf

from gan_mri.layers.batch_layer import BatchLayer, widened


@keras.saving.register_keras_serializable(package="gan_mri")
class BatchNormalization(BatchLayer):
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
        super().__init__(epsilon, **kwargs)
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum must be from 0 to below 1. Received: {momentum!r}")
        self.momentum = momentum

    def call(self, inputs, training=False):
        wide = widened(inputs)
        if training:
            axes = list(range(inputs.shape.rank - 1))
            mean, centered, variance = self.moments(wide, axes, of_all_replicas=True)
            self._remember(self.moving_mean, mean)
            self._remember(self.moving_variance, variance)
        else:
            mean, variance = (
                tf.cast(average, wide.dtype) for average in (self.moving_mean, self.moving_variance)
            )
            centered = wide - mean
        return tf.cast(self.normalized(centered, variance), inputs.dtype)

    def _remember(self, average, moment):
        before = tf.convert_to_tensor(average)
        moment = tf.cast(tf.stop_gradient(tf.reshape(moment, [-1])), before.dtype)
        average.assign(before + (1 - self.momentum) * (moment - before))

    def get_config(self):
        return {**super().get_config(), "momentum": self.momentum}
