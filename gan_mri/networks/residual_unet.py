"""A U-Net with a residual encoder: the paired baseline, without a discriminator."""

import keras

from gan_mri import blocks
from gan_mri.backend import full_precision, precision
from gan_mri.errors import GanMriError
from gan_mri.layers import CropLike, LeakyReLU
from gan_mri.layers.linear_upsampling import LinearUpsampling

#: Slope of every leaky ReLU.
SLOPE = 0.01
#: Ways to double the size of a map.
UPSAMPLINGS = ("linear", "transposed")


def residual_unet(
    input_shape=(None, None, 1),
    *,
    sources=(),
    output_channels=None,
    filters=32,
    levels=5,
    most_filters=320,
    residual_blocks=2,
    normalization="instance",
    upsampling="linear",
    recompute=False,
    dtype=None,
    name="residual_unet",
):
    """Residual blocks at every size on the way down, one convolution at each on the way up.

    A residual block is a 3x3 convolution, normalisation, leaky ReLU (0.01), a
    3x3 convolution, normalisation; then its input is added, and a leaky ReLU
    follows. The first block of every level but the first halves the size, by a
    stride of 2 in its first convolution. Where that changes the size, the input
    is added through a 2x2 convolution of stride 2, and where only the number of
    channels changes through a 1x1 convolution, each with a normalisation.

    On the way up, a 1x1 convolution to as many channels as the encoder has at
    the next size, linear interpolation to twice the size, the encoder's map of
    that size beside it, then one 3x3 convolution, normalisation, leaky ReLU. (To
    interpolate first and convolve 1x1 then is the same, at four or eight times
    the cost.) A 1x1 convolution and tanh make the image, in full precision.

    Halves are rounded up, and doubled maps cropped to the size of the encoder's:
    any size comes out as it went in. 3x3 convolutions of stride 2 have one zero
    on either side: for odd and for even sizes alike, the position `i` of a
    smaller map stands for `2 i` and `2 i + 1` of the larger one.

    Parameters
    ----------
    input_shape : tuple
        `(H, W, C)` or `(X, Y, Z, C)`; spatial sizes may be None. Of each source,
        where `sources` names them.
    sources : sequence of str
        Names of several inputs, two or more; their channels are put side by
        side. Empty: one input, "image", with all channels in it.
    output_channels : int, optional
        Channels of the output; default: as many as `input_shape` has.
    filters : int
        Of the first level; doubled at every level.
    levels : int
        Sizes of maps, the full one among them: the size is halved `levels - 1`
        times. The smallest map must be two voxels wide or more, because the
        normalisation of a single one is a constant.
    most_filters : int
        Where doubling ends.
    residual_blocks : int
        At every level of the encoder, from 1.
    normalization : {"instance", "addons", "batch", "none"}
        See `gan_mri.blocks.normalize`.
    upsampling : {"linear", "transposed"}
        "transposed": a 2x2 transposed convolution of stride 2 instead.
    recompute : bool
        Compute the convolutions of blocks again in the backward pass instead of
        keeping their maps, see `gan_mri.layers.Recomputed`. `gan_mri.weights` saves
        and opens one file for both.
    dtype : str, optional
        Precision, see `gan_mri.backend.precision`.
    name : str

    Returns
    -------
    keras.Model
        From `(N, *input_shape)`, or a list of them in the order of `sources`, to the
        same with `output_channels`, in [-1, 1], float32 (float64 under a float64
        precision).

    Raises
    ------
    GanMriError
        For names that are no sources, an unknown upsampling, no residual blocks, and
        levels that do not suit a fixed size.

    References
    ----------
    Isensee et al. 2021, nnU-Net, Nature Methods 18. The 3D network of this
    kind, with masked squared errors, won SynthRAD2025 (MR to CT), where linear
    interpolation was found better than transposed convolutions, which leave dots.

    Examples
    --------
    >>> residual_unet((256, 256, 1)).count_params()
    8444865
    """
    _check(sources, residual_blocks, upsampling)
    check_levels(levels, input_shape)
    style = {"normalization": normalization, "recompute": recompute}
    with precision(dtype):
        wide = full_precision()
        names = sources or ("image",)
        inputs = [keras.Input(input_shape, name=one, dtype=wide) for one in names]
        x = keras.layers.Concatenate(dtype=wide)(inputs) if sources else inputs[0]
        skips = []
        for level in range(levels):
            width = min(filters * 2**level, most_filters)
            # Of 3x3x3 convolutions between maps two voxels wide, as the smallest may be, oneDNN
            # leaves parts of a bfloat16 gradient unwritten.
            with precision(wide if 0 < level == levels - 1 else None):
                for block in range(residual_blocks):
                    x = _residual(x, width, 2 if level and not block else 1, **style)
            skips.append(x)
        for skip in reversed(skips[:-1]):
            x = CropLike()([_double(x, skip.shape[-1], upsampling), skip])
            x = keras.layers.Concatenate()([x, skip])
            y = _normalized(x, skip.shape[-1], normalization=normalization)
            y = LeakyReLU(SLOPE)(y)
            x = blocks.recomputed(x, y) if recompute else y
        x = keras.layers.Activation("linear", dtype=wide)(x)
        x = blocks.convolve(x, output_channels or input_shape[-1], 1, dtype=wide)
        output = keras.layers.Activation("tanh", dtype=wide)(x)
        return keras.Model(inputs if sources else inputs[0], output, name=name)


