"""What losses on images take: two images of one shape, in at least single precision."""

import tensorflow as tf

from gan_mri.errors import GanMriError


def wide(values):
    """As a tensor of float64 if it is of float64, else of float32: a loss is never of 16 bits."""
    values = tf.convert_to_tensor(values)
    return values if values.dtype == tf.float64 else tf.cast(values, tf.float32)


def wide_image(image, loss):
    """`image` as a wide tensor; a GanMriError that names `loss` if it is no batch of images.

    Returns
    -------
    tensor
        `(N, X, Y, C)` or `(N, X, Y, Z, C)`.
    """
    image = wide(image)
    if image.shape.rank not in (4, 5):
        raise GanMriError(
            f"{loss}: expected images (N, X, Y, C) or volumes (N, X, Y, Z, C). "
            f"Received: shape {image.shape}"
        )
    return image


def wide_pair(truth, image, loss):
    """Both as wide tensors of the dtype of `image`; a GanMriError if their shapes differ."""
    image = wide_image(image, loss)
    truth = tf.cast(tf.convert_to_tensor(truth), image.dtype)
    if not truth.shape.is_compatible_with(image.shape):
        raise GanMriError(
            f"{loss}: expected two images of one shape. "
            f"Received: shapes {truth.shape} and {image.shape}"
        )
    return truth, image
