"""Gradients of losses against finite differences."""

import numpy as np
import tensorflow as tf


def gradients(loss, *images):
    """Of `loss(*images)` with respect to every image, as arrays."""
    images = [tf.convert_to_tensor(image) for image in images]
    with tf.GradientTape() as tape:
        tape.watch(images)
        value = loss(*images)
    return [np.asarray(tf.cast(one, tf.float64)) for one in tape.gradient(value, images)]


def check(loss, *images, points=12, atol=1e-8):
    """At `points` random pixels of every float64 image."""
    random = np.random.default_rng(11)
    for which, gradient in enumerate(gradients(loss, *images)):
        # A gradient of zeros would agree with anything flat.
        assert np.any(gradient)
        for pixel in random.permutation(gradient.size)[:points]:
            index = np.unravel_index(pixel, gradient.shape)
            ends = []
            for step in (1e-6, -1e-6):
                moved = [image.copy() for image in images]
                moved[which][index] += step
                ends.append(float(loss(*moved)))
            slope = (ends[0] - ends[1]) / 2e-6
            np.testing.assert_allclose(gradient[index], slope, rtol=1e-5, atol=atol)
