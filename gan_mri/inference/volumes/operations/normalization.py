"""Normalisation with the mean and variance of the whole map."""

import numpy as np
import tensorflow as tf

from gan_mri.inference.volumes.operations.operation import Operation
from gan_mri.inference.volumes.operations.registry import operates, refusal


class Normalization(Operation):
    """`(x - mean) * scale + beta` for every channel.

    Parameters
    ----------
    layer, shapes
        See `Operation`.
    deviation : callable
        From the variance of each channel to what is divided by.
    """

    needs_moments = True

    def __init__(self, layer, shapes, deviation):
        super().__init__(layer, shapes)
        self.deviation = deviation

    def bind(self, moments=None):
        gamma, beta = (self._weight(name) for name in ("gamma", "beta"))
        scale = (1.0 if gamma is None else gamma) / self.deviation(moments.variance)
        mean, scale = tf.constant(moments.mean), tf.constant(scale)

        def apply(tensors, numbers):
            (inputs,) = tensors
            # The mean first: a channel's may be much larger than its deviation.
            outputs = inputs - tf.cast(mean, inputs.dtype)
            outputs = outputs * tf.cast(scale, inputs.dtype)
            return outputs if beta is None else outputs + tf.cast(beta, inputs.dtype)

        return apply

    def temporary_whole(self, made):
        # Squares of what is left when the mean is subtracted.
        return made

    def _weight(self, name):
        weight = getattr(self.layer, name, None)
        return None if weight is None else np.asarray(weight, np.float64)


@operates("gan_mri.InstanceNormalization")
def _by_deviation(layer, shapes):
    return Normalization(layer, shapes, lambda variance: np.sqrt(variance) + layer.epsilon)


# Outside of training each image has statistics of its own.
@operates("gan_mri.BatchStatistics")
def _by_variance(layer, shapes):
    return Normalization(layer, shapes, lambda variance: np.sqrt(variance + layer.epsilon))


@operates(
    "keras.GroupNormalization",
    "tensorflow_addons.GroupNormalization",
    "tensorflow_addons.InstanceNormalization",
)
def _by_group(layer, shapes):
    channels = shapes[0][-1]
    if layer.groups not in (-1, channels) or layer.axis not in (-1, len(shapes[0])):
        raise refusal(layer, "every channel a group of its own", f"{layer.groups} groups")
    return _by_variance(layer, shapes)
