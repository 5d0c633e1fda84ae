"""Mean and percentiles of very many differences, in little memory."""

import numpy as np

#: Bits of a float32 that are dropped: what is left keeps 8 bits of the mantissa.
_DROPPED = 15


class Differences:
    """Counts absolute differences by size.

    The bits of a positive float32, read as a whole number, are in the order of
    the numbers. The upper 16 of them are the class of a difference: 65,536
    classes for all sizes, each 0.4 % wide.

    Attributes
    ----------
    count : int
        Differences so far.
    """

    def __init__(self):
        self.count = 0
        self._sum = 0.0
        self._classes = np.zeros(2 ** (31 - _DROPPED), np.int64)

    def add(self, differences):
        """Count an array of differences, which are 0 or positive."""
        values = np.ascontiguousarray(differences, np.float32).reshape(-1)
        self.count += values.size
        self._sum += float(values.sum(dtype=np.float64))
        classes = values.view(np.uint32) >> _DROPPED
        self._classes += np.bincount(classes, minlength=len(self._classes))

    @property
    def mean(self):
        """NaN without differences."""
        return self._sum / self.count if self.count else float("nan")

    def percentile(self, percent):
        """The middle of the class that holds the percentile; NaN without differences."""
        if not self.count:
            return float("nan")
        passed = np.cumsum(self._classes)
        found = int(np.searchsorted(passed, percent / 100 * self.count))
        edges = (np.array([found, found + 1], np.uint32) << _DROPPED).view(np.float32)
        return float(edges.mean()) if found else 0.0
