"""CollaGAN's discriminator: is it real, and which contrast is it?"""

import keras
import tensorflow as tf

from gan_mri import blocks
from gan_mri.backend import full_precision, precision
from gan_mri.layers import Dropout, LeakyReLU, PadToMultiple

# The three paths divide the size by it.
_STRIDE = 4
# By spatial rank.
_MEAN_OVER_POSITIONS = {
    2: keras.layers.GlobalAveragePooling2D,
    3: keras.layers.GlobalAveragePooling3D,
}


def collagan_discriminator(
    input_shape=(None, None, 1),
    *,
    contrasts=4,
    filters=4,
    dropout=0.5,
    stream=None,
    dtype=None,
    name="collagan_discriminator",
):
    """A map of judgements, and the contrast that an image shows.

    Three paths lead to a quarter of the size, each to 16 channels: three
    convolutions 3x3 of 4 channels, then one 4x4 of stride 4; convolutions of 4
    and 8 channels, each followed by the maximum over 2x2 pixels, and one more;
    a convolution 4x4 of stride 4, then three. They are joined; convolutions 4x4
    of stride 2 to 32 and 64 channels follow. Of these the judgements are made by
    a 3x3 convolution, after dropout; and the contrast by a 4x4 convolution of
    stride 2 to 128 channels and, after dropout, a 5x5 one. Leaky ReLU (0.2), no
    normalisation.

    In the published code convolutions after the paths have no padding, so that
    for 240 x 240 pixels the last one is a dense layer over all 5 x 5 positions.
    Here padding is "same", and the contrast is the mean over positions: any size
    will do. Sides that are not a multiple of 4 are mirrored at the border. Each
    convolution has a bias.

    Parameters
    ----------
    input_shape : tuple
        `(H, W, C)` or `(X, Y, Z, C)`; spatial sizes may be None.
    contrasts : int
    filters : int
        Of the first convolutions; the other widths grow with it.
    dropout : float
        Rate, before either head in training; 0: none.
    stream : gan_mri.layers.RandomStream, optional
        Where dropout takes its random numbers from; default: one of its own.
    dtype : str, optional
        Precision, see `gan_mri.backend.precision`.
    name : str

    Returns
    -------
    keras.Model
        To `(N, H/16, W/16, 1)` judgements (rounded up) and `(N, contrasts)`
        logits, float32 (float64 under a float64 precision).

    References
    ----------
    As `gan_mri.networks.collagan_generator`.

    Examples
    --------
    >>> collagan_discriminator((240, 240, 1)).output_shape
    [(None, 15, 15, 1), (None, 4)]
    """
    with precision(dtype):
        wide = full_precision()
        image = keras.Input(input_shape, name="image", dtype=wide)
        padded = PadToMultiple(_STRIDE, dtype=wide)(image)
        paths = [path(padded, filters) for path in (_fine, _by_maxima, _coarse)]
        # Of small images, the maps from here on are a few pixels wide, where oneDNN leaves parts
        # of a bfloat16 gradient unwritten. They cost little, so they are never of 16 bits.
        x = keras.layers.Concatenate(dtype=wide)(paths)
        for factor in (8, 16):
            x = _convolved(x, factor * filters, 4, strides=2, dtype=wide)
        judgement = blocks.convolve(_dropped(x, dropout, stream, wide), 1, 3, dtype=wide)
        x = _convolved(x, 32 * filters, 4, strides=2, dtype=wide)
        x = blocks.convolve(_dropped(x, dropout, stream, wide), contrasts, 5, dtype=wide)
        logits = _MEAN_OVER_POSITIONS[len(x.shape) - 2](dtype=wide)(x)
        return keras.Model(image, [judgement, logits], name=name)


def _fine(image, filters):
    x = image
    for _ in range(3):
        x = _convolved(x, filters, 3)
    return blocks.convolve(x, 4 * filters, 4, strides=_STRIDE)


def _by_maxima(image, filters):
    x = _HalvedByMaximum()(blocks.convolve(image, filters, 3))
    x = _HalvedByMaximum()(blocks.convolve(x, 2 * filters, 3))
    return _convolved(x, 4 * filters, 3)


def _coarse(image, filters):
    x = blocks.convolve(image, 4 * filters, 4, strides=_STRIDE)
    for _ in range(2):
        x = _convolved(x, 4 * filters, 3)
    return blocks.convolve(x, 4 * filters, 3)


def _convolved(x, filters, size, *, strides=1, dtype=None):
    return LeakyReLU(0.2, dtype=dtype)(
        blocks.convolve(x, filters, size, strides=strides, dtype=dtype)
    )


def _dropped(x, rate, stream, dtype):
    return Dropout(rate, stream, dtype=dtype)(x) if rate else x


@keras.saving.register_keras_serializable(package="gan_mri")
class _HalvedByMaximum(keras.layers.Layer):
    """The maximum over 2x2 (2x2x2) pixels, of even sizes.

    TensorFlow's own is not for volumes of float64, nor of float16 on a CPU.
    """

    def call(self, inputs):
        x = inputs
        for axis in range(1, inputs.shape.rank - 1):
            before = (slice(None),) * axis
            x = tf.maximum(x[(*before, slice(0, None, 2))], x[(*before, slice(1, None, 2))])
        return x

    def compute_output_shape(self, input_shape):
        number, *space, channels = tuple(input_shape)
        return (number, *(length and length // 2 for length in space), channels)
