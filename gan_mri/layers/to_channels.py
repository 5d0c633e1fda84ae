"""Grey images for RGB networks, and RGB images for grey ones."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="gan_mri")
class ToChannels(keras.layers.Layer):
    """Gives images the number of channels that a network wants.

    To 1 channel: the mean of all; from 1 channel: equal copies of it. So grey
    becomes RGB and comes back unchanged.

    Parameters
    ----------
    channels : int
        Channels of the output. Where it is neither 1 nor the channels of the
        input, the input must have 1.

    Raises
    ------
    ValueError
        For inputs of several channels that are wanted in another number.

    Examples
    --------
    >>> ToChannels(3)(tf.zeros((1, 16, 16, 1))).shape
    TensorShape([1, 16, 16, 3])
    """

    def __init__(self, channels, **kwargs):
        super().__init__(**kwargs)
        if channels < 1:
            raise ValueError(f"channels must be 1 or more. Received: {channels!r}")
        self.channels = channels

    def call(self, inputs):
        given = inputs.shape[-1]
        if given == self.channels:
            return inputs
        if self.channels == 1:
            return tf.reduce_mean(inputs, axis=-1, keepdims=True)
        self._check(given)
        return tf.repeat(inputs, self.channels, axis=-1)

    def compute_output_shape(self, input_shape):
        if self.channels not in (1, input_shape[-1]):
            self._check(input_shape[-1])
        return (*input_shape[:-1], self.channels)

    def get_config(self):
        return {**super().get_config(), "channels": self.channels}

    def _check(self, given):
        if given != 1:
            raise ValueError(
                f"Images of {given} channels cannot become {self.channels}. "
                "Expected 1 channel, or 1 wanted."
            )
