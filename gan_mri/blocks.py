"""The papers' drawing language as functions from tensor to tensor.

Johnson et al. 2016 and the CycleGAN paper (Zhu et al. 2017, appendix 7.2) name
the parts of their networks c7s1-k, dk, Rk, uk and Ck; these are those parts, as
GAN-MRI built them. The spatial rank, 2 or 3, is read off the tensor.
"""

import keras

from gan_mri.backend import addons_instance_normalization, full_precision
from gan_mri.errors import GanMriError
from gan_mri.layers import (
    BatchStatistics,
    Dropout,
    InstanceNormalization,
    LeakyReLU,
    Recomputed,
    ReflectionPadding2D,
    ReflectionPadding3D,
    SpectralNormalization,
)

_LAYERS_OF_RANK = {
    2: {
        "convolution": keras.layers.Conv2D,
        "transposed": keras.layers.Conv2DTranspose,
        "reflect": ReflectionPadding2D,
        "zeros": keras.layers.ZeroPadding2D,
        "enlarge": keras.layers.UpSampling2D,
        "average": keras.layers.AveragePooling2D,
    },
    3: {
        "convolution": keras.layers.Conv3D,
        "transposed": keras.layers.Conv3DTranspose,
        "reflect": ReflectionPadding3D,
        "zeros": keras.layers.ZeroPadding3D,
        "enlarge": keras.layers.UpSampling3D,
        "average": keras.layers.AveragePooling3D,
    },
}

_NORMALIZATIONS = {
    "instance": lambda x: InstanceNormalization(epsilon=1e-5)(x),
    "addons": lambda x: addons_instance_normalization()(x),
    "batch": lambda x: BatchStatistics()(x),
    "none": lambda x: x,
}


def _layer(x, kind, *arguments, **options):
    """The layer of this kind for the spatial rank of `x`."""
    return _LAYERS_OF_RANK[len(x.shape) - 2][kind](*arguments, **options)


def normalize(x, normalization="instance"):
    """Normalise by name.

    Parameters
    ----------
    x : tensor
    normalization : {"instance", "addons", "batch", "none"}
        "instance" is that of GAN-MRI's CycleGAN (`std + epsilon`), "addons"
        that of tensorflow-addons (`sqrt(variance + epsilon)`), "batch" that of
        GAN-MRI's UNIT (see `gan_mri.layers.BatchStatistics`).
    """
    if normalization not in _NORMALIZATIONS:
        raise GanMriError(
            f"normalization must be one of {', '.join(_NORMALIZATIONS)}. "
            f"Received: {normalization!r}."
        )
    return _NORMALIZATIONS[normalization](x)


