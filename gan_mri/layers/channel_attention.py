"""Attention to channels that depends on what is asked for, as CollaGAN has it."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="gan_mri")
class ChannelAttention(keras.layers.Layer):
    """Scales every channel of the features, by a number from 0 to 1 that depends on the target.

        s = sigmoid(W3 leaky(W2 leaky(W1 [target, mean of the features] + b1) + b2) + b3)

    with means over all positions of an image, `C // reduction` hidden units
    twice, and leaky rectifiers of slope 0.2; `C` is the number of the
    features' channels. The result is the features times `s`, image by image.

    Instance normalisation removes what is the same everywhere in a channel, and
    so nearly all that constant planes beside an image tell a network. Here the
    target has its effect after the normalisation.

    It is called with `[features, planes]`. The planes, `(N, ..., K)`, hold the
    target everywhere and may be of another size than the features: they are read
    at their first position, and have no gradient elsewhere.

    Means, weights and `s` are of single precision at least.

    Parameters
    ----------
    reduction : int
        Channels of the features for each hidden unit.

    Raises
    ------
    ValueError
        For a reduction below 1.

    References
    ----------
    Lee, Moon, Ye 2019 (Nature Machine Intelligence 2), "conditional channel
    attention module", and the authors' code; after Woo et al. 2018 (CBAM).

    Examples
    --------
    >>> features, planes = tf.zeros((1, 15, 15, 64)), tf.zeros((1, 240, 240, 4))
    >>> ChannelAttention()([features, planes]).shape
    TensorShape([1, 15, 15, 64])
    """

    def __init__(self, reduction=4, **kwargs):
        super().__init__(**kwargs)
        if reduction < 1:
            raise ValueError(f"reduction must be 1 or more. Received: {reduction!r}")
        self.reduction = reduction

    def build(self, input_shape):
        features, planes = (tuple(shape) for shape in input_shape)
        channels, units = features[-1], max(1, features[-1] // self.reduction)
        widths = [channels + planes[-1], units, units, channels]
        self.hidden_1, self.hidden_2, self.last = (
            self._dense(before, after, name)
            for before, after, name in zip(widths, widths[1:], ("hidden_1", "hidden_2", "last"))
        )
        super().build(input_shape)

    def call(self, inputs):
        features, planes = inputs
        space = list(range(1, features.shape.rank - 1))
        means = tf.reduce_mean(tf.cast(features, self.variable_dtype), space)
        scales = self.scales(self.target(planes), means)
        for axis in space:
            scales = tf.expand_dims(scales, axis)
        return features * tf.cast(scales, features.dtype)

    def target(self, planes):
        """What planes `(N, ..., K)` hold, `(N, K)`, in the precision of the weights."""
        first = [0] * (planes.shape.rank - 2)
        return tf.cast(planes[(slice(None), *first)], self.variable_dtype)

    def scales(self, target, means):
        """Factors of the channels.

        Parameters
        ----------
        target : tensor (N, K)
        means : tensor (N, C)
            Of the features.

        Returns
        -------
        tensor (N, C)
            From 0 to 1.
        """
        x = _leaky(self.hidden_1(tf.concat([target, means], axis=-1)))
        return tf.sigmoid(self.last(_leaky(self.hidden_2(x))))

    def compute_output_shape(self, input_shape):
        return tuple(input_shape[0])

    def get_config(self):
        return {**super().get_config(), "reduction": self.reduction}

    def _dense(self, before, units, name):
        layer = keras.layers.Dense(units, dtype=self.variable_dtype, name=name)
        # Keras 2 gives the weights of all three the same name otherwise.
        with tf.name_scope(name):
            layer.build((None, before))
        return layer


def _leaky(x):
    # Not TensorFlow's operation, which keeps its slope in float32.
    return tf.nn.relu(x) - tf.constant(0.2, x.dtype) * tf.nn.relu(-x)
