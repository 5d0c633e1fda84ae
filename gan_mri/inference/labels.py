"""Masks and labels: images that hold few values, and nothing between them."""

import numpy as np

#: An image of more different values is taken for a measured one.
MOST_LABELS = 64

# So many pixels of a file tell at once that it holds measurements.
_FIRST = 4096


def few_values(samples):
    """The values that the files of some samples hold, if they are few.

    Parameters
    ----------
    samples : gan_mri.data.samples.Samples

    Returns
    -------
    list of float or None
        In the units of the files, ascending, all of them (whether or not a sample
        was resampled since); None for more than 64.
    """
    found = np.array([])
    for stack, _ in samples.files():
        array = np.asarray(stack.array)
        for part in (array.ravel()[:: max(1, array.size // _FIRST)], array):
            found = np.union1d(found, part)
            if len(found) > MOST_LABELS:
                return None
    return [float(value) for value in found]


def nearest(image, values):
    """An image with the nearest of some values at every pixel.

    Parameters
    ----------
    image : ndarray
    values : sequence of float
        Ascending.

    Returns
    -------
    ndarray
        float32, the shape of `image`; halfway between two values the lower one.

    Examples
    --------
    >>> nearest(np.array([-3.0, 0.4, 2.6]), [0, 1, 3])
    array([0., 0., 3.], dtype=float32)
    """
    values = np.asarray(values, np.float32)
    borders = (values[1:] + values[:-1]) / 2
    return values[np.searchsorted(borders, image)]
