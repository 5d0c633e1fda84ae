"""How large an image may be, decided before anything is allocated."""

from gan_mri.errors import GanMriError

#: Largest image that is read, in bytes of voxels. A damaged or hostile header
#: can declare anything; no MR volume comes near this.
MAX_BYTES = 8 * 2**30


def check_size(path, shape, itemsize):
    """Refuse an image whose declared size is empty or beyond `MAX_BYTES`.

    Parameters
    ----------
    path : str or Path
        For the message.
    shape : tuple of int
    itemsize : int
        Bytes of one voxel.

    Returns
    -------
    int
        The size in bytes.

    Raises
    ------
    GanMriError
    """
    if any(length < 1 for length in shape):
        raise GanMriError(
            f"{path}: expected an image, received an empty one (shape {tuple(shape)})."
        )
    size = itemsize
    for length in shape:
        size *= int(length)
    if size > MAX_BYTES:
        raise GanMriError(
            f"{path}: expected at most {MAX_BYTES / 2**30:g} GiB of voxels, received a header "
            f"that declares shape {tuple(shape)}, {size / 2**30:.1f} GiB."
        )
    return size
