"""The networks of UNIT (Liu, Breuel, Kautz 2017) as GAN-MRI built them.

An image goes through the encoder of its domain, the shared encoder, the shared
decoder, and the generator of the domain that it is to be shown in.
"""

import keras

from gan_mri import blocks
from gan_mri.backend import full_precision, precision
from gan_mri.layers import GaussianNoise, LeakyReLU, SelfAttention

#: The encoders halve the size twice.
STRIDE = 4


def unit_encoder(
    input_shape=(None, None, 1),
    *,
    filters=64,
    residual_blocks=3,
    attention=False,
    dropout=0.5,
    stream=None,
    initializer="glorot_uniform",
    spectral_normalization=False,
    recompute=False,
    dtype=None,
    name="unit_encoder",
):
    """7x7 convolution, two halvings, residual blocks; leaky ReLU of slope 0.01.

    Parameters
    ----------
    input_shape : tuple
        `(H, W, C)` or `(X, Y, Z, C)`; sizes multiples of 4, or None.
    filters : int
        Of the first convolution; doubled at every halving.
    residual_blocks : int
    dropout : float
        At the end of every residual block, where `training` is true; 0: none.
    stream : gan_mri.layers.RandomStream, optional
        Where dropout takes its random numbers from.
    attention : bool
        Self-attention over the positions of the code, after the residual
        blocks (paper 002; its Figure 4 does not show where exactly).
    initializer : str or dict
        Of the kernels, as `keras.initializers.get` takes it; not an object,
        which would give all kernels of a shape the same values. GAN-MRI means
        to use a normal distribution of 0.02 but sets it after the layers are
        built, where it has no effect.
    spectral_normalization : bool
        On every convolution, those of the attention included.
    recompute : bool
        Compute the activations again in the backward pass instead of keeping
        them, see `gan_mri.networks.resnet_generator`; not those of the
        attention.
    dtype : str, optional
        Precision, see `gan_mri.backend.precision`.
    name : str

    Returns
    -------
    keras.Model
        To a code `(N, H/4, W/4, 4 * filters)`.
    """
    style = _style(initializer, spectral_normalization)
    random = {"dropout": dropout, "stream": stream}
    with precision(dtype):
        image = keras.Input(input_shape, name="image", dtype=full_precision())
        x = LeakyReLU(0.01)(blocks.convolve(image, filters, 7, padding="zeros", **style))
        for level in (1, 2):
            x = blocks.convolve(x, filters * 2**level, 3, strides=2, padding="zeros", **style)
            x = LeakyReLU(0.01)(x)
        if recompute:
            x = blocks.recomputed(image, x)
        for _ in range(residual_blocks):
            x = blocks.unit_residual(x, 4 * filters, recompute=recompute, **random, **style)
        if attention:
            x = SelfAttention(**style)(x)
        return keras.Model(image, x, name=name)


def unit_shared_encoder(
    code_shape=(None, None, 256),
    *,
    noise=1.0,
    dropout=0.5,
    stream=None,
    initializer="glorot_uniform",
    spectral_normalization=False,
    recompute=False,
    dtype=None,
    name="unit_shared_encoder",
):
    """One residual block, and Gaussian noise where `training` is true.

    Parameters
    ----------
    code_shape : tuple
        `(h, w, K)`, a code of the encoders.
    noise : float
        Standard deviation; 0: none.

    The other parameters are those of `unit_encoder`.
    """
    style = _style(initializer, spectral_normalization)
    with precision(dtype):
        code = keras.Input(code_shape, name="code")
        x = blocks.unit_residual(
            code, code_shape[-1], dropout=dropout, stream=stream, recompute=recompute, **style
        )
        if noise:
            x = GaussianNoise(noise, stream)(x)
        return keras.Model(code, x, name=name)


def unit_shared_decoder(
    code_shape=(None, None, 256),
    *,
    dropout=0.5,
    stream=None,
    initializer="glorot_uniform",
    spectral_normalization=False,
    recompute=False,
    dtype=None,
    name="unit_shared_decoder",
):
    """One residual block. Parameters as in `unit_shared_encoder`."""
    return unit_shared_encoder(
        code_shape,
        noise=0.0,
        dropout=dropout,
        stream=stream,
        initializer=initializer,
        spectral_normalization=spectral_normalization,
        recompute=recompute,
        dtype=dtype,
        name=name,
    )


