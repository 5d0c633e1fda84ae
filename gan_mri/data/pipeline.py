"""Batches of training images as a `tf.data.Dataset`."""

import numpy as np
import tensorflow as tf


def batches(split, geometry, order, *, channels, seed, epoch, first_step=0):
    """The batches of an epoch, prepared one step ahead of the training.

    Slices are cut, scaled and cropped when their step comes; nothing but the
    batches in flight exists as float32.

    Parameters
    ----------
    split : gan_mri.data.Split
    geometry : gan_mri.data.images.geometry.Geometry
    order : ndarray (steps, batch, 2)
        From `gan_mri.data.order.epoch_order`.
    channels : int
    seed, epoch : int
        Of the random windows, together with the step.
    first_step : int
        Where to begin, for a resumed epoch.

    Returns
    -------
    tf.data.Dataset
        Of (A, B), float32 `(batch, H, W, channels)` each.
    """
    pairs = {tuple(pair) for pair in split.pairs.tolist()}

    def load(step):
        # Keyed by the step, so that a resumed epoch draws the same windows.
        rng = np.random.default_rng([seed, epoch, int(step)])
        images_A, images_B = [], []
        for a, b in order[int(step)].tolist():
            window = geometry.window(split.A.shape(a), rng)
            images_A.append(geometry.training(split.A[a], window))
            if (a, b) not in pairs:
                window = geometry.window(split.B.shape(b), rng)
            images_B.append(geometry.training(split.B[b], window))
        return np.stack(images_A), np.stack(images_B)

    shape = (order.shape[1], *geometry.size, channels)

    def load_tensors(step):
        batch = tf.numpy_function(load, [step], (tf.float32, tf.float32), stateful=False)
        for images in batch:
            images.set_shape(shape)
        return tuple(batch)

    steps = tf.data.Dataset.range(first_step, len(order))
    return steps.map(load_tensors, num_parallel_calls=2, deterministic=True).prefetch(2)
