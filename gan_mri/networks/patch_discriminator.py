"""PatchGAN discriminators: every output judges one patch of the image."""

import keras

from gan_mri import blocks
from gan_mri.backend import full_precision, precision
from gan_mri.errors import GanMriError


def patch_discriminator(
    input_shape=(None, None, 1),
    *,
    filters=64,
    levels=3,
    scales=1,
    patch=True,
    normalization="instance",
    spectral_normalization=False,
    dtype=None,
    name="patch_discriminator",
):
    """C64 - C128 - C256 - C512 - one channel, the 70x70 PatchGAN of GAN-MRI.

    The first block has no normalisation; the last C and the output have stride
    1. There is no sigmoid: least-squares losses take the output as it is.

    Parameters
    ----------
    input_shape : tuple
        `(H, W, C)` or `(X, Y, Z, C)`; spatial sizes may be None if `patch`.
    filters : int or sequence of int
        k of the first Ck, doubled at every level; or that of each of the `levels` + 1 Ck.
    levels : int
        Blocks of stride 2: the first and levels - 1 more; 3 see patches of
        70 x 70 pixels.
    scales : int
        1, or more: scale s has a network of its own, which sees the image
        averaged over 2x2 pixels s times. GAN-MRI's multi-scale has 2.
    patch : bool
        False: a dense layer judges the whole image; needs a fixed size.
    normalization, spectral_normalization, dtype, name
        As in `resnet_generator`; here spectral normalisation is on every
        layer.

    Returns
    -------
    keras.Model
        To `(N, H/8, W/8, 1)` judgements (rounded up), `(N, 1)` without
        `patch`, or a list of those, one a scale, the largest scale first.

    Raises
    ------
    GanMriError
        If `patch` is False and the size is free, or `filters` are not as many as blocks.

    References
    ----------
    Isola et al. 2017; Wang et al. 2018 (scales); Welander et al. 2018.

    Examples
    --------
    >>> patch_discriminator((64, 64, 1)).output_shape
    (None, 8, 8, 1)
    """
    if not patch and None in input_shape:
        raise GanMriError(
            "patch=False needs a fixed image size, because its dense layer has one "
            f"weight for every position. Received: input_shape={tuple(input_shape)}."
        )
    widths = [filters * 2**level for level in range(levels + 1)]
    if not isinstance(filters, int):
        widths = list(filters)
        if len(widths) != levels + 1:
            raise GanMriError(
                f"filters: expected one number, or {levels + 1} for {levels} levels. Received: "
                f"{filters!r}."
            )
    options = {
        "widths": widths,
        "levels": levels,
        "patch": patch,
        "normalization": normalization,
        "spectral_normalization": spectral_normalization,
    }
    with precision(dtype):
        if scales == 1:
            return _one_scale(input_shape, name=name, **options)
        image = keras.Input(input_shape, name="image", dtype=full_precision())
        judgements, smaller = [], image
        for scale in range(1, scales + 1):
            # A network of its own for each scale keeps the weights of a scale
            # together, in the order of the 2018 files (D1, then D2).
            judge = _one_scale(smaller.shape[1:], name=f"D{scale}", **options)
            judgements.append(judge(smaller))
            if scale < scales:
                smaller = blocks.halve(smaller)
        return keras.Model(image, judgements, name=name)


def _one_scale(input_shape, *, widths, levels, patch, normalization, spectral_normalization, name):
    spectral = {"spectral_normalization": spectral_normalization}
    image = keras.Input(input_shape, name="image", dtype=full_precision())
    x = blocks.C(image, widths[0], normalization="none", **spectral)
    for level in range(1, levels + 1):
        strides = 2 if level < levels else 1
        x = blocks.C(
            x,
            widths[level],
            strides=strides,
            normalization=normalization,
            **spectral,
        )
    x = keras.layers.Activation("linear", dtype=full_precision())(x)
    if patch:
        judgement = blocks.convolve(x, 1, 4, dtype=full_precision(), **spectral)
    else:
        judgement = blocks.connect(keras.layers.Flatten(dtype=full_precision())(x), 1, **spectral)
    return keras.Model(image, judgement, name=name)
