"""The simplest translator: a curve of intensities, in two convolutions."""

import keras

from gan_mri import blocks
from gan_mri.backend import full_precision, precision


def simple_generator(
    input_shape=(None, None, 1),
    *,
    output_channels=None,
    filters=256,
    kernel_size=1,
    dtype=None,
    name="simple_generator",
):
    """A 1x1 convolution, ReLU, and a convolution to the image; no tanh.

    Paper 001's baseline Simple. With `kernel_size=1`, as in GAN-MRI's CycleGAN
    file, every pixel is translated by itself; its UNIT file has 5.

    Parameters
    ----------
    input_shape : tuple
        `(H, W, C)` or `(X, Y, Z, C)`; spatial sizes may be None.
    output_channels : int, optional
        Default: as many as the input has.
    filters : int
        Of the first convolution.
    kernel_size : int
        Of the second.
    dtype : str, optional
        Precision, see `gan_mri.backend.precision`.
    name : str

    Returns
    -------
    keras.Model

    Examples
    --------
    >>> simple_generator((64, 64, 1), kernel_size=5).count_params()
    6913
    """
    with precision(dtype):
        image = keras.Input(input_shape, name="image", dtype=full_precision())
        x = keras.layers.Activation("relu")(blocks.convolve(image, filters, 1))
        dtype = full_precision()
        x = keras.layers.Activation("linear", dtype=dtype)(x)
        channels = output_channels or input_shape[-1]
        output = blocks.convolve(x, channels, kernel_size, dtype=dtype)
        return keras.Model(image, output, name=name)
