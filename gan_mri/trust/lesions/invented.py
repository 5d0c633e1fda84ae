"""What stands out in a translation as lesions do, where nothing does in the real image.

The local contrast of an image is its value minus the mean of the head around it (a Gaussian of
6 mm, air left out). A voxel is suspicious where the local contrast of the translation exceeds a
threshold, and exceeds the real image's largest within 3 mm by as much: half of what the lesions
of the report stand out by in their real images (the median), to the same side, bright or dark.
Within 3 mm, because a translation is blurred and may lie a voxel beside: measured on a patient
with a model of 2 mm, 439 places and 48 mL without this, nearly all along the walls of sulci, and
4 places and 0.7 mL with it. Suspicious voxels that share faces are one place. Left out are the
lesions and what is within 2 mm of them, the rim of the head, 3 mm deep, and places smaller than
14 mm3 (a ball of 3 mm, the smallest that counts as a lesion of multiple sclerosis).

Any error that looks like a lesion is counted: cerebrospinal fluid painted where there is none, too.
"""

import numpy as np
from scipy import ndimage

from gan_mri.trust.lesions.components import components

#: mm.
SURROUNDINGS, NEARBY, RIM, AROUND_LESIONS = 6.0, 3.0, 3.0, 2.0
#: mm3.
LEAST_VOLUME = 14.0
#: Of the lesions' own difference.
SHARE = 0.5


def typical_difference(values):
    """What lesions stand out by in real images.

    Parameters
    ----------
    values : sequence of float
        Differences in [-1, 1] of lesions that are seen, positive where a lesion is bright.

    Returns
    -------
    float or None
        The median; None of no lesions.
    """
    return float(np.median(values)) if len(values) else None


def invented(synthetic, real, lesions, head, affine, sizes, *, typical, least_volume=LEAST_VOLUME):
    """The places of a translation that look like lesions and are none.

    Parameters
    ----------
    synthetic, real : ndarray (X, Y, Z)
        In [-1, 1].
    lesions, head : ndarray of bool (X, Y, Z)
    affine : ndarray (4, 4)
    sizes : sequence of three float
        Edges of a voxel in mm.
    typical : float
        From `typical_difference`.
    least_volume : float
        mm3; smaller places are left out.

    Returns
    -------
    list of (gan_mri.trust.lesions.components.Component, float)
        The largest first, each with the mean over it of how far its local contrast is beyond the
        real image's nearby, positive where it is too bright.
    """
    sign, threshold = np.sign(typical), SHARE * abs(typical)
    local = sign * local_contrast(synthetic, head, sizes)
    beyond = local - _largest_nearby(sign * local_contrast(real, head, sizes), sizes)
    allowed = ndimage.distance_transform_edt(head, sampling=sizes) > RIM
    if lesions.any():
        allowed &= ndimage.distance_transform_edt(~lesions, sampling=sizes) > AROUND_LESIONS
    suspicious = allowed & (local >= threshold) & (beyond >= threshold)
    voxel = abs(np.linalg.det(affine[:3, :3]))
    least = max(1, int(np.ceil(least_volume / voxel - 1e-9)))
    return [
        (one, float(sign * beyond[one.box][one.inside].mean()))
        for one in components(suspicious, affine, least=least, corners=False)
    ]


def local_contrast(image, head, sizes):
    """An image minus the mean of the head around each voxel.

    Parameters
    ----------
    image : ndarray (X, Y, Z)
    head : ndarray of bool (X, Y, Z)
    sizes : sequence of three float
        Edges of a voxel in mm.

    Returns
    -------
    ndarray (X, Y, Z)
        float32; 0 outside the head.
    """
    sigmas = SURROUNDINGS / np.asarray(sizes, float)
    weights = head.astype(np.float32)
    values = np.where(head, image, 0).astype(np.float32)
    smooth = ndimage.gaussian_filter(values, sigmas, mode="constant")
    there = ndimage.gaussian_filter(weights, sigmas, mode="constant")
    return np.where(head, values - smooth / np.maximum(there, 1e-6), 0).astype(np.float32)


def _largest_nearby(values, sizes):
    """The largest value within `NEARBY` of every voxel."""
    reach = (NEARBY // np.asarray(sizes, float)).astype(int)
    steps = [np.arange(-n, n + 1) * size for n, size in zip(reach, sizes)]
    squares = sum(step**2 for step in np.meshgrid(*steps, indexing="ij"))
    ball = squares <= NEARBY**2 + 1e-6
    return ndimage.maximum_filter(values, footprint=ball, mode="nearest")


def total_ml(found):
    """The volume of all places in mL."""
    return float(sum(one.volume for one, _ in found))
