"""What translating a volume takes beside the network, asked before its voxels are read."""

import math
import os

from gan_mri.data.files.limits import check_memory
from gan_mri.data.files.names import VOLUME_SUFFIXES, suffix_of
from gan_mri.data.files.nifti import declared
from gan_mri.data.images.grid import canonical_grid
from gan_mri.data.images.resampling import spaced_grid

_FLOAT32 = 4


def volume_bytes(path, sampling, *, samples=0):
    """Bytes of the arrays that a translation holds at its most, by a volume's header.

    The volume, and either a copy of it, of which percentiles are taken, or the translation (of
    several planes each, of samples the deviation too) and the numbers that are written.

    Parameters
    ----------
    path : Path
        NIfTI.
    sampling : gan_mri.data.images.sampling.Sampling
    samples : int

    Returns
    -------
    (int, int)
        Of the volume, which every source has, and of the rest, at its most.

    Raises
    ------
    GanMriError
        No NIfTI volume.
    """
    shape, dtype, affine = declared(path)
    own = canonical_grid(shape, affine)
    grid = own if sampling.spacing is None else spaced_grid(own, sampling.spacing)
    channels, voxels = math.prod(shape[3:]), math.prod(shape)
    volume = dtype.itemsize * voxels
    made = _FLOAT32 * channels * math.prod(grid.shape)
    made *= len(sampling.planes) * (2 if samples else 1)
    # Brought to another grid there are two of the volume, and two of what was made.
    resampled = 0 if grid is own else _FLOAT32 * channels * math.prod(grid.shape)
    back = 0 if grid is own else _FLOAT32 * voxels
    return volume + resampled, max(volume, made + back + _FLOAT32 * voxels)


def check_volumes(paths, sampling, *, samples=0):
    """Refuse volumes that cannot be translated in the memory there is.

    Parameters
    ----------
    paths : sequence of Path
        The sources of one translation; pictures among them pass.
    sampling, samples
        As `volume_bytes` takes them.

    Raises
    ------
    GanMriError
        Saying how much is needed and how much there is.
    """
    volumes = [
        path for path in paths if suffix_of(path) in VOLUME_SUFFIXES and os.path.isfile(path)
    ]
    sizes = [volume_bytes(path, sampling, samples=samples) for path in volumes]
    if not sizes:
        return
    held, most = zip(*sizes)
    size = " x ".join(map(str, declared(volumes[0])[0]))
    check_memory(volumes[0], sum(held) + max(most), why=f"translating {size} voxels")
