"""How far a lesion stands out from what surrounds it, and what became of that.

    difference = mean over the lesion - median over its surroundings
    contrast   = difference / deviation of the surroundings in the real image

The deviation is 1.4826 times the median absolute deviation, which is the standard deviation of
noise. Medians, because a ventricle or a sulcus is near many a lesion: with means, the largest
lesion of a patient (2.7 mL, plain to see in T2w) stood out by 0.6 standard deviations.

Both images are in [-1, 1], each by the intensity window of its contrast. The deviation is the
real image's for both, so that a contrast of 3 is the same step in brightness in both: a blurred
translation would else gain contrast by having flat surroundings. The surroundings are a shell
around the lesion: of the head, no part of any lesion, and not the voxels next to the lesion,
which are partly it.

| verdict | contrast in the translation, as a share of that in the real image               |
|---------|---------------------------------------------------------------------------------|
| kept    | at least `kept` (0.5)                                                           |
| faded   | at least `lost` (0.2)                                                           |
| lost    | less, or the other way round (dark for bright)                                  |
| unseen  | no share: in the real image the lesion stands out by less than `seen` (1) either |
"""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

#: In the order of the tables.
VERDICTS = ("kept", "faded", "lost", "unseen")
#: The shell begins an edge of the smallest voxel away from the lesion and is so thick, in mm, or
#: an edge of the largest voxel, if that is more.
SHELL = 3.0
#: Voxels that a shell needs; a lesion among others gets a thicker one, up to so many mm.
_LEAST_SHELL, _THICKEST = 20, 24.0
#: Of a normal distribution: the standard over the median absolute deviation, 1 / Phi^-1(3/4).
_TO_STANDARD = 1.482602218505602
#: The least deviation, in [-1, 1]: a hundredth of the window. Flat surroundings would
#: make a lesion infinitely clear.
LEAST_DEVIATION = 0.02


class Thresholds(NamedTuple):
    """What a verdict depends on, see the module's docstring."""

    kept: float = 0.5
    lost: float = 0.2
    seen: float = 1.0

    def verdict(self, real, synthetic):
        """What became of a lesion.

        Parameters
        ----------
        real, synthetic : float or None
            Contrasts; None where it has no surroundings.

        Returns
        -------
        str
            Of `VERDICTS`.

        Examples
        --------
        >>> verdict = Thresholds().verdict
        >>> verdict(4.0, 3.0), verdict(-4.0, -1.0), verdict(4.0, -4.0), verdict(0.5, 3.0)
        ('kept', 'faded', 'lost', 'unseen')
        """
        if real is None or abs(real) < self.seen:
            return "unseen"
        share = synthetic / real
        return "kept" if share >= self.kept else "faded" if share >= self.lost else "lost"


class Differences(NamedTuple):
    """A lesion against its surroundings.

    Attributes
    ----------
    values : tuple of float
        Mean of the lesion minus median of its surroundings in every image, in [-1, 1].
    deviation : float
        Of the surroundings in the first image, at least `LEAST_DEVIATION`.
    """

    values: tuple
    deviation: float

    @property
    def contrasts(self):
        """In deviations of the real surroundings."""
        return tuple(value / self.deviation for value in self.values)


def differences(component, images, lesions, head, sizes):
    """How far a lesion stands out in each of several images.

    Parameters
    ----------
    component : gan_mri.trust.lesions.components.Component
    images : sequence of ndarray (X, Y, Z)
        The real one first, whose deviation counts.
    lesions, head : ndarray of bool (X, Y, Z)
        All lesions, also those too small to be counted; and what is no air.
    sizes : sequence of three float
        Edges of a voxel in mm.

    Returns
    -------
    Differences or None
        None if the lesion has no surroundings: nothing of the head is near that is no lesion.
    """
    sizes = np.asarray(sizes, float)
    gap, thick = sizes.min(), max(SHELL, sizes.max())
    while True:
        box, shell = _shell(component, lesions, head, sizes, gap, gap + thick)
        if shell.sum() >= _LEAST_SHELL or thick >= _THICKEST:
            break
        thick *= 2
    if not shell.any():
        return None
    around = [np.asarray(image[box][shell], np.float64) for image in images]
    inside = [np.asarray(image[component.box][component.inside], np.float64) for image in images]
    values = tuple(float(one.mean() - np.median(other)) for one, other in zip(inside, around))
    deviation = _TO_STANDARD * float(np.median(np.abs(around[0] - np.median(around[0]))))
    return Differences(values, max(deviation, LEAST_DEVIATION))


def _shell(component, lesions, head, sizes, nearest, farthest):
    """The voxels at a distance from a lesion, as a box and a mask of it."""
    margin = np.ceil(farthest / sizes).astype(int)
    box = tuple(
        slice(max(side.start - more, 0), min(side.stop + more, length))
        for side, more, length in zip(component.box, margin, head.shape)
    )
    outside = np.ones([side.stop - side.start for side in box], bool)
    own = tuple(
        slice(inner.start - outer.start, inner.stop - outer.start)
        for inner, outer in zip(component.box, box)
    )
    outside[own] &= ~component.inside
    distance = ndimage.distance_transform_edt(outside, sampling=sizes)
    # A thousandth: distances of whole voxels are not exact.
    near = (distance > nearest * 1.001) & (distance <= farthest * 1.001)
    return box, near & head[box] & ~lesions[box]
