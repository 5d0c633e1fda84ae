"""A few slices of a file, as a network sees them: in its plane, voxel size, intensities and size.

Training files and inputs are looked at in the same way, so that what is measured on both can be
compared. Of volumes five slices are looked at: of axial ones those 40 to 80 mm below the top of
the head, wherever the neck ends; of others, of thin slabs, and where the training took a range of
slices, five from the middle of those that hold a head.
"""

from typing import NamedTuple

import numpy as np
from nibabel.affines import voxel_sizes
from skimage.transform import resize

from gan_mri.data.images.foreground import EMPTY_FRACTION, foreground_mask, gray
from gan_mri.data.images.grid import Grid, canonical_grid
from gan_mri.data.images.planes import PLANES, axes_of, to_stack
from gan_mri.data.images.resampling import resample, spaced_grid

# mm below the highest slice that holds a head.
_BELOW_TOP = np.array([40.0, 50.0, 60.0, 70.0, 80.0])

# Elsewhere: places among the slices that hold a head, from the first (0) to the last (1).
_AMONG = np.linspace(0.3, 0.7, 5)


class Look(NamedTuple):
    """One slice, or one picture.

    Attributes
    ----------
    image : ndarray (H, W)
        float32 from 0 to 1, the ends of the intensity window; of colors the mean.
    mask : ndarray of bool (H, W)
        Foreground, see `gan_mri.data.images.foreground`.
    pixel : (float, float) or None
        mm from row to row and from column to column; None for pictures.
    plane : str or None
        None for pictures.
    """

    image: np.ndarray
    mask: np.ndarray
    pixel: tuple | None = None
    plane: str | None = None


def plane_of(sampling):
    """The plane of the slices that are looked at: of volumes, and of all planes, the axial one."""
    plane = "axial" if sampling is None else sampling.plane
    return plane if plane in PLANES else "axial"


def choose(kept, size, plane, limited=False):
    """The slices that are looked at.

    Parameters
    ----------
    kept : ndarray of int
        Numbers of those that hold a head, ascending.
    size : float
        mm from one number to the next.
    plane : str
    limited : bool
        They are of a range that somebody chose, so that the head may go on beyond.

    Returns
    -------
    list of int
        At most five; fewer of few.

    Examples
    --------
    >>> choose(np.arange(100), 2.0, "axial")
    [59, 64, 69, 74, 79]
    >>> choose(np.arange(100), 2.0, "coronal")
    [30, 40, 50, 59, 69]
    """
    if not len(kept):
        return []
    wanted = kept[-1] - _BELOW_TOP / size
    if plane == "axial" and not limited and wanted.min() >= kept[0]:
        places = np.searchsorted(kept, np.round(wanted)).clip(0, len(kept) - 1)
    else:
        places = np.round(_AMONG * (len(kept) - 1)).astype(int)
    return sorted({int(kept[place]) for place in places})


def enlargement(geometry, shape):
    """How many pixels of the network one of the image becomes: 1, or less where it is made smaller.

    Parameters
    ----------
    geometry : gan_mri.data.images.geometry.Geometry
    shape : tuple of int
        Of an image, (H, W) or (X, Y, Z).
    """
    if geometry.fit == "crop":
        return 1.0
    return min(want / have for want, have in zip(geometry.size, shape))


def look(stored, scale, threshold, factor, *, channels=1, pixel=None, plane=None):
    """One slice as the network sees it.

    Parameters
    ----------
    stored : ndarray (H, W) or (H, W, 3)
        In the units of the file.
    scale : callable
        From these to [-1, 1].
    threshold : float
        Of the foreground.
    factor : float
        See `enlargement`.
    channels : {1, 3}
    pixel : (float, float), optional
        Before it is enlarged.
    plane : str, optional

    Returns
    -------
    Look
    """
    mask = foreground_mask(stored, threshold, channels=channels)
    image = gray((scale(stored) + 1) / 2, channels)
    shape = tuple(max(round(factor * length), 1) for length in mask.shape)
    if shape != mask.shape:
        smooth = {"order": 1, "anti_aliasing": factor < 1, "mode": "edge", "preserve_range": True}
        image = resize(image, shape, **smooth)
        mask = resize(mask.astype(np.float32), shape, **smooth) >= 0.5
    pixel = None if pixel is None else tuple(float(size) / factor for size in pixel)
    return Look(image.astype(np.float32), mask, pixel, plane)


