"""CollaGAN's generator: an encoder for each contrast, a decoder that is told which one to make."""

import keras

from gan_mri import blocks
from gan_mri.backend import full_precision, precision
from gan_mri.layers import CropLike, LeakyReLU, PadToMultiple
from gan_mri.layers.channel_attention import ChannelAttention

#: What stands for an image that is missing: background. Zeros in the published code, whose images
#: are 0 there; images here are in [-1, 1].
MISSING = -1.0


def collagan_generator(
    input_shape=(None, None, 1),
    *,
    contrasts=4,
    filters=64,
    branch_filters=16,
    levels=4,
    normalization="instance",
    recompute=False,
    dtype=None,
    name="collagan_generator",
):
    """One contrast from the others, any one of them, by one network.

    Each contrast has an encoder of its own, of widths 16, 32, 64, 128, which
    sees the image and constant planes, 1 for the contrast that is wanted and 0
    for the others. The size is halved by convolutions 2x2 of stride 2. The four
    codes are joined, two convolutions of 1,024 channels follow, then four times:
    attention to channels (`gan_mri.layers.ChannelAttention`), a transposed
    convolution 2x2, the maps of all encoders of that size beside it, two
    convolutions, of 512, 256, 128 and 64 channels. Convolutions are 3x3 with
    normalisation and leaky ReLU (0.2). The last one is 1x1.

    Images in [-1, 1] are brought to [0, 1] at first, so that background is 0 as
    in the published code: the zeros that convolutions see beyond the border, and
    a missing image (`MISSING`), are background, not something grey. The planes
    tell a missing image from a black one.

    Any size from 17 comes out as it went in: sides that are not a multiple of
    2^`levels` are mirrored at the border before, and cropped after.

    It differs from the published code in these: tanh at the end, not ReLU,
    because images are in [-1, 1] (theirs are divided by their standard
    deviation); a bias in the convolutions of stride 2; "instance" divides by
    `std + 1e-5`, theirs by `sqrt(variance + 1e-6)`, which is the same to 0.5 %
    from a standard deviation of 0.01.

    Parameters
    ----------
    input_shape : tuple
        Of one image, `(H, W, C)` or `(X, Y, Z, C)`; spatial sizes may be None.
    contrasts : int
        How many there are, from 2.
    filters : int
        Of the decoder at full size, doubled at every level.
    branch_filters : int
        Of each encoder at full size, doubled at every level.
    levels : int
        How often the size is halved.
    normalization : {"instance", "addons", "none"}
        See `gan_mri.blocks.normalize`.
    recompute : bool
        Compute pairs of convolutions again in the backward pass instead of
        keeping their maps, see `gan_mri.layers.Recomputed`. The weights are the
        same, in another order.
    dtype : str, optional
        Precision, see `gan_mri.backend.precision`.
    name : str

    Returns
    -------
    keras.Model
        Of the inputs `image_1`, `image_2`, ..., `(N, *input_shape)` in [-1, 1],
        a missing one filled with `MISSING`, and `target` `(N, *spatial,
        contrasts)`, the planes. To an image `(N, *input_shape)` in [-1, 1],
        float32 (float64 under a float64 precision).

    References
    ----------
    Lee, Moon, Ye 2019, "Assessing the importance of magnetic resonance contrasts
    using collaborative generative adversarial networks", Nature Machine
    Intelligence 2, arXiv:1905.04105, and jongcye/CollaGAN_MRI; Lee, Kim, Moon, Ye
    2019, "CollaGAN", CVPR, arXiv:1901.09764.

    Examples
    --------
    >>> collagan_generator((240, 240, 1)).count_params()
    34125441
    """
    style = {"normalization": normalization, "recompute": recompute}
    *space, channels = input_shape
    with precision(dtype):
        wide = full_precision()
        images = [
            keras.Input(input_shape, name=f"image_{number}", dtype=wide)
            for number in range(1, contrasts + 1)
        ]
        target = keras.Input((*space, contrasts), name="target", dtype=wide)
        encoded = [_encode(image, target, branch_filters, levels, **style) for image in images]
        x = keras.layers.Concatenate()([code for code, _ in encoded])
        x = _twice(x, filters * 2**levels, **style)
        for level in reversed(range(levels)):
            x = ChannelAttention()([x, target])
            x = blocks.convolve(x, filters * 2**level, 2, strides=2, transposed=True)
            x = keras.layers.Concatenate()([*(skips[level] for _, skips in encoded), x])
            x = _twice(x, filters * 2**level, **style)
        x = keras.layers.Activation("linear", dtype=wide)(x)
        x = blocks.convolve(x, channels, 1, dtype=wide)
        x = keras.layers.Activation("tanh", dtype=wide)(x)
        output = CropLike(dtype=wide)([x, images[0]])
        return keras.Model([*images, target], output, name=name)


def _encode(image, target, filters, levels, **style):
    """The code of one contrast, and its maps of every size before, the largest first."""
    wide = full_precision()
    x = keras.layers.Rescaling(0.5, offset=0.5, dtype=wide)(image)
    x = keras.layers.Concatenate(dtype=wide)([x, target])
    x = PadToMultiple(2**levels, dtype=wide)(x)
    skips = []
    for level in range(levels):
        skips.append(_twice(x, filters * 2**level, **style))
        x = blocks.convolve(skips[-1], filters * 2 ** (level + 1), 2, strides=2)
    return x, skips


def _twice(x, filters, *, normalization, recompute):
    """Two 3x3 convolutions, each with normalisation and leaky ReLU."""
    y = x
    for _ in range(2):
        y = blocks.normalize(blocks.convolve(y, filters, 3), normalization)
        y = LeakyReLU(0.2)(y)
    return blocks.recomputed(x, y) if recompute else y
