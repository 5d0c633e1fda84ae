"""Losses on spatial frequencies."""

import tensorflow as tf

from gan_mri.losses.checks import wide_pair

_TRANSFORM = {2: tf.signal.fft2d, 3: tf.signal.fft3d}


def frequency_difference(truth, image):
    """Mean modulus of the difference of two images' spatial frequencies, a scalar.

    Frequencies are those of the unitary discrete Fourier transform over all
    spatial axes (k-space, were the images complex): `fft / sqrt(pixels)`. The
    modulus is not squared: the mean square would be that of the pixels
    (Parseval), a loss of its own only in name.

    Parameters
    ----------
    truth, image : tensor `(N, X, Y, C)` or `(N, X, Y, Z, C)`

    Returns
    -------
    scalar tensor
        0 for equal images.

    References
    ----------
    Yang et al. 2018 (DAGAN), IEEE Transactions on Medical Imaging 37, has the
    squared form.
    """
    truth, image = wide_pair(truth, image, "frequency")
    axes = len(image.shape)
    # The transform is over the last axes, and linear: one is enough.
    difference = tf.transpose(image - truth, (0, axes - 1, *range(1, axes - 1)))
    pixels = tf.cast(tf.reduce_prod(tf.shape(image)[1:-1]), image.dtype)
    kind = tf.complex128 if image.dtype == tf.float64 else tf.complex64
    spectrum = _TRANSFORM[axes - 2](tf.cast(difference, kind))
    return tf.reduce_mean(tf.abs(spectrum)) / tf.sqrt(pixels)
