"""A U-Net that says of every pixel which tissue it is."""

import keras

from gan_mri import blocks
from gan_mri.backend import full_precision, precision
from gan_mri.errors import GanMriError
from gan_mri.layers import CropLike, LeakyReLU

# Kernels are drawn for layers that are followed by a (leaky) ReLU, He et al. 2015.
_INITIALIZER = "he_normal"


def segmenter(
    input_shape=(None, None, 1),
    *,
    classes,
    filters=16,
    levels=3,
    normalization="instance",
    dtype=None,
    name="segmenter",
):
    """A U-Net to class probabilities, small enough to be trained in minutes.

    At every size two convolutions 3x3, each normalised, with leaky ReLU (0.01);
    between sizes convolutions of stride 2 and transposed ones, cropped to the size
    of their skip, so that any size comes out as it went in. The last convolution is
    1x1, the activation softmax.

    Parameters
    ----------
    input_shape : tuple
        `(H, W, C)` or `(X, Y, Z, C)`; spatial sizes may be None.
    classes : int
        From 2, the background among them.
    filters : int
        Of the first size; doubled with every further one.
    levels : int
        Sizes, from 1: each half of the one before, rounded up.
    normalization : {"instance", "addons", "batch", "none"}
        See `gan_mri.blocks.normalize`.
    dtype : str, optional
        Precision, see `gan_mri.backend.precision`.
    name : str

    Returns
    -------
    keras.Model
        From `image` `(N, *input_shape)` to `(N, *spatial, classes)`, which add up to 1;
        float32 (float64 under a float64 precision).

    Raises
    ------
    GanMriError
        For fewer than 2 classes or 1 level.

    References
    ----------
    Ronneberger, Fischer, Brox 2015, "U-Net"; instance normalisation, leaky ReLU and
    strides in place of maxima as in Isensee et al. 2021.

    Examples
    --------
    >>> segmenter((64, 64, 1), classes=14).output_shape
    (None, 64, 64, 14)
    """
    for argument, value, least in (("classes", classes, 2), ("levels", levels, 1)):
        if not isinstance(value, int) or value < least:
            raise GanMriError(
                f"{argument}: expected a whole number from {least}. Received: {value!r}."
            )
    with precision(dtype):
        wide = full_precision()
        image = x = keras.Input(input_shape, name="image", dtype=wide)
        skips = []
        for level in range(levels):
            width = filters * 2**level
            for number in range(2):
                halves = level > 0 and number == 0
                x = _convolved(x, width, normalization, strides=2 if halves else 1)
            skips.append(x)
        x = skips.pop()
        for skip in reversed(skips):
            width = skip.shape[-1]
            x = blocks.convolve(x, width, 2, strides=2, transposed=True, initializer=_INITIALIZER)
            x = keras.layers.Concatenate()([CropLike()([x, skip]), skip])
            for _ in range(2):
                x = _convolved(x, width, normalization)
        x = blocks.convolve(x, classes, 1, dtype=wide)
        return keras.Model(image, keras.layers.Activation("softmax", dtype=wide)(x), name=name)


def _convolved(x, width, normalization, strides=1):
    x = blocks.convolve(x, width, 3, strides=strides, initializer=_INITIALIZER)
    return LeakyReLU(0.01)(blocks.normalize(x, normalization))