def convolve(
    x,
    filters,
    size,
    *,
    strides=1,
    padding="same",
    transposed=False,
    spectral_normalization=False,
    initializer="glorot_uniform",
    dtype=None,
    name=None,
):
    """A convolution, or transposed convolution, of the rank of `x`.

    `padding` is "same", "valid", "reflect" or "zeros". The last two add half
    of the kernel on every side, mirrored or zero, whatever the stride; "same"
    adds less before than after where the stride is 2.
    """
    if padding in ("reflect", "zeros"):
        x = _layer(x, padding, size // 2)(x)
        padding = "valid"
    kind = "transposed" if transposed else "convolution"
    layer = _layer(
        x,
        kind,
        filters,
        size,
        strides=strides,
        padding=padding,
        kernel_initializer=initializer,
        dtype=dtype,
        name=name,
    )
    if spectral_normalization:
        layer = SpectralNormalization(layer, dtype=dtype)
    return layer(x)


def recomputed(x, y, *, residual=False):
    """`y`, which was drawn from `x`, but computed again in the backward pass of training.

    What lies between becomes one `gan_mri.layers.Recomputed`: the layers that
    were drawn, with their initial weights.

    Parameters
    ----------
    x, y : tensor
        Symbolic, and y a chain of layers from x.
    residual : bool
        Add `x`.
    """
    chain = keras.Model(x, y, name="chain").layers[1:]
    return Recomputed(chain, residual=residual)(x)


def connect(x, units, *, spectral_normalization=False):
    """A dense layer, in full precision: networks end in one."""
    layer = keras.layers.Dense(units, dtype=full_precision())
    if spectral_normalization:
        layer = SpectralNormalization(layer, dtype=full_precision())
    return layer(x)


def halve(x):
    """Average every 2x2 (2x2x2) neighbourhood."""
    return _layer(x, "average", 2)(x)


def c7s1(x, filters, *, normalization="instance", spectral_normalization=False):
    """c7s1-k: mirrored 7x7 convolution with stride 1, normalisation, ReLU."""
    x = convolve(x, filters, 7, padding="reflect", spectral_normalization=spectral_normalization)
    return keras.layers.Activation("relu")(normalize(x, normalization))


def d(x, filters, *, normalization="instance", spectral_normalization=False):
    """dk: 3x3 convolution with stride 2, normalisation, ReLU: half the size."""
    x = convolve(x, filters, 3, strides=2, spectral_normalization=spectral_normalization)
    return keras.layers.Activation("relu")(normalize(x, normalization))


def R(
    x,
    filters,
    *,
    padding="same",
    normalization="instance",
    spectral_normalization=False,
    recompute=False,
):
    """Rk: two 3x3 convolutions, each normalised, added to their input.

    `padding="same"` (zeros) is what GAN-MRI's code does, `"reflect"` what the
    CycleGAN paper's code, CycleGAN-Keras and the tutorial (paper 003) do.
    With `recompute` it is one layer, `gan_mri.layers.Recomputed`.
    """
    options = {"padding": padding, "spectral_normalization": spectral_normalization}
    y = normalize(convolve(x, filters, 3, **options), normalization)
    y = keras.layers.Activation("relu")(y)
    y = normalize(convolve(y, filters, 3, **options), normalization)
    return recomputed(x, y, residual=True) if recompute else keras.layers.Add()([y, x])


def unit_residual(
    x,
    filters,
    *,
    dropout=0.0,
    stream=None,
    initializer="glorot_uniform",
    spectral_normalization=False,
    recompute=False,
):
    """UNIT's residual block: as Rk with batch statistics, and dropout at its end.

    `stream` gives the dropout its random numbers, `recompute` is that of `R`.
    """
    options = {
        "initializer": initializer,
        "spectral_normalization": spectral_normalization,
    }
    y = normalize(convolve(x, filters, 3, **options), "batch")
    y = keras.layers.Activation("relu")(y)
    y = normalize(convolve(y, filters, 3, **options), "batch")
    if dropout:
        y = Dropout(dropout, stream)(y)
    return recomputed(x, y, residual=True) if recompute else keras.layers.Add()([y, x])


def u(
    x,
    filters,
    *,
    resize_convolution=False,
    normalization="instance",
    spectral_normalization=False,
):
    """uk: double the size, normalisation, ReLU.

    A 3x3 transposed convolution with stride 2; or, with
    `resize_convolution`, nearest-neighbour enlargement and a mirrored 3x3
    convolution, which leaves no checkerboard (Odena et al. 2016).
    """
    if resize_convolution:
        x = _layer(x, "enlarge", 2)(x)
        x = convolve(
            x,
            filters,
            3,
            padding="reflect",
            spectral_normalization=spectral_normalization,
        )
    else:
        x = convolve(
            x,
            filters,
            3,
            strides=2,
            transposed=True,
            spectral_normalization=spectral_normalization,
        )
    return keras.layers.Activation("relu")(normalize(x, normalization))


def C(x, filters, *, strides=2, normalization="instance", spectral_normalization=False):
    """Ck: 4x4 convolution, normalisation, leaky ReLU of slope 0.2."""
    x = convolve(x, filters, 4, strides=strides, spectral_normalization=spectral_normalization)
    return LeakyReLU(0.2)(normalize(x, normalization))


def join(x, vector, *, spectral_normalization=False):
    """A vector, the same at every position, concatenated to the features; 1x1 convolution, ReLU.

    A 1x1 convolution of the concatenation is a convolution of the features
    plus a dense layer of the vector, which is what is computed: no copy of the
    vector for each position. Never normalised by instance: that would remove
    what is the same everywhere.

    Parameters
    ----------
    x : tensor
        `(N, H, W, K)` or `(N, X, Y, Z, K)`.
    vector : tensor
        `(N, V)`.

    Returns
    -------
    tensor
        Of the shape of `x`.
    """
    filters = x.shape[-1]
    y = connect(vector, filters, spectral_normalization=spectral_normalization)
    y = keras.layers.Reshape((*[1] * (len(x.shape) - 2), filters))(y)
    x = convolve(x, filters, 1, spectral_normalization=spectral_normalization)
    return keras.layers.Activation("relu")(keras.layers.Add()([x, y]))


def to_image(x, channels, activation="tanh"):
    """The generators' end: mirrored 7x7 convolution to `channels`, activation.

    Computed in full precision under mixed policies: 8 bits of mantissa are
    too few for an image.
    """
    dtype = full_precision()
    x = convolve(
        keras.layers.Activation("linear", dtype=dtype)(x),
        channels,
        7,
        padding="reflect",
        dtype=dtype,
    )
    return keras.layers.Activation(activation, dtype=dtype)(x)
