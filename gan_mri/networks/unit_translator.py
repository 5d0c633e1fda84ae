"""The parts of UNIT between an image and its translation as one network."""

import keras
import tensorflow as tf

from gan_mri.layers import CropLike, PadToMultiple, ToChannels
from gan_mri.networks.unit import STRIDE


def compose_translator(encoder, shared_encoder, shared_decoder, generator, *, channels=None, name):
    """One network from image to image, of any size from 17.

    Parameters
    ----------
    encoder : keras.Model
        Of the source domain.
    shared_encoder, shared_decoder : keras.Model
    generator : keras.Model
        Of the target domain.
    channels : int, optional
        Of the images; default: those of the networks.
    name : str

    Returns
    -------
    keras.Model
    """
    dtype = tf.as_dtype(generator.outputs[0].dtype).name
    *sizes, inner = encoder.input_shape[1:]
    image = keras.Input((*sizes, channels or inner), name="image", dtype=dtype)
    padded = PadToMultiple(STRIDE, dtype=dtype)(image)
    code = shared_encoder(encoder(ToChannels(inner, dtype=dtype)(padded)))
    translated = generator(shared_decoder(code))
    translated = ToChannels(channels or inner, dtype=dtype)(translated)
    return keras.Model(image, CropLike(dtype=dtype)([translated, image]), name=name)
