"""The prepared file: kept slices, or volumes, in their own dtype, one HDF5 dataset a file.

    /record          JSON: format number, gan_mri version, layout and path of the original
                     files, domains, contrasts, sampling (plane, spacing), slice range,
                     alignment, manifest, neighbours, scaling
    /stacks/000000   (M, H, W[, 3]), one chunk a slice, or (1, X, Y, Z[, 3]) in chunks of up to
                     64 voxels a side, gzip with byte shuffle; attributes: domain, subject,
                     entities, path, numbers, statistics, grid_shape and grid_affine
                     (volumes), dropped, plane, names_plane, held (where the slices
                     have neighbours)

Opening reads the attributes only; a slice is decompressed when it is asked for. Files of
format 1 (two domains, slices of one plane) open too.
"""

import json
import os

import h5py
import numpy as np

from gan_mri.data.collection import Collection
from gan_mri.data.files.hdf5_checks import own
from gan_mri.data.files.limits import check_size
from gan_mri.data.images.foreground import Statistics
from gan_mri.data.images.grid import Grid
from gan_mri.data.images.neighbours import around
from gan_mri.data.images.planes import PLANES
from gan_mri.data.images.sampling import Sampling
from gan_mri.data.images.scaling import IntensityScaling
from gan_mri.data.sources.hdf5_schema import RECORD
from gan_mri.data.sources.hdf5_schema import attributes as check_attributes
from gan_mri.data.stacks import Key, Stack
from gan_mri.errors import GanMriError
from gan_mri.schemas.kinds import Unfit
from gan_mri.schemas.nesting import check_nesting

FORMAT = "gan_mri.prepare"
FORMAT_NUMBER = 2

# Voxels along each side of a chunk of a volume: a random patch touches few of them.
_CHUNK = 64


def is_hdf5(path):
    """True if `path` is a file in HDF5 format."""
    return os.path.isfile(path) and bool(h5py.is_hdf5(path))


def write_stack(file, stack, index):
    """Append one stack to an open file; return it as it will be read back.

    Parameters
    ----------
    file : h5py.File
    stack : Stack
    index : int
        Position, names the dataset.

    Returns
    -------
    Stack
        Whose array is the h5py dataset.
    """
    filters = {}
    if len(stack.numbers):
        largest = _CHUNK if stack.rank == 3 else max(stack.size)
        sides = [min(largest, length) for length in stack.size]
        chunks = (1, *sides, *stack.array.shape[1 + stack.rank :])
        filters = {"chunks": chunks, "compression": "gzip", "shuffle": True}
    stored = file.create_dataset(f"stacks/{index:06d}", data=stack.array, **filters)
    attributes = stored.attrs
    attributes["domain"] = stack.domain
    attributes["subject"], attributes["entities"] = stack.key
    attributes["path"] = stack.path
    attributes["numbers"] = stack.numbers
    attributes["dropped"] = stack.dropped
    attributes["names_plane"] = stack.names_plane
    if stack.held is not None:
        attributes["held"] = stack.held
    if stack.plane is not None:
        attributes["plane"] = stack.plane
    if stack.statistics is not None:
        attributes["statistics"] = np.array(stack.statistics, np.float64)
    if stack.grid is not None:
        attributes["grid_shape"], attributes["grid_affine"] = stack.grid
    return _stack(stored, stack.plane)


def write_record(file, collection, scalings, version):
    """Write what is not in the stacks.

    Parameters
    ----------
    file : h5py.File
    collection : Collection
    scalings : dict
        `IntensityScaling` by domain, fitted.
    version : str
        Of gan_mri.
    """
    record = {name: getattr(collection, name) for name in Collection._fields if name != "stacks"}
    sampling = collection.sampling
    record |= {
        "sampling": sampling and sampling.to_config(),
        "format": FORMAT,
        "format_number": FORMAT_NUMBER,
        "gan_mri": version,
        "scaling": {name: scaling.to_config() for name, scaling in scalings.items()},
    }
    # A dataset, not an attribute: HDF5 limits attributes to 64 KiB, less than a large manifest.
    file.create_dataset("record", data=json.dumps(record))


