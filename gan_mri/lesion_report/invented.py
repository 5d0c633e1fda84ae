"""What stands out in a translation as lesions do, where nothing does in the real image.

The local contrast of an image is its value minus the mean of the head around it (a Gaussian of
6 mm, air left out). A voxel is suspicious where the local contrast of the translation, and the
difference between its and the real image's, both exceed a threshold: half of what the lesions of
the report stand out by in their real images (the median), to the same side, bright or dark.
Suspicious voxels that share faces are one place. Left out are the lesions and what is within 2 mm
of them, the rim of the head, 3 mm deep, and places smaller than 14 mm3 (a ball of 3 mm, the
smallest that counts as a lesion of multiple sclerosis).

Any error that looks like a lesion is counted: a ventricle painted too wide, too.
"""

import numpy as np
from scipy import ndimage

from gan_mri.lesion_report.components import components

#: mm.
SURROUNDINGS, RIM, AROUND_LESIONS = 6.0, 3.0, 2.0
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
    list of (gan_mri.lesion_report.components.Component, float)
        The largest first, each with the mean difference of the two local contrasts over it,
        positive where it is too bright.
    """
    sign, threshold = np.sign(typical), SHARE * abs(typical)
    local = sign * local_contrast(synthetic, head, sizes)
    beyond = local - sign * local_contrast(real, head, sizes)
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


def total_ml(found):
    """The volume of all places in mL."""
    return float(sum(one.volume for one, _ in found))
