"""CycleGAN's generator: encoder, residual blocks, decoder."""

import keras

from gan_mri import blocks
from gan_mri.backend import full_precision, precision
from gan_mri.layers import CropLike, PadToMultiple


def resnet_generator(
    input_shape=(None, None, 1),
    *,
    output_channels=None,
    filters=32,
    residual_blocks=9,
    downsamplings=2,
    resize_convolution=False,
    residual_padding="same",
    normalization="instance",
    spectral_normalization=False,
    recompute=False,
    dtype=None,
    name="resnet_generator",
):
    """c7s1-32, d64, d128, 9 x R128, u64, u32, c7s1-C with tanh, as in GAN-MRI.

    Any size from 17 comes out as it went in: sides that are not a multiple of
    the network's stride are mirrored at the border before, and cropped after.

    Parameters
    ----------
    input_shape : tuple
        `(H, W, C)` or `(X, Y, Z, C)`; spatial sizes may be None.
    output_channels : int, optional
        Channels of the output; default: as many as the input has.
    filters : int
        k of the first c7s1-k; doubled at every downsampling.
    residual_blocks : int
    downsamplings : int
        How often the size is halved: 2, or 3 for the generator that GAN-MRI
        pairs with its multi-scale discriminators.
    resize_convolution : bool
        Enlarge and convolve instead of transposed convolutions.
    residual_padding : {"same", "reflect"}
        Zeros (GAN-MRI's code) or mirrored borders (the CycleGAN paper's code,
        the tutorial) in the residual blocks.
    normalization : {"instance", "addons", "none"}
        See `gan_mri.blocks.normalize`.
    spectral_normalization : bool
        On every convolution but the last.
    recompute : bool
        Compute the activations of encoder, residual blocks and decoder again
        in the backward pass instead of keeping them: at most half of the
        memory of a 3D CycleGAN step, up to a third more time (see
        `gan_mri.layers.Recomputed`, benchmarks/recompute.py). Weights and
        results are the same, the layers are grouped otherwise:
        `gan_mri.weights.save` writes one file for both.
    dtype : str, optional
        Precision, see `gan_mri.backend.precision`.
    name : str

    Returns
    -------
    keras.Model
        From `(N, *input_shape)` to the same with `output_channels`, in
        [-1, 1], float32 (float64 under a float64 precision).

    References
    ----------
    Johnson, Alahi, Fei-Fei 2016; Zhu et al. 2017, appendix 7.2; Welander et
    al. 2018 (paper 001).

    Examples
    --------
    >>> resnet_generator((64, 64, 1)).count_params()
    2849537
    """
    style = {
        "normalization": normalization,
        "spectral_normalization": spectral_normalization,
    }
    with precision(dtype):
        image = keras.Input(input_shape, name="image", dtype=full_precision())
        x = encode(image, filters, downsamplings, recompute=recompute, **style)
        for _ in range(residual_blocks):
            x = blocks.R(x, x.shape[-1], padding=residual_padding, recompute=recompute, **style)
        output = decode(
            x,
            image,
            output_channels or input_shape[-1],
            downsamplings,
            resize_convolution=resize_convolution,
            recompute=recompute,
            **style,
        )
        return keras.Model(image, output, name=name)


def encode(image, filters, downsamplings, *, recompute=False, **style):
    """From an image of any size to features: c7s1-k, d2k, d4k, ...

    Parameters
    ----------
    image : tensor
    filters, downsamplings : int
    recompute : bool
        See `resnet_generator`.
    **style
        normalization, spectral_normalization.
    """
    padded = PadToMultiple(2**downsamplings, dtype=full_precision())(image)
    x = blocks.c7s1(padded, filters, **style)
    for level in range(1, downsamplings + 1):
        x = blocks.d(x, filters * 2**level, **style)
    return blocks.recomputed(padded, x) if recompute else x


def decode(
    x, image, channels, downsamplings, *, resize_convolution=False, recompute=False, **style
):
    """From features to an image of the size of `image`: ..., u2k, uk, c7s1-C with tanh.

    Parameters
    ----------
    x : tensor
    image : tensor
        What `encode` was given.
    channels, downsamplings : int
    resize_convolution, recompute : bool
        See `resnet_generator`.
    **style
        normalization, spectral_normalization.
    """
    filters = x.shape[-1] // 2**downsamplings
    y = x
    for level in reversed(range(downsamplings)):
        y = blocks.u(y, filters * 2**level, resize_convolution=resize_convolution, **style)
    y = blocks.to_image(y, channels)
    if recompute:
        y = blocks.recomputed(x, y)
    return CropLike(dtype=full_precision())([y, image])
