"""The U-Net of Synb0: an undistorted image from an anatomical and a distorted one."""

import keras

from gan_mri import blocks
from gan_mri.backend import full_precision, precision
from gan_mri.errors import GanMriError
from gan_mri.layers import CropLike, InstanceNormalization, LeakyReLU, PadToMultiple
from gan_mri.networks.residual_unet import check_levels

#: Slope of every leaky ReLU, PyTorch's default.
SLOPE = 0.01

# Of the last kernel, which follows a rectifier. By the usual rule it is negative for half of all
# seeds: then what is bright has to be what is rectified away. Of the phantom such a network
# learned the brain's outline and, in 980 steps, nothing in it.
_POSITIVE = {"class_name": "RandomUniform", "config": {"minval": 0.5, "maxval": 1.0}}
# Added to the last map: background is what an image begins with, tanh(-2). One bias cannot come
# there in a short training, for Adam moves it by a learning rate a step.
_DARK = -2.0

_POOLING = {2: keras.layers.MaxPooling2D, 3: keras.layers.MaxPooling3D}


def synb0_unet(
    input_shape=(None, None, None, 1),
    *,
    sources=("T1w", "distorted"),
    output_channels=None,
    filters=32,
    levels=4,
    dtype=None,
    name="synb0_unet",
):
    """Two convolutions at every size, the second with twice the channels; skips between sizes.

    On the way down 32 and 64, 64 and 128, 128 and 256, 256 and 512 channels, with
    maximum pooling in between; at the bottom a 1x1 convolution. On the way up a
    transposed convolution 2x2 of stride 2 that keeps the number of channels, the
    encoder's map of that size beside it, and two convolutions of as many channels as that
    has. Convolutions are 3x3 with instance normalisation, which has neither gain nor offset,
    and leaky ReLU (0.01). At the end a 1x1 convolution to one channel, normalised and
    rectified like all others, then another 1x1 and tanh.

    The normalisation of that last channel is in the published code and makes the image's mean
    and deviation the same for all images up to the last rectifier: how bright an image is as a
    whole, the network cannot say.

    Any size from 2^(`levels` - 1) + 1 comes out as it went in: sides that are not a multiple of
    2^(`levels` - 1) are mirrored at the border before, and cropped after.

    It differs from the published network in these: tanh at the end, because images are in
    [-1, 1]; convolutions where it has transposed ones of stride 1, which are the same; biases
    before normalisations, which change nothing; a last kernel that is positive at first, because
    with a negative one, behind a rectifier, it does not learn; 2 subtracted before tanh, so that
    background is dark from the start; normalisation by `std + 1e-5`, theirs by
    `sqrt(variance + 1e-5)`.

    Parameters
    ----------
    input_shape : tuple
        Of each source, `(H, W, C)` or `(X, Y, Z, C)`; spatial sizes may be None.
    sources : sequence of str
        Names of the inputs, two or more; their channels are put side by side.
    output_channels : int, optional
        Default: as many as `input_shape` has.
    filters : int
        Of the first convolution.
    levels : int
        Sizes of maps, the full one among them.
    dtype : str, optional
        Precision, see `gan_mri.backend.precision`; float64 for images only.
    name : str

    Returns
    -------
    keras.Model
        From a list of `(N, *input_shape)` in the order of `sources` to the same with
        `output_channels`, in [-1, 1], float32 (float64 under a float64 precision).

    Raises
    ------
    GanMriError
        For fewer than two sources, names that are not different, levels that do not suit
        a fixed size, and volumes in float64.

    References
    ----------
    Schilling et al. 2019, "Synthesized b0 for diffusion distortion correction (Synb0-DisCo)",
    Magnetic Resonance Imaging 64:62, and the authors' code, MASILab/Synb0-DISCO; after
    Çiçek et al. 2016, "3D U-Net", MICCAI.

    Examples
    --------
    >>> network = synb0_unet((80, 96, 80, 1))
    >>> network.input_names, network.output_shape[1:]
    (['T1w', 'distorted'], (80, 96, 80, 1))
    """
    names = tuple(sources)
    if len(names) < 2 or len(set(names)) < len(names):
        raise GanMriError(f"sources: expected two or more different names. Received: {sources!r}.")
    check_levels(levels, input_shape)
    channels = output_channels or input_shape[-1]
    with precision(dtype):
        wide = full_precision()
        if wide == "float64" and len(input_shape) == 4:
            raise GanMriError(
                "dtype: expected float32 or one of 16 bits for volumes, of which TensorFlow finds "
                "no maxima in float64. Received: float64."
            )
        inputs = [keras.Input(input_shape, name=one, dtype=wide) for one in names]
        x = keras.layers.Concatenate(dtype=wide)(inputs)
        x = PadToMultiple(2 ** (levels - 1), dtype=wide)(x)
        skips = []
        for level in range(levels):
            # Of 3x3x3 convolutions between maps two voxels wide, as the smallest may be, oneDNN
            # leaves parts of a bfloat16 gradient unwritten.
            with precision(wide if 0 < level == levels - 1 else None):
                if level:
                    x = _POOLING[len(input_shape) - 1](2)(x)
                x = _block(x, filters * 2**level, 3)
                x = _block(x, filters * 2 ** (level + 1), 3)
            skips.append(x)
        x = blocks.convolve(skips.pop(), x.shape[-1], 1)
        for skip in reversed(skips):
            x = _block(x, x.shape[-1], 2, strides=2, transposed=True)
            x = keras.layers.Concatenate()([x, skip])
            for _ in range(2):
                x = _block(x, skip.shape[-1], 3)
        x = keras.layers.Activation("linear", dtype=wide)(x)
        x = _block(x, channels, 1, dtype=wide)
        x = blocks.convolve(x, channels, 1, initializer=_POSITIVE, dtype=wide)
        x = keras.layers.Rescaling(1.0, offset=_DARK, dtype=wide)(x)
        x = keras.layers.Activation("tanh", dtype=wide)(x)
        return keras.Model(inputs, CropLike(dtype=wide)([x, inputs[0]]), name=name)


def _block(x, filters, size, *, dtype=None, **options):
    """A convolution, its normalisation without gain and offset, leaky ReLU."""
    x = blocks.convolve(x, filters, size, dtype=dtype, **options)
    # Gain and offset stay 1 and 0.
    x = InstanceNormalization(epsilon=1e-5, trainable=False, dtype=dtype)(x)
    return LeakyReLU(SLOPE, dtype=dtype)(x)
