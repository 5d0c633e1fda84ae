"""Attention to channels, with the means of the whole map, and the planes that steer it."""

import tensorflow as tf

from gan_mri.inference.volumes.operations.operation import Operation
from gan_mri.inference.volumes.operations.pointwise import Pointwise
from gan_mri.inference.volumes.operations.registry import operates


@operates("gan_mri.ChannelAttention")
class ChannelAttention(Operation):
    """Factors of the channels, from the mean of the whole map and the target of the planes."""

    needs_moments = True

    def rows(self, start, stop):
        # The planes are the same everywhere.
        return [(start, stop), (0, 1)], ()

    def bind(self, moments=None):
        means = tf.constant(moments.mean[None], self.layer.variable_dtype)

        def apply(tensors, numbers):
            features, planes = tensors
            scales = self.layer.scales(self.layer.target(planes[None]), means)
            return features * tf.cast(scales, features.dtype)

        return apply


@operates("gan_mri.ConstantChannels")
class ConstantChannels(Pointwise):
    """The Keras layer itself, on rows."""

    def __init__(self, layer, shapes):
        super().__init__(layer, shapes)
        self.shape = (*self.shape[:-1], len(layer.values))
