"""What an HDF5 file may hold: numbers that lie in the file itself, and no more than it has.

HDF5 knows links to other files, data sets that lie in or are put together from other files, and
filters that are loaded as programs. A header can declare any size, and a reader allocates it.
"""

import h5py
import numpy as np

from gan_mri.data.files.limits import MAX_BYTES

# Those that come with HDF5. Any other is a shared library that HDF5 would look for and load.
_FILTERS = {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32}

# Deflate cannot compress better than 1032 : 1 (https://zlib.net/zlib_tech.html).
_DEFLATE_LIMIT = 1032

_MOST_OBJECTS = 10**6


def check_hdf5(file):
    """Refuse a file that leads out of itself, or declares more than it holds.

    Parameters
    ----------
    file : h5py.File
        Open for reading; nothing but its structure is read.

    Raises
    ------
    ValueError
        Naming the object.
    """
    groups, seen = [file], {_address(file)}
    while groups:
        group = groups.pop()
        for name in group:
            found = own(group, name)
            address = _address(found)
            if address in seen:
                raise ValueError(f"{found.name} is in the file twice")
            seen.add(address)
            if len(seen) > _MOST_OBJECTS:
                raise ValueError(f"more than {_MOST_OBJECTS} objects")
            if isinstance(found, h5py.Group):
                groups.append(found)


def own(group, name, kind=(h5py.Group, h5py.Dataset)):
    """A data set or group that lies in this file, whole.

    Parameters
    ----------
    group : h5py.Group
    name : str
        Of one of its members.
    kind : type
        `h5py.Group` or `h5py.Dataset`.

    Returns
    -------
    h5py.Group or h5py.Dataset

    Raises
    ------
    ValueError
        For a link to another place, another kind, and as `check_dataset`.
    """
    if not isinstance(group.get(name, getlink=True), h5py.HardLink):
        raise ValueError(f"{name} is a link to another place")
    stored = group[name]
    if not isinstance(stored, kind):
        wanted = getattr(kind, "__name__", "group or dataset").lower()
        raise ValueError(f"{name} is no {wanted}")
    if isinstance(stored, h5py.Dataset):
        check_dataset(stored)
    return stored


def check_dataset(dataset):
    """Refuse a data set that lies elsewhere, needs a program to be read, or is mostly declared.

    Parameters
    ----------
    dataset : h5py.Dataset

    Raises
    ------
    ValueError
        For external storage, virtual data sets, foreign filters, anything but numbers and
        texts, more than `gan_mri.data.files.limits.MAX_BYTES`, sizes of which the file does
        not hold the bytes, and stored chunks that are longer than what they should hold.
    """
    name = dataset.name
    if dataset.external or dataset.is_virtual:
        raise ValueError(f"{name} does not lie in the file")
    if dataset.dtype.kind not in "uifbS" and h5py.check_string_dtype(dataset.dtype) is None:
        raise ValueError(f"{name} holds {dataset.dtype}, not numbers")
    filters = _filters(dataset)
    if not filters <= _FILTERS:
        raise ValueError(f"{name} is compressed by filter {min(filters - _FILTERS)}, not by gzip")
    if dataset.shape is None:
        return
    shape, chunks = tuple(map(int, dataset.shape)), dataset.chunks
    size, stored = _product(shape) * dataset.dtype.itemsize, dataset.id.get_storage_size()
    compressed = h5py.h5z.FILTER_DEFLATE in filters
    if size > min(MAX_BYTES, stored * (_DEFLATE_LIMIT if compressed else 1)):
        raise ValueError(f"{name} declares {size} bytes, of which the file holds {stored}")
    if chunks is not None and size:
        if any(part > length for part, length in zip(chunks, shape)):
            raise ValueError(f"{name} has chunks {chunks} for shape {shape}")
        count = _product(-(-length // part) for length, part in zip(shape, chunks))
        # What gzip cannot compress it makes a thousandth longer; a checksum has 4 bytes.
        most = count * (_product(chunks) * dataset.dtype.itemsize * 1.001 + 32)
        if stored > most:
            raise ValueError(f"{name} has {stored} bytes for {size}")


def _filters(dataset):
    created = dataset.id.get_create_plist()
    return {created.get_filter(number)[0] for number in range(created.get_nfilters())}


def _product(lengths):
    return int(np.prod([int(length) for length in lengths], dtype=object))


def _address(found):
    return h5py.h5o.get_info(found.id).addr
