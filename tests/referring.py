"""A translator that takes a reference image, simple enough for NumPy to say what it must give."""

import keras
import numpy as np

from gan_mri.layers import GaussianNoise, RandomStream


def network(channels=3, gain=0.5, noise=0.0, dtype="float32"):
    """gain * image + half the reference's mean colour, for images of any size."""
    free = (None, None, channels)
    image = keras.Input(free, name="image", dtype=dtype)
    reference = keras.Input(free, name="reference", dtype=dtype)
    color = keras.layers.GlobalAveragePooling2D(keepdims=True, dtype=dtype)(reference)
    color = keras.layers.Rescaling(0.5, dtype=dtype)(color)
    output = keras.layers.Rescaling(gain, dtype=dtype)(image)
    if noise:
        output = GaussianNoise(noise, RandomStream(5), dtype=dtype)(output)
    output = keras.layers.Add(dtype=dtype)([output, color])
    return keras.Model([image, reference], output)


def plain(channels=3, gain=0.5):
    """gain * image, without a reference."""
    image = keras.Input((None, None, channels), name="image")
    return keras.Model(image, keras.layers.Rescaling(gain)(image))


def expected(images, references, gain=0.5):
    """What `network` gives, by NumPy; one reference an image, or one for all."""
    colors = np.mean(references, axis=(1, 2), keepdims=True)
    return gain * np.asarray(images) + 0.5 * colors