def check_levels(levels, image_shape):
    """Answer levels that a network for images of this shape cannot have.

    Parameters
    ----------
    levels : int
        As `residual_unet` takes it.
    image_shape : tuple
        `(H, W, C)` or `(X, Y, Z, C)`; nothing is known of sizes that are None.

    Raises
    ------
    GanMriError
        Saying how many are possible.
    """
    sizes = tuple(image_shape)[:-1]
    known = [size for size in sizes if size is not None]
    # The smallest map has ceil(size / 2^(levels - 1)) voxels along an axis, two at least.
    most = max(1, (min(known) - 1).bit_length()) if known else None
    if levels < 1 or (most and levels > most):
        limit = f"from 1 to {most} for images of {sizes}" if most else "from 1"
        raise GanMriError(f"levels: expected {limit}. Received: {levels!r}.")


def _check(sources, residual_blocks, upsampling):
    listed = isinstance(sources, (tuple, list))
    if not listed or len(set(sources)) != len(sources) or len(sources) == 1:
        raise GanMriError(
            "sources: expected two or more different names, or none for one input. "
            f"Received: {sources!r}."
        )
    if residual_blocks < 1:
        raise GanMriError(
            f"residual_blocks: expected one or more at every level. Received: {residual_blocks!r}."
        )
    if upsampling not in UPSAMPLINGS:
        raise GanMriError(
            f"upsampling: expected {' or '.join(UPSAMPLINGS)}. Received: {upsampling!r}."
        )


def _normalized(x, width, size=3, strides=1, *, normalization):
    """A convolution and its normalisation."""
    # "same" has no zero before an even size and one before an odd one.
    padding = "zeros" if (size, strides) == (3, 2) else "same"
    return blocks.normalize(
        blocks.convolve(x, width, size, strides=strides, padding=padding), normalization
    )


def _residual(x, width, strides, *, normalization, recompute):
    """One residual block, which may change size and channels."""
    y = _normalized(x, width, strides=strides, normalization=normalization)
    y = _normalized(LeakyReLU(SLOPE)(y), width, normalization=normalization)
    if recompute:
        y = blocks.recomputed(x, y)
    if strides > 1 or x.shape[-1] != width:
        # Not a kernel of 1 with a stride of 2, as is usual: TensorFlow 2.15 and 2.21 write beyond
        # their memory in its gradient, for even sizes on a CPU. And 3 voxels of 4 would be unseen.
        shortcut = _normalized(x, width, strides, strides, normalization=normalization)
        # Kept as one layer too, so that weights stand in the order of a network without blocks.
        x = blocks.recomputed(x, shortcut) if recompute else shortcut
    return LeakyReLU(SLOPE)(keras.layers.Add()([y, x]))


def _double(x, width, upsampling):
    """A map of twice the size with `width` channels."""
    if upsampling == "transposed":
        return blocks.convolve(x, width, 2, strides=2, transposed=True)
    return LinearUpsampling()(blocks.convolve(x, width, 1))
