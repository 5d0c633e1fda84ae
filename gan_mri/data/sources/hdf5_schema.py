"""What the record and the attributes of a prepared file must be."""

import numpy as np

from gan_mri.data.images.planes import PLANE_CHOICES
from gan_mri.schemas.kinds import (
    by_name,
    fields,
    flag,
    list_of,
    maybe,
    name,
    number,
    one_of,
    text,
    whole,
)
from gan_mri.schemas.parts import ALIGN, NEIGHBOURS, SAMPLING, SCALING

#: Of `gan_mri.data.sources.hdf5.write_record`, in today's words.
RECORD = fields(
    {
        "domains": list_of(name, 1),
        "contrasts": list_of(name, 1),
        "scaling": by_name(SCALING),
        "kind": text,
        "source": text,
        "sampling": maybe(SAMPLING),
        "slices": maybe(list_of(whole(-(2**31), 2**31), 2, 2)),
        "manifest": by_name(one_of("train", "validation", "test"), key=name),
        "align": ALIGN,
        "neighbours": NEIGHBOURS,
    }
)

_INDEX = whole(0, 2**31)

_ATTRIBUTES = fields(
    {
        "domain": name,
        "subject": name,
        "entities": text,
        "path": text,
        "numbers": list_of(_INDEX),
        "dropped": _INDEX,
    },
    {
        "names_plane": flag,
        "held": list_of(_INDEX),
        "plane": one_of(*PLANE_CHOICES),
        "statistics": list_of(number(), 5, 5),
        "grid_shape": list_of(whole(1, 2**20), 3, 3),
        "grid_affine": list_of(list_of(number(), 4, 4), 4, 4),
    },
)


def attributes(stored, place):
    """The kind of the attributes of a stack.

    Parameters
    ----------
    stored : h5py.AttributeManager
    place : tuple of str
    """
    found = {word: stored[word] for word in stored}
    _ATTRIBUTES({word: _plain(value) for word, value in found.items()}, place)


def _plain(value):
    """What HDF5 gives as JSON would have it."""
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value
