"""Volumes as pictures: the three planes through their middle, side by side."""

import numpy as np

#: Between two planes, and beside a smaller one; air in images of [-1, 1].
_EMPTY = -1.0


def as_picture(image, rank, spacing=None):
    """An image as it can be drawn.

    Parameters
    ----------
    image : ndarray (H, W, C) or (X, Y, Z, C)
        In [-1, 1]; volumes run along RAS+.
    rank : {2, 3}
    spacing : sequence of three float, optional
        Voxel size of a volume along its axes: voxels are drawn as often as the smallest side
        goes into theirs, so that thick slices are not squashed. Default: cubes.

    Returns
    -------
    ndarray (H, W, C)
        A slice as it is; of a volume the axial, coronal and sagittal plane
        through the middle, beside each other, up as in
        `gan_mri.data.images.planes`.
    """
    image = np.asarray(image)
    if rank == 2:
        return image
    x, y, z = (length // 2 for length in image.shape[:3])
    times = np.rint(np.array(spacing or (1, 1, 1)) / min(spacing or (1,))).astype(int)
    planes = [
        (image[:, :, z], times[[0, 1]]),
        (image[:, y], times[[0, 2]]),
        (image[x], times[[1, 2]]),
    ]
    whole = [plane.repeat(across, axis=0).repeat(up, axis=1) for plane, (across, up) in planes]
    return beside([plane.swapaxes(0, 1)[::-1] for plane in whole])


def beside(pictures, gap=2):
    """Pictures (H, W, C) of any size in one, in the middle of its height.

    Parameters
    ----------
    pictures : sequence of ndarray
    gap : int
        Pixels between them.

    Returns
    -------
    ndarray (H, W, C)
    """
    height = max(len(picture) for picture in pictures)
    columns = []
    for picture in pictures:
        missing = height - len(picture)
        sides = [(missing // 2, missing - missing // 2), (0, gap), (0, 0)]
        columns.append(np.pad(picture, sides, constant_values=_EMPTY))
    whole = np.concatenate(columns, axis=1)
    return whole[:, : whole.shape[1] - gap] if gap else whole
