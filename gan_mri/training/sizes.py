"""The sizes of training images that follow from the data."""

from gan_mri.data.files.limits import check_sides
from gan_mri.data.images.geometry import SMALLEST, common_size
from gan_mri.data.splits import SPLITS
from gan_mri.errors import GanMriError


def with_sides(data):
    """Return the data, if every slice, picture or volume has sides of more than one pixel.

    Parameters
    ----------
    data : gan_mri.data.TranslationData

    Raises
    ------
    GanMriError
        Naming the first file that has not.
    """
    for part in SPLITS:
        for samples in getattr(data, part).images.values():
            for stack, _ in samples.files():
                check_sides(stack.path, stack.size, plane=stack.plane)
    return data


def natural_size(data):
    """The size at which nothing is cut or resampled: of every side the largest.

    Parameters
    ----------
    data : gan_mri.data.TranslationData

    Returns
    -------
    tuple of int

    Raises
    ------
    GanMriError
        If the networks' borders need larger images.
    """
    files = [stack.size for samples in data.train.images.values() for stack, _ in samples.files()]
    size = common_size(files)
    if min(size) < SMALLEST:
        raise GanMriError(
            f"{data.record['source']}: expected training images of at least {SMALLEST} pixels "
            f"along every side. Received: {' x '.join(map(str, size))} at most. Give an image size "
            f"of {SMALLEST} or more (--image-size), to which they are enlarged."
        )
    return size
