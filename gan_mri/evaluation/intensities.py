"""Distribution of intensities, gathered image by image."""

import numpy as np

#: Equal bins over [-1, 1].
BINS = 100
EDGES = np.linspace(-1.0, 1.0, BINS + 1)


class Intensities:
    """Counts of intensities in [-1, 1] under a name, summed over images.

    Examples
    --------
    >>> intensities = Intensities()
    >>> intensities.add("real", np.zeros((4, 4)), None)
    >>> float(intensities.density("real").sum() * 2 / BINS)
    1.0
    """

    def __init__(self):
        self._counts = {}

    def __contains__(self, name):
        return name in self._counts

    def add(self, name, image, mask):
        """Count the pixels of an image; what lies outside [-1, 1] counts at the ends.

        Parameters
        ----------
        name : hashable
        image : ndarray (*spatial, C)
        mask : ndarray of bool (*spatial) or None
            Count the True pixels only.
        """
        values = image if mask is None else image[mask]
        counts, _ = np.histogram(np.clip(values, -1.0, 1.0), bins=EDGES)
        self._counts[name] = self._counts.get(name, 0) + counts

    def density(self, name):
        """Density over [-1, 1], ndarray (BINS,), of integral 1."""
        counts = self._counts[name]
        return counts / counts.sum() * BINS / 2