def read_collection(path):
    """Open a prepared file.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    (Collection, dict)
        The stacks' arrays are h5py datasets, open as long as they are in use;
        the dict holds the stored scalings.

    Raises
    ------
    GanMriError
        Not HDF5, damaged, not ours, or of another format number.
    """
    try:
        # Every chunk is one slice, read once per epoch: a chunk cache per dataset would only hold
        # memory.
        file = h5py.File(path, "r", rdcc_nbytes=0)
        record = json.loads(_text(file)) if "record" in file else {}
        check_nesting([record])
    # RuntimeError: h5py, on a damaged table of names; a RecursionError is one too.
    except (OSError, ValueError, TypeError, KeyError, RuntimeError) as error:
        raise GanMriError(
            f"{path}: expected an HDF5 file from gan_mri.prepare, could not read it ({error})."
        ) from error
    found = (
        (record.get("format"), record.get("format_number"))
        if isinstance(record, dict)
        else (None, None)
    )
    if found[0] != FORMAT:
        file.close()
        raise GanMriError(
            f"{path}: expected an HDF5 file from gan_mri.prepare, received one that it did not "
            "write."
        )
    if found[1] not in (1, FORMAT_NUMBER):
        file.close()
        raise GanMriError(
            f"{path}: expected format {FORMAT_NUMBER} of gan_mri.prepare, received format "
            f"{found[1]}, written by "
            f"gan_mri {record.get('gan_mri')}. Prepare the data again with this version."
        )
    try:
        record = {"neighbours": 0} | _upgraded(record)
        RECORD(record, ("record",))
        group = own(file, "stacks", h5py.Group)
        plane = record["sampling"] and record["sampling"]["plane"]
        stacks = [_stack(own(group, name, h5py.Dataset), plane) for name in group]
        scalings = {
            name: IntensityScaling.from_config(record["scaling"][name])
            for name in record["domains"]
        }
        fields = {name: record[name] for name in Collection._fields if name != "stacks"}
        sampling = record["sampling"] and Sampling.from_config(record["sampling"])
        for stack in stacks:
            _check_array(stack, record["neighbours"])
        _check_belongs(stacks, record)
    except (OSError, KeyError, ValueError, RuntimeError, Unfit) as error:
        file.close()
        raise GanMriError(
            f"{path}: expected a complete file from gan_mri.prepare, received a damaged one "
            f"({error})."
        ) from error
    fields |= {
        "domains": tuple(fields["domains"]),
        "contrasts": tuple(fields["contrasts"]),
        "slices": None if fields["slices"] is None else tuple(fields["slices"]),
        "sampling": sampling,
    }
    return Collection(**fields, stacks=stacks), scalings


def _upgraded(record):
    """The record of an older format in today's words."""
    if record["format_number"] == FORMAT_NUMBER:
        return record
    plane = record.get("plane")
    sampling = None if plane is None else {"plane": plane, "spacing": None}
    return record | {"domains": ["A", "B"], "align": "none", "sampling": sampling}


def _text(file):
    """The record, which is one string."""
    stored = own(file, "record", h5py.Dataset)
    if stored.shape != ():
        raise ValueError("record is no text")
    return stored[()]


def _check_belongs(stacks, record):
    """Refuse stacks of subjects or domains that the record does not know."""
    known = record["manifest"]
    unknown = [stack.key.subject for stack in stacks if stack.key.subject not in known]
    if unknown or not stacks:
        raise ValueError(f"subjects in the manifest: {sorted(known)}, without one: {unknown}")
    strange = {stack.domain for stack in stacks} - set(record["domains"])
    if strange or len(record["contrasts"]) != len(record["domains"]):
        raise ValueError(
            f"domains: {record['domains']} of {record['contrasts']}; others: {sorted(strange)}"
        )


def _stack(stored, plane):
    attributes = stored.attrs
    check_attributes(attributes, (stored.name,))
    grid = statistics = None
    if "grid_shape" in attributes:
        grid = Grid(
            tuple(int(length) for length in attributes["grid_shape"]), attributes["grid_affine"]
        )
    if "statistics" in attributes:
        statistics = Statistics(*(float(value) for value in attributes["statistics"]))
    return Stack(
        domain=attributes["domain"],
        key=Key(attributes["subject"], attributes["entities"]),
        path=attributes["path"],
        array=stored,
        numbers=attributes["numbers"],
        statistics=statistics,
        grid=grid,
        dropped=int(attributes["dropped"]),
        plane=None if grid is None else str(attributes.get("plane", plane)),
        names_plane=bool(attributes.get("names_plane", False)),
        held=attributes.get("held"),
    )


def _check_array(stack, neighbours):
    """Refuse what no sample can be read from; sizes before anything of that size is allocated."""
    name, shape, dtype = stack.array.name, stack.array.shape, stack.array.dtype
    if dtype.kind not in "uif":
        raise ValueError(f"{name} holds {dtype}, not numbers")
    channels = shape[1 + stack.rank :]
    held = stack.numbers if stack.held is None else stack.held
    if len(shape) < 1 + stack.rank or channels not in ((), (3,)) or shape[0] != len(held):
        raise ValueError(f"{name} has shape {shape} for {len(held)} samples")
    if neighbours or stack.held is not None:
        _check_held(stack, name, neighbours)
    if len(stack.numbers):
        check_size(stack.path, shape[1:], dtype.itemsize)


def _check_held(stack, name, neighbours):
    """Refuse slices whose neighbours are not there."""
    if not stack.is_sliced or stack.held is None:
        raise ValueError(f"{name} has no neighbours")
    count = stack.grid.shape[PLANES[stack.plane]]
    ascends = np.all(np.diff(stack.held) > 0)
    if not ascends or not np.isin(around(stack.numbers, neighbours, count), stack.held).all():
        raise ValueError(f"{name} lacks neighbours of its slices")
