"""Difference maps: by how much an image differs from what a model expects there.

    signed   = Gaussian mean over the head of (real - synthetic)
    absolute = |signed|

Both images are in [-1, 1], each by the window of its contrast (what is beyond goes to the end),
so that a difference of 1 is half of the range of gray. The mean leaves air out: its weights are
those of the Gaussian, divided by their sum in the head. It is taken before the absolute value,
because noise, and the two sides of an edge that lies a voxel beside, then cancel.

| map    | real        | synthetic                               | needs                       |
|--------|-------------|-----------------------------------------|-----------------------------|
| cycle  | true source | the source, translated there and back   | a model of both directions  |
| target | true target | the source, translated                  | the true target, registered |
"""

import numpy as np
from scipy import ndimage

from gan_mri.data.files.readers import read_image
from gan_mri.data.files.writers import write_like
from gan_mri.data.images.planes import from_stack

#: Standard deviation of the Gaussian in mm, if nobody says otherwise.
WIDTH = 2.0
#: The ways to read a signed map as a score: larger is more suspicious.
SCORES = {"absolute": np.abs, "brighter": np.positive, "darker": np.negative}


def difference_map(real, synthetic, head, sizes, *, width=WIDTH):
    """The signed map.

    Parameters
    ----------
    real, synthetic : ndarray (X, Y, Z)
        In [-1, 1].
    head : ndarray of bool (X, Y, Z)
    sizes : sequence of three float
        Edges of a voxel in mm.
    width : float
        Standard deviation of the Gaussian in mm; 0: no smoothing.

    Returns
    -------
    ndarray (X, Y, Z)
        float32 in [-2, 2], positive where the real image is brighter; 0 outside the head.

    Examples
    --------
    >>> real, head = np.full((3, 3, 3), 0.5), np.ones((3, 3, 3), bool)
    >>> float(difference_map(real, -real, head, (1, 1, 1))[1, 1, 1])
    1.0
    """
    difference = np.clip(real, -1, 1) - np.clip(synthetic, -1, 1)
    difference = np.where(head, difference, 0).astype(np.float32)
    if width:
        sigmas = width / np.asarray(sizes, float)
        there = ndimage.gaussian_filter(head.astype(np.float32), sigmas, mode="constant")
        difference = ndimage.gaussian_filter(difference, sigmas, mode="constant")
        difference /= np.maximum(there, 1e-6)
    return np.where(head, difference, 0).astype(np.float32)


def write_maps(folder, case, maps):
    """Write signed and absolute maps on the grid of the source, and return their paths.

    Parameters
    ----------
    folder : Path
    case : gan_mri.trust.lesions.cases.ReportCase
    maps : dict of str to ndarray (X, Y, Z)
        Signed, along RAS+ on the grid of the first source.

    Returns
    -------
    list of Path
        `sub-26_map-cycle_signed.nii.gz`, `sub-26_map-cycle_absolute.nii.gz`, ...
    """
    source = read_image(next(iter(case.sources.values())))
    # Maps are never rounded to the integers that the source may have.
    floats = source._replace(array=np.broadcast_to(np.float32(0), source.array.shape))
    paths = []
    for name, signed in maps.items():
        stored = from_stack(signed[np.newaxis], source.affine, "volume")
        for kind, array in (("signed", stored), ("absolute", np.abs(stored))):
            path = folder / f"{case.label.replace(' ', '_')}_map-{name}_{kind}.nii.gz"
            write_like(path, np.ascontiguousarray(array), floats, (-2.0, 2.0))
            paths.append(path)
    return paths
