"""CycleGAN's generator with a colour histogram between encoder and decoder."""

import keras

from gan_mri import blocks
from gan_mri.backend import full_precision, precision
from gan_mri.networks.resnet_generator import decode, encode


def histogram_generator(
    input_shape=(None, None, 3),
    *,
    bins=256,
    filters=64,
    residual_blocks=9,
    downsamplings=2,
    resize_convolution=False,
    residual_padding="reflect",
    normalization="instance",
    decoder_normalization="none",
    spectral_normalization=False,
    recompute=False,
    dtype=None,
    name="histogram_generator",
):
    """As `resnet_generator`, with the histograms of a reference image joined in the middle.

    The histograms of all channels are concatenated and joined to the features
    by `gan_mri.blocks.join`, after the encoder and its residual blocks and
    before the decoder. They are joined as densities, times the number of bins,
    so that their values are of the order of features.

    Parameters
    ----------
    input_shape : tuple
        `(H, W, C)` or `(X, Y, Z, C)`; spatial sizes may be None. The output
        has as many channels.
    bins : int
        K of `gan_mri.histogram.color_histogram`.
    normalization : {"instance", "addons", "none"}
        Before the join.
    decoder_normalization : {"none", "instance", "addons"}
        After it. Instance normalisation there sets the mean and the deviation
        of every channel to fixed values, whatever was joined: the colours
        then follow the reference less (README has the numbers). The paper
        does not say what it does.
    filters, residual_blocks, downsamplings, resize_convolution, \
residual_padding, spectral_normalization, recompute, dtype, name
        As in `resnet_generator`. The defaults are CycleGAN's own (Zhu et al.
        2017) where the paper says nothing.

    Returns
    -------
    keras.Model
        Of the inputs `image` `(N, *input_shape)` and `histogram` `(N, C,
        bins)`; to an image as `resnet_generator`.

    References
    ----------
    Wada and Kobayashi (paper 000), section 3.2 and Figure 2.

    Examples
    --------
    >>> histogram_generator((64, 64, 3), bins=64).input_shape
    [(None, 64, 64, 3), (None, 3, 64)]
    """
    spectral = {"spectral_normalization": spectral_normalization}
    channels = input_shape[-1]
    with precision(dtype):
        wide = full_precision()
        image = keras.Input(input_shape, name="image", dtype=wide)
        histogram = keras.Input((channels, bins), name="histogram", dtype=wide)
        density = keras.layers.Rescaling(float(bins), dtype=wide)(histogram)
        x = encode(
            image,
            filters,
            downsamplings,
            recompute=recompute,
            normalization=normalization,
            **spectral,
        )
        for _ in range(residual_blocks):
            x = blocks.R(
                x,
                x.shape[-1],
                padding=residual_padding,
                recompute=recompute,
                normalization=normalization,
                **spectral,
            )
        x = blocks.join(x, keras.layers.Flatten(dtype=wide)(density), **spectral)
        output = decode(
            x,
            image,
            channels,
            downsamplings,
            resize_convolution=resize_convolution,
            recompute=recompute,
            normalization=decoder_normalization,
            **spectral,
        )
        return keras.Model([image, histogram], output, name=name)
