"""What a model was trained on: the ranges of quantities over its training files, for its card."""

import numpy as np
from nibabel.affines import voxel_sizes

from gan_mri.data.images.planes import axes_of
from gan_mri.trust.checks.looks import enlargement, looks_of_stack
from gan_mri.trust.checks.quantities import AXES, meaningful, measured

#: Volumes, and pictures, of a domain that are looked at, evenly spaced among all: of volumes five
#: slices each.
_VOLUMES, _PICTURES = 24, 60


def trained_on(samples, scaling, geometry, slices=None):
    """The ranges of what is measured on the training files of a domain.

    At most 24 volumes, and five slices of each, or 60 pictures are looked at, always the same
    ones: one to three seconds.

    Parameters
    ----------
    samples : gan_mri.data.samples.Samples
    scaling : gan_mri.data.images.scaling.IntensityScaling
        Of the domain, fitted.
    geometry : gan_mri.data.images.geometry.Geometry
    slices : (int, int), optional
        The range that was asked for.

    Returns
    -------
    dict
        JSON-able: "files", how many were looked at; "slices", as given; "quantities", by name
        (`gan_mri.trust.checks.quantities.QUANTITIES`) the lowest and the highest value.
    """
    stacks = [stack for stack, _ in samples.files()]
    # Of all planes one is enough.
    stacks = [stack for stack in stacks if not stack.names_plane or stack.plane == "axial"]
    most = min(len(stacks), _PICTURES if stacks[0].grid is None else _VOLUMES)
    places = np.linspace(0, len(stacks) - 1, most).round().astype(int)
    values = {}
    for place in places.tolist():
        stack = stacks[place]
        looks = looks_of_stack(stack, scaling, geometry, limited=slices is not None)
        found = measured(looks) | placed(stack.grid, stack.plane, stack.size, geometry)
        for name, value in found.items():
            values.setdefault(name, []).append(value)
    ranges = {
        name: [float(f"{end:.6g}") for end in (min(found), max(found))]
        for name, found in values.items()
    }
    return {
        "files": len(places),
        "slices": None if slices is None else list(slices),
        "quantities": meaningful(ranges),
    }


def placed(grid, plane, size, geometry):
    """What an image's grid says: voxel size, field of view, place; of a picture its size.

    Parameters
    ----------
    grid : gan_mri.data.images.grid.Grid or None
        That the network's slices are cut from; None for a picture.
    plane : str or None
        Of the slices, or "volume".
    size : tuple of int
        Of an image, (H, W) or (X, Y, Z).
    geometry : gan_mri.data.images.geometry.Geometry

    Returns
    -------
    dict of str to float
    """
    if grid is None:
        return {"rows": float(size[0]), "columns": float(size[1])}
    sizes = voxel_sizes(grid.affine)
    middle = grid.affine[:3, :3] @ ((np.array(grid.shape) - 1) / 2) + grid.affine[:3, 3]
    factor, found = enlargement(geometry, size), {}
    for axis, name in enumerate(AXES):
        if axis in axes_of(plane):
            found[f"voxel_{name}"] = float(sizes[axis] / factor)
        else:
            found["slices"] = float(sizes[axis])
        found[f"field_{name}"] = float(sizes[axis] * grid.shape[axis])
        found[f"center_{name}"] = float(middle[axis])
    return found
