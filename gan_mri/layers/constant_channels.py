"""Maps that hold one number everywhere, of the size of an image."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="gan_mri")
class ConstantChannels(keras.layers.Layer):
    """From images to maps of their size that are constant, one number for each channel.

    What an image shows has no effect, only its size: so a network with free
    sizes makes an input of its own, such as an image that is missing, or the
    planes that say which of several images is wanted.

    Parameters
    ----------
    values : sequence of float
        Of the channels of the output, at least one.

    Raises
    ------
    ValueError
        For no values.

    Examples
    --------
    >>> ConstantChannels([0, 1])(tf.zeros((1, 2, 2, 1)))[0, 0].numpy()
    array([[0., 1.],
           [0., 1.]], dtype=float32)
    """

    def __init__(self, values, **kwargs):
        super().__init__(**kwargs)
        self.values = [float(value) for value in values]
        if not self.values:
            raise ValueError("values must be at least one number. Received: none")

    def call(self, inputs):
        shape = tf.concat([tf.shape(inputs)[:-1], [len(self.values)]], axis=0)
        maps = tf.broadcast_to(tf.constant(self.values, inputs.dtype), shape)
        maps.set_shape(self.compute_output_shape(inputs.shape))
        return maps

    def compute_output_shape(self, input_shape):
        return (*tuple(input_shape)[:-1], len(self.values))

    def get_config(self):
        return {**super().get_config(), "values": self.values}
