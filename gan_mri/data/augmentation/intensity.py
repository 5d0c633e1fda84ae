"""Random changes of intensities: the contrast, the coil, the noise of another scan.

Images are in [-1, 1], and -1 is air. Contrast and coil work on the intensity above it,
(x + 1) / 2, so that air stays air.
"""

import numpy as np

# Cosines of up to two half periods over the image: a slope, a bulge, a twist.
_ORDER = 2


def random_bias(rng, rank):
    """Random weights of a `bias_field`.

    Parameters
    ----------
    rng : numpy.random.Generator
    rank : {2, 3}

    Returns
    -------
    ndarray (3,) * rank
        Normally distributed; 0 for the constant and above the second order in total.
    """
    weights = rng.normal(size=(_ORDER + 1,) * rank)
    orders = np.indices(weights.shape).sum(axis=0)
    return np.where((orders > 0) & (orders <= _ORDER), weights, 0)


def bias_field(weights, amplitude, shape):
    """A smooth field of mean 1, like the sensitivity of a coil.

        field = 1 + amplitude * p / max |p|,
        p = sum over orders of weights[a, b, ...] cos(pi a u) cos(pi b v) ...

    with u, v, ... from 0 to 1 between the outer edges of the image. Every
    cosine but the constant, which is left out, has mean 0 over the voxels.

    Parameters
    ----------
    weights : ndarray (3,) * rank
        From `random_bias`.
    amplitude : float
        Largest distance from 1, reached somewhere; below 1.
    shape : tuple of int
        Of the image, without channels.

    Returns
    -------
    ndarray of `shape`
        float32.
    """
    field = weights
    for length in shape:
        places = (np.arange(length) + 0.5) / length
        cosines = np.cos(np.pi * np.arange(_ORDER + 1)[:, np.newaxis] * places)
        # Sums over the first axis and puts the image's axis last: after all of them, in order.
        field = np.tensordot(field, cosines.astype(np.float32), axes=(0, 0)).astype(np.float32)
    return 1 + np.float32(amplitude) * (field / np.abs(field).max())


def change_contrast(image, exponent, field):
    """Raise the intensity above air to a power, then multiply it by a field.

        y = (x + 1) / 2;   result = 2 field y^exponent - 1

    Parameters
    ----------
    image : ndarray (*shape, C)
        In [-1, 1].
    exponent : float
    field : ndarray of `shape`, or 1.0

    Returns
    -------
    ndarray (*shape, C)
        float32, from -1; above 1 where the field makes it so. Where `image` is
        -1, the result is.
    """
    changed = np.clip((image + np.float32(1)) / 2, 0, 1)
    changed **= np.float32(exponent)
    changed *= field[..., np.newaxis] if np.ndim(field) else np.float32(field)
    changed *= 2
    changed -= 1
    return changed
