"""Batch normalisation that always takes the statistics of what it is given."""

import keras
import tensorflow as tf

from gan_mri.layers.batch_layer import BatchLayer, widened


@keras.saving.register_keras_serializable(package="gan_mri")
class BatchStatistics(BatchLayer):
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
        super().__init__(epsilon, **kwargs)

    def call(self, inputs, training=False):
        wide = widened(inputs)
        space = list(range(1, inputs.shape.rank - 1))
        axes = [0, *space] if training else space
        _, centered, variance = self.moments(wide, axes, of_all_replicas=training)
        return tf.cast(self.normalized(centered, variance), inputs.dtype)
