"""What two images tell of each other, from their joint histogram."""

import numbers

import numpy as np

from gan_mri.errors import GanMriError
from gan_mri.metrics.checks import varying_samples


def mutual_information(reference, image, *, bins, mask=None):
    """Mutual information of two images in nats; more is better.

    From the joint histogram `p`: the sum of `p log(p / (p_reference p_image))`.
    The histogram has `bins` equal bins along each axis, from the smallest to
    the largest value of that image (within the mask), so the result does not
    change when an image is scaled linearly. It does depend on `bins`, and on
    the number of pixels: few pixels in many bins raise it.

    Parameters
    ----------
    reference, image : array-like of the same shape
        See the module's docstring. Of colour images every channel of every
        pixel is one sample.
    bins : int
        From 2.
    mask : array-like of bool, spatial shape, optional
        Count the True pixels only.

    Returns
    -------
    float
        From 0 to log(bins).

    Raises
    ------
    GanMriError
        Also if an image (within the mask) is constant.

    Examples
    --------
    >>> round(mutual_information([[0, 1], [0, 1]], [[5, 3], [5, 3]], bins=2), 6)
    0.693147
    """
    joint = _joint(reference, image, bins, mask, "mutual_information")
    product = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    filled = joint > 0
    return float(np.sum(joint[filled] * np.log(joint[filled] / product[filled])))


def normalized_mutual_information(reference, image, *, bins, mask=None):
    """Normalized mutual information of two images, from 1 (nothing shared) to 2 (equal).

    Studholme's: the entropies of the two images over that of both together,
    `(H(reference) + H(image)) / H(reference, image)`. Unlike `mutual_information` it does not
    grow with the entropy of the images themselves. The histogram is the same.

    Parameters
    ----------
    reference, image : array-like of the same shape
        See the module's docstring. Of colour images every channel of every
        pixel is one sample.
    bins : int
        From 2.
    mask : array-like of bool, spatial shape, optional
        Count the True pixels only.

    Returns
    -------
    float

    Raises
    ------
    GanMriError
        Also if an image (within the mask) is constant.

    References
    ----------
    C. Studholme, D. L. G. Hill, D. J. Hawkes, "An overlap invariant entropy measure of 3D
    medical image alignment", Pattern Recognition 32 (1999) 71-86, equation 6.

    Examples
    --------
    >>> round(normalized_mutual_information([[0, 1], [0, 1]], [[5, 3], [5, 3]], bins=2), 6)
    2.0
    """
    joint = _joint(reference, image, bins, mask, "normalized_mutual_information")
    own = [_entropy(joint.sum(axis=axis)) for axis in (1, 0)]
    return float(sum(own) / _entropy(joint))


def _joint(reference, image, bins, mask, metric):
    """The joint histogram (bins, bins), its sum 1."""
    if not isinstance(bins, numbers.Integral) or bins < 2:
        raise GanMriError(
            f"{metric}: expected 'bins' to be a whole number from 2. Received: {bins!r}"
        )
    reference, image = varying_samples(reference, image, mask, metric)
    counts, _, _ = np.histogram2d(reference, image, bins=int(bins))
    return counts / counts.sum()


def _entropy(shares):
    """Shannon's entropy in nats."""
    filled = shares[shares > 0]
    return -np.sum(filled * np.log(filled))
