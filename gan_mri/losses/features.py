"""Losses on what a network sees in an image."""

import tensorflow as tf

from gan_mri.errors import GanMriError
from gan_mri.losses.checks import wide
from gan_mri.losses.pixelwise import mean_absolute_error


def feature_difference(truth, image):
    """Mean absolute difference of two images' features, mean over layers, a scalar.

    Parameters
    ----------
    truth, image : tensor or list of tensor
        Features of either image, one tensor a layer, of any dtype and shape.
        Those of the truth get no gradient.

    Returns
    -------
    scalar tensor
        0 for equal features.

    Raises
    ------
    GanMriError
        If the number of layers or their shapes differ.

    References
    ----------
    Of a discriminator: Wang et al. 2018 (pix2pixHD), equation 4. Of a network
    trained for another task: Johnson, Alahi, Fei-Fei 2016.
    """
    truth, image = tf.nest.flatten(truth), tf.nest.flatten(image)
    if not image or len(truth) != len(image):
        raise GanMriError(
            "feature_difference: expected as many layers of features of both images, at least "
            f"one. Received: {len(truth)} and {len(image)}"
        )
    differences = []
    for true, made in zip(truth, image):
        made = wide(made)
        true = tf.stop_gradient(tf.cast(true, made.dtype))
        if not true.shape.is_compatible_with(made.shape):
            raise GanMriError(
                "feature_difference: expected features of one shape. "
                f"Received: {true.shape} and {made.shape}"
            )
        differences.append(mean_absolute_error(true, made))
    return tf.add_n(differences) / len(differences)