def looks_of_stack(stack, scaling, geometry, limited=False):
    """The slices of a training file that are looked at.

    Parameters
    ----------
    stack : gan_mri.data.stacks.Stack
        A picture, slices of one plane, or a volume.
    scaling : gan_mri.data.images.scaling.IntensityScaling
    geometry : gan_mri.data.images.geometry.Geometry
    limited : bool
        See `choose`.

    Returns
    -------
    list of Look
    """
    window, facts = scaling.window(stack.statistics), stack.statistics
    options = {"factor": enlargement(geometry, stack.size), "channels": stack.channels}
    rows = stack.rows()[:, 0]

    def shown(stored):
        return look(stored, lambda part: scaling.scale(part, window), facts.threshold, **options)

    if stack.grid is None:
        return [shown(np.asarray(stack.read(row))) for row in rows.tolist()]
    plane = "axial" if stack.plane == "volume" else stack.plane
    sizes = voxel_sizes(stack.grid.affine)
    options |= {"pixel": sizes[list(axes_of(plane))], "plane": plane}
    size = sizes[PLANES[plane]]
    if stack.plane != "volume":
        numbers = choose(stack.numbers, size, plane, limited)
        places = np.searchsorted(stack.numbers, numbers)
        return [shown(stack.read(int(rows[place]))) for place in places]
    # A prepared file is read from disk: only the slices are.
    few = np.asarray(stack.read(np.s_[0, ::4, ::4]))
    filled = foreground_mask(few, facts.threshold, channels=stack.channels).mean(axis=(0, 1))
    numbers = choose(np.flatnonzero(filled >= EMPTY_FRACTION), size, plane)
    return [shown(stack.read(np.s_[0, :, :, n]).swapaxes(0, 1)[::-1]) for n in numbers]


def looks_of_image(image, whole, scaling, view, slices=None):
    """The slices of an input that are looked at.

    Parameters
    ----------
    image : gan_mri.data.files.image_file.ImageFile
    whole : gan_mri.trust.checks.overview.Overview, or gan_mri.data.images.foreground.Statistics
        Of a volume; of a picture its statistics.
    scaling : gan_mri.data.images.scaling.IntensityScaling
    view : gan_mri.data.images.view.View
        Of the model.
    slices : (int, int), optional
        Range that the model was trained on.

    Returns
    -------
    list of Look
    """
    facts = whole.facts if image.is_volume else whole
    window = scaling.window(facts)

    def shown(stored, shape, **about):
        return look(
            stored,
            lambda part: scaling.scale(part, window),
            facts.threshold,
            enlargement(view.geometry, shape),
            channels=image.channels,
            **about,
        )

    if not image.is_volume:
        return [shown(image.array, image.array.shape[:2])]
    plane, own = plane_of(view.sampling), whole.grid
    spacing = None if view.sampling is None else view.sampling.spacing
    grid = own if spacing is None else spaced_grid(own, spacing)
    axis, sizes = PLANES[plane], voxel_sizes(grid.affine)
    kept = whole.kept(axis, EMPTY_FRACTION)
    if grid is not own:
        # Both grids cover one field of view.
        places = (np.arange(grid.shape[axis]) + 0.5) * own.shape[axis] / grid.shape[axis]
        kept = np.flatnonzero(np.isin(places.astype(int), kept))
    if slices is not None:
        inside = kept[(kept >= slices[0]) & (kept < slices[1])]
        kept, slices = (inside, slices) if len(inside) else (kept, None)
    numbers = choose(kept, sizes[axis], plane, limited=slices is not None)
    about = {"pixel": sizes[list(axes_of(plane))], "plane": plane}
    shape = grid.shape if view.rank == 3 else [grid.shape[one] for one in axes_of(plane)]
    if grid is own:
        stack = to_stack(image.array, image.affine, plane)
        return [shown(stack[number], shape, **about) for number in numbers]
    canonical = to_stack(image.array, image.affine, "volume")[0]
    cut = [_slice(canonical, own, grid, axis, number, facts.low) for number in numbers]
    return [shown(to_stack(one, grid.affine, plane)[0], shape, **about) for one in cut]


def _slice(canonical, own, grid, axis, number, background):
    """One slice of a volume on another grid, (X, Y, Z) with one voxel along `axis`."""
    affine, shape = grid.affine.copy(), list(grid.shape)
    affine[:3, 3] += number * affine[:3, axis]
    shape[axis] = 1
    return resample(canonical, own, Grid(tuple(shape), affine), background=background)


def grid_seen(image, view):
    """The grid that a volume is brought to before it is cut."""
    own = canonical_grid(image.array.shape, image.affine)
    spacing = None if view.sampling is None else view.sampling.spacing
    return own if spacing is None else spaced_grid(own, spacing)
