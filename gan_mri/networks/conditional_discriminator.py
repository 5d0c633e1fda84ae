"""PatchGAN discriminators that judge an image beside what it was made from."""

import keras

from gan_mri.backend import full_precision, precision
from gan_mri.networks.patch_discriminator import patch_discriminator


def conditional_discriminator(
    input_shape=(None, None, 1),
    *,
    source_channels=None,
    filters=64,
    levels=3,
    scales=1,
    patch=True,
    normalization="instance",
    spectral_normalization=False,
    dtype=None,
    name="conditional_discriminator",
):
    """`patch_discriminator` of an image and its source, channel beside channel.

    It asks whether the two belong together, not only whether the image looks
    real. The defaults are pix2pix's 70x70 discriminator, C64-C128-C256-C512.

    Parameters
    ----------
    input_shape : tuple
        Of the image, `(H, W, C)` or `(X, Y, Z, C)`; spatial sizes may be None
        if `patch`.
    source_channels : int, optional
        Channels of the source, of several sources together; default: as many
        as the image has. Its spatial sizes are those of the image.
    filters, levels, scales, patch, normalization, spectral_normalization, dtype, name
        As in `patch_discriminator`.

    Returns
    -------
    keras.Model
        Of the inputs `image` `(N, *input_shape)` and `source` (the same with
        `source_channels`), to judgements as `patch_discriminator`, which is
        its layer "judge" and sees the image's channels first.

    References
    ----------
    Isola et al. 2017, sections 3.2.2 and 6.1.2.

    Examples
    --------
    >>> conditional_discriminator((256, 256, 3)).count_params()
    2769601
    """
    *space, channels = input_shape
    source_channels = source_channels or channels
    with precision(dtype):
        wide = full_precision()
        image = keras.Input(input_shape, name="image", dtype=wide)
        source = keras.Input((*space, source_channels), name="source", dtype=wide)
        judge = patch_discriminator(
            (*space, channels + source_channels),
            filters=filters,
            levels=levels,
            scales=scales,
            patch=patch,
            normalization=normalization,
            spectral_normalization=spectral_normalization,
            name="judge",
        )
        both = keras.layers.Concatenate(dtype=wide)([image, source])
        return keras.Model([image, source], judge(both), name=name)
