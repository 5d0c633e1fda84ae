"""The U-Net of pix2pix: an encoder, a decoder, and a skip between them at every size."""

import math

import keras

from gan_mri import blocks
from gan_mri.backend import full_precision, precision
from gan_mri.errors import GanMriError
from gan_mri.layers import CropLike, Dropout, LeakyReLU, RandomStream

#: pix2pix draws its kernels so: a normal distribution of standard deviation 0.02.
PIX2PIX_INITIALIZER = {"class_name": "RandomNormal", "config": {"mean": 0.0, "stddev": 0.02}}

# Filters stop doubling at 8 times the first level's.
_MOST = 8
# Decoder blocks with dropout.
_DROPPED = 3
# What two levels need.
_LEAST_SIZE = 3


def unet_generator(
    input_shape=(None, None, 1),
    *,
    output_channels=None,
    filters=64,
    levels=8,
    dropout=0.5,
    dropout_at_inference=False,
    stream=None,
    normalization="instance",
    initializer="glorot_uniform",
    spectral_normalization=False,
    dtype=None,
    name="unet_generator",
):
    """C64-C128-C256-C512-C512-C512-C512-C512, and back up with skips, as in pix2pix.

    Every level halves the size by a 4x4 convolution of stride 2, rounded up, and
    doubles it again by a transposed one, cropped to the size of its skip: any
    size comes out as it went in, without padding it to a multiple of
    2^`levels`. Encoder blocks are leaky ReLU (0.2), convolution, normalisation;
    decoder blocks ReLU, transposed convolution, normalisation, dropout, then the
    features of the encoder's block of that size beside them. Neither the first
    nor the last encoder block is normalised: the last has a map of 1 pixel
    where `levels` suits the size, whose normalisation would be a constant.

    Parameters
    ----------
    input_shape : tuple
        `(H, W, C)` or `(X, Y, Z, C)`; spatial sizes may be None.
    output_channels : int, optional
        Channels of the output; default: as many as the input has.
    filters : int
        Of the first level; doubled at every level up to 8 times.
    levels : int
        From 2. 8 for images of 256; `levels_for(input_shape)` for others, and
        not more: maps before the last would have 1 pixel as well.
    dropout : float
        Rate, in the first three blocks of the decoder; 0: none.
    dropout_at_inference : bool
        False: dropout acts in training only, and a translation is the same each
        time. True: always, as in pix2pix, where it is the only noise: another
        translation at each call.
    stream : gan_mri.layers.RandomStream, optional
        Where dropout takes its random numbers from; default: one of its own.
    normalization : {"instance", "addons", "batch", "none"}
        See `gan_mri.blocks.normalize`. pix2pix normalises each batch, of 1.
    initializer : str or dict
        Of the kernels, as `keras.initializers.get` takes it; pix2pix's is
        `PIX2PIX_INITIALIZER`.
    spectral_normalization : bool
        On every convolution but the last.
    dtype : str, optional
        Precision, see `gan_mri.backend.precision`.
    name : str

    Returns
    -------
    keras.Model
        From `(N, *input_shape)` to the same with `output_channels`, in
        [-1, 1], float32 (float64 under a float64 precision).

    Raises
    ------
    GanMriError
        For fewer than 2 levels, or more than a fixed size allows.

    References
    ----------
    Isola et al. 2017, section 6.1.1, and the authors' code, in which skips are
    taken before the leaky ReLU; Ronneberger et al. 2015.

    Examples
    --------
    >>> unet_generator((256, 256, 3)).count_params()
    54419459
    """
    _check(levels, input_shape)
    style = {"initializer": initializer, "spectral_normalization": spectral_normalization}
    stream = stream or RandomStream()
    drop = _InferenceDropout if dropout_at_inference else Dropout
    with precision(dtype):
        wide = full_precision()
        # Of convolutions to and from maps one pixel wide, oneDNN leaves parts of
        # a bfloat16 gradient unwritten. They cost nothing, so they are never of
        # 16 bits: the last of the encoder, the first of the decoder.
        at_the_bottom = {"dtype": wide}
        image = keras.Input(input_shape, name="image", dtype=wide)
        skips = [blocks.convolve(image, filters, 4, strides=2, **style)]
        for level in range(1, levels):
            last = level == levels - 1
            kept = at_the_bottom if last else {}
            x = LeakyReLU(0.2, **kept)(skips[-1])
            width = filters * min(2**level, _MOST)
            x = blocks.convolve(x, width, 4, strides=2, **kept, **style)
            skips.append(x if last else blocks.normalize(x, normalization))
        x, kept = skips.pop(), at_the_bottom
        for block, skip in enumerate(reversed(skips)):
            x = _double(x, skip, skip.shape[-1], **kept, **style)
            x, kept = blocks.normalize(x, normalization), {}
            if dropout and block < _DROPPED:
                x = drop(dropout, stream)(x)
            x = keras.layers.Concatenate()([x, skip])
        channels = output_channels or input_shape[-1]
        x = _double(x, image, channels, initializer=initializer, dtype=wide)
        return keras.Model(image, keras.layers.Activation("tanh", dtype=wide)(x), name=name)


def levels_for(input_shape, most=8):
    """The levels after which the shortest axis is 1 pixel long, at most `most`.

    Parameters
    ----------
    input_shape : tuple of int
        `(H, W, C)` or `(X, Y, Z, C)`, of fixed size.
    most : int
        pix2pix's 8. In 3D, where kernels have four times the weights, fewer
        may do.

    Raises
    ------
    GanMriError
        If a size is free or below 3.

    Examples
    --------
    >>> levels_for((256, 304, 3)), levels_for((64, 64, 40, 1)), levels_for((182, 218, 1), most=5)
    (8, 6, 5)
    """
    sizes = tuple(input_shape)[:-1]
    if None in sizes or min(sizes) < _LEAST_SIZE:
        raise GanMriError(
            f"levels_for: expected an image of fixed size, of at least {_LEAST_SIZE} pixels along "
            f"every spatial axis. Received: input_shape={tuple(input_shape)}"
        )
    return min(most, math.ceil(math.log2(min(sizes))))


def _check(levels, input_shape):
    most = None
    if None not in input_shape[:-1]:
        most = levels_for(input_shape, most=math.inf)
    if levels < 2 or (most and levels > most):
        limit = f"from 2 to {most} for images of {tuple(input_shape[:-1])}" if most else "from 2"
        raise GanMriError(f"levels: expected {limit}. Received: {levels!r}")


def _double(x, like, channels, *, dtype=None, **style):
    """ReLU, 4x4 transposed convolution of stride 2, cropped to the size of `like`."""
    x = keras.layers.Activation("relu", dtype=dtype)(x)
    x = blocks.convolve(x, channels, 4, strides=2, transposed=True, dtype=dtype, **style)
    return CropLike(dtype=dtype)([x, like])


@keras.saving.register_keras_serializable(package="gan_mri")
class _InferenceDropout(Dropout):
    """Dropout that acts outside of training as well."""

    def call(self, inputs, training=False):
        return super().call(inputs, training=True)