def unit_generator(
    code_shape=(None, None, 256),
    *,
    output_channels=1,
    residual_blocks=3,
    attention=False,
    dropout=0.5,
    stream=None,
    initializer="glorot_uniform",
    spectral_normalization=False,
    recompute=False,
    dtype=None,
    name="unit_generator",
):
    """Residual blocks, two doublings, a 1x1 transposed convolution, tanh.

    Parameters
    ----------
    code_shape : tuple
        `(h, w, K)`, a code of the shared decoder.
    output_channels : int

    The other parameters are those of `unit_encoder`; the attention comes
    after the residual blocks, before the first doubling.

    Returns
    -------
    keras.Model
        To `(N, 4 h, 4 w, output_channels)` in [-1, 1].
    """
    style = _style(initializer, spectral_normalization)
    random = {"dropout": dropout, "stream": stream}
    filters = code_shape[-1]
    with precision(dtype):
        code = keras.Input(code_shape, name="code")
        x = code
        for _ in range(residual_blocks):
            x = blocks.unit_residual(x, filters, recompute=recompute, **random, **style)
        if attention:
            x = SelfAttention(**style)(x)
        decoded = x
        for level in (1, 2):
            x = blocks.convolve(x, filters // 2**level, 3, strides=2, transposed=True, **style)
            x = LeakyReLU(0.01)(x)
        dtype = full_precision()
        x = keras.layers.Activation("linear", dtype=dtype)(x)
        x = blocks.convolve(
            x, output_channels, 1, padding="valid", transposed=True, dtype=dtype, **style
        )
        image = keras.layers.Activation("tanh", dtype=dtype)(x)
        if recompute:
            image = blocks.recomputed(decoded, image)
        return keras.Model(code, image, name=name)


def unit_discriminator(
    input_shape=(None, None, 1),
    *,
    filters=64,
    levels=4,
    scales=3,
    initializer="glorot_uniform",
    spectral_normalization=False,
    dtype=None,
    name="unit_discriminator",
):
    """Judges at several scales, each a network of its own with a sigmoid.

    `levels` 3x3 convolutions of stride 2 with leaky ReLU of slope 0.01, then a
    1x1 convolution; scale s sees the image averaged over 2x2 pixels s times.

    Parameters
    ----------
    input_shape : tuple
        `(H, W, C)` or `(X, Y, Z, C)`; any size, or None.
    filters : int
        Of the first convolution; doubled at every level.
    levels, scales : int

    The other parameters are those of `unit_encoder`.

    Returns
    -------
    keras.Model
        To a list of probabilities in 0..1, the largest scale first. The
        layers `logits_0`, `logits_1`, ... hold them before the sigmoid.
    """
    style = _style(initializer, spectral_normalization)
    with precision(dtype):
        image = keras.Input(input_shape, name="image", dtype=full_precision())
        pyramid = [image]
        for _ in range(scales - 1):
            pyramid.append(blocks.halve(pyramid[-1]))
        dtype = full_precision()
        # Level by level over all scales: the order of the 2018 files.
        for level in range(levels):
            # Of images under 36 pixels, the last levels of the smaller scales
            # see maps one pixel wide, where oneDNN leaves parts of a bfloat16
            # gradient unwritten. They cost nothing, so they are never of 16 bits.
            precisions = [dtype if level >= levels - scale else None for scale in range(scales)]
            pyramid = [
                LeakyReLU(0.01, dtype=wide)(
                    blocks.convolve(x, filters * 2**level, 3, strides=2, dtype=wide, **style)
                )
                for x, wide in zip(pyramid, precisions)
            ]
        pyramid = [keras.layers.Activation("linear", dtype=dtype)(x) for x in pyramid]
        logits = [
            keras.layers.Activation("linear", dtype=dtype, name=f"logits_{scale}")(
                blocks.convolve(x, 1, 1, dtype=dtype, **style)
            )
            for scale, x in enumerate(pyramid)
        ]
        judgements = [keras.layers.Activation("sigmoid", dtype=dtype)(x) for x in logits]
        return keras.Model(image, judgements, name=name)


def _style(initializer, spectral_normalization):
    return {
        "initializer": initializer,
        "spectral_normalization": spectral_normalization,
    }
