"""The prepared file: kept slices in their own dtype, one HDF5 dataset a file.

    /record          JSON: format number, gan_mri version, layout and path of the
                     original files, contrasts, plane, slice range, manifest, scaling
    /stacks/000000   (S, H, W[, 3]), one chunk a slice, gzip with byte shuffle;
                     attributes: domain, subject, entities, path, numbers,
                     statistics, grid_shape and grid_affine (volumes), dropped

Opening reads the attributes only; a slice is decompressed when it is asked for.
"""

import json
from pathlib import Path

import h5py
import numpy as np

from gan_mri.data.collection import Collection
from gan_mri.data.images.foreground import Statistics
from gan_mri.data.images.grid import Grid
from gan_mri.data.images.scaling import IntensityScaling
from gan_mri.data.stacks import Key, Stack
from gan_mri.errors import GanMriError

FORMAT = "gan_mri.prepare"
FORMAT_NUMBER = 1


def is_hdf5(path):
    """True if `path` is a file in HDF5 format."""
    return Path(path).is_file() and bool(h5py.is_hdf5(path))


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
        filters = {"chunks": (1, *stack.array.shape[1:]), "compression": "gzip", "shuffle": True}
    stored = file.create_dataset(f"stacks/{index:06d}", data=stack.array, **filters)
    attributes = stored.attrs
    attributes["domain"] = stack.domain
    attributes["subject"], attributes["entities"] = stack.key
    attributes["path"] = stack.path
    attributes["numbers"] = stack.numbers
    attributes["dropped"] = stack.dropped
    if stack.statistics is not None:
        attributes["statistics"] = np.array(stack.statistics, np.float64)
    if stack.grid is not None:
        attributes["grid_shape"], attributes["grid_affine"] = stack.grid
    return _stack(stored)


def write_record(file, collection, scalings, version):
    """Write what is not in the stacks.

    Parameters
    ----------
    file : h5py.File
    collection : Collection
    scalings : dict
        {"A": IntensityScaling, "B": IntensityScaling}, fitted.
    version : str
        Of gan_mri.
    """
    record = {name: getattr(collection, name) for name in Collection._fields if name != "stacks"}
    record |= {
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
        record = json.loads(file["record"][()]) if "record" in file else {}
    except (OSError, ValueError, TypeError, KeyError) as error:
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
    if found[1] != FORMAT_NUMBER:
        file.close()
        raise GanMriError(
            f"{path}: expected format {FORMAT_NUMBER} of gan_mri.prepare, received format "
            f"{found[1]}, written by "
            f"gan_mri {record.get('gan_mri')}. Prepare the data again with this version."
        )
    try:
        stacks = [_stack(stored) for stored in file["stacks"].values()]
        scalings = {
            name: IntensityScaling.from_config(config) for name, config in record["scaling"].items()
        }
        fields = {name: record[name] for name in Collection._fields if name != "stacks"}
        unknown = [
            stack.key.subject for stack in stacks if stack.key.subject not in fields["manifest"]
        ]
        if unknown or not stacks:
            raise KeyError(
                f"subjects in the manifest: {sorted(fields['manifest'])}, without one: {unknown}"
            )
    except (OSError, KeyError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        raise GanMriError(
            f"{path}: expected a complete file from gan_mri.prepare, received a damaged one "
            f"({error})."
        ) from error
    slices = None if fields["slices"] is None else tuple(fields["slices"])
    return Collection(
        **fields | {"contrasts": tuple(fields["contrasts"]), "slices": slices}, stacks=stacks
    ), scalings


def _stack(stored):
    attributes = stored.attrs
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
    )
