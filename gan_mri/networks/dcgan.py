"""DCGAN's networks: an image from noise, and a discriminator of whole images."""

import math

import keras

from gan_mri import blocks
from gan_mri.backend import full_precision, precision
from gan_mri.errors import GanMriError
from gan_mri.layers import BatchNormalization, LeakyReLU

#: DCGAN draws its kernels so: a normal distribution of standard deviation 0.02.
DCGAN_INITIALIZER = {"class_name": "RandomNormal", "config": {"mean": 0.0, "stddev": 0.02}}

_KERNEL = 5
# Filters double up to 8 times those beside the image.
_MOST = 8
# The shortest side of the first maps is from here to below twice as long.
_BASE = 4
# Of convolutions between maps a few pixels wide, oneDNN leaves parts of a bfloat16 gradient
# unwritten. They cost little, so up to this side they are never of 16 bits.
_NARROW = 8


def dcgan_generator(output_shape, *, noise=100, filters=64, dtype=None, name="dcgan_generator"):
    """An image from random numbers: a dense layer to small maps, which double in size.

    For 64 x 64 pixels a dense layer to 4 x 4 maps of 512 channels, then
    transposed convolutions 5x5 of stride 2 to 256, 128, 64 channels and to the
    image. Batch normalisation and ReLU after all but the last, then tanh.
    For other sizes there are as many doublings as leave 4 to 7 pixels along the
    shortest side of the first maps; sides that are no multiple are cropped.

    Parameters
    ----------
    output_shape : tuple of int
        `(H, W, C)` or `(X, Y, Z, C)`, all fixed, each side from 8.
    noise : int
        Random numbers for an image, uniform in [-1, 1].
    filters : int
        Of the maps before the image; twice as many before them, and so on, up
        to 8 times.
    dtype : str, optional
        Precision, see `gan_mri.backend.precision`.
    name : str

    Returns
    -------
    keras.Model
        From the input `noise`, `(N, noise)`, to `(N, *output_shape)` in
        [-1, 1], float32 (float64 under a float64 precision).

    Raises
    ------
    GanMriError
        For a size that is free or below 8.

    References
    ----------
    Radford, Metz, Chintala 2016, "Unsupervised representation learning with
    deep convolutional generative adversarial networks"; kernels of 5x5 and the
    widths as Guibas et al. 2017 have them.

    Examples
    --------
    >>> dcgan_generator((64, 64, 1)).output_shape
    (None, 64, 64, 1)
    """
    *space, channels = output_shape
    sizes = _sizes(tuple(space))
    with precision(dtype):
        wide = full_precision()
        numbers = keras.Input((noise,), name="noise", dtype=wide)
        width = _width(filters, len(sizes) - 2)
        x = keras.layers.Dense(
            math.prod(sizes[-1]) * width, kernel_initializer=DCGAN_INITIALIZER, dtype=wide
        )(numbers)
        x = keras.layers.Reshape((*sizes[-1], width), dtype=wide)(x)
        for level in reversed(range(len(sizes) - 1)):
            kept = wide if max(sizes[level + 1]) <= _NARROW else None
            x = keras.layers.Activation("relu", dtype=kept)(BatchNormalization(dtype=kept)(x))
            width = _width(filters, level - 1) if level else channels
            kept = kept if level else wide
            x = blocks.convolve(
                x,
                width,
                _KERNEL,
                strides=2,
                transposed=True,
                initializer=DCGAN_INITIALIZER,
                dtype=kept,
            )
            x = _cropped(x, sizes[level], kept)
        return keras.Model(numbers, keras.layers.Activation("tanh", dtype=wide)(x), name=name)


def dcgan_discriminator(input_shape, *, filters=64, dtype=None, name="dcgan_discriminator"):
    """Whether a whole image is real: convolutions 5x5 of stride 2, then a dense layer.

    For 64 x 64 pixels 64, 128, 256 and 512 channels: as many halvings as
    `dcgan_generator` has doublings. Batch normalisation after all but the
    first, leaky ReLU (0.2).

    Parameters
    ----------
    input_shape : tuple of int
        `(H, W, C)` or `(X, Y, Z, C)`, all fixed, each side from 8.
    filters : int
        Of the first convolution; doubled by every further one, up to 8 times.
    dtype : str, optional
        Precision, see `gan_mri.backend.precision`.
    name : str

    Returns
    -------
    keras.Model
        From `(N, *input_shape)` to `(N, 1)` judgements without a sigmoid.

    Raises
    ------
    GanMriError
        For a size that is free or below 8.

    References
    ----------
    As `dcgan_generator`.

    Examples
    --------
    >>> dcgan_discriminator((64, 64, 1)).output_shape
    (None, 1)
    """
    sizes = _sizes(tuple(input_shape[:-1]))
    with precision(dtype):
        wide = full_precision()
        image = x = keras.Input(input_shape, name="image", dtype=wide)
        for level, size in enumerate(sizes[1:]):
            kept = wide if max(size) <= _NARROW else None
            x = blocks.convolve(
                x,
                _width(filters, level),
                _KERNEL,
                strides=2,
                initializer=DCGAN_INITIALIZER,
                dtype=kept,
            )
            if level:
                x = BatchNormalization(dtype=kept)(x)
            x = LeakyReLU(0.2, dtype=kept)(x)
        x = keras.layers.Flatten(dtype=wide)(x)
        x = keras.layers.Dense(1, kernel_initializer=DCGAN_INITIALIZER, dtype=wide)(x)
        return keras.Model(image, x, name=name)


def _width(filters, level):
    return filters * min(2**level, _MOST)


def _sizes(size):
    """The sizes of the maps from that of the image to the smallest."""
    if None in size or min(size) < 2 * _BASE:
        raise GanMriError(
            f"DCGAN: expected images of fixed size, of at least {2 * _BASE} pixels along every "
            f"axis. Received: {size}"
        )
    sizes = [size]
    for _ in range(int(math.log2(min(size) / _BASE))):
        sizes.append(tuple(math.ceil(length / 2) for length in sizes[-1]))
    return sizes


def _cropped(x, size, dtype):
    """Without the last row or column where doubling has made one too many."""
    surplus = [(0, have - want) for have, want in zip(x.shape[1:-1], size)]
    if not any(after for _, after in surplus):
        return x
    crop = {2: keras.layers.Cropping2D, 3: keras.layers.Cropping3D}[len(size)]
    return crop(tuple(surplus), dtype=dtype)(x)
