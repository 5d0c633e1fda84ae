"""Images that are lines: refused before anything is done with a data set."""

from gan_mri.data.files.limits import check_sides


def check_sides_of(split):
    """Refuse a part of a data set in which an image has fewer than two sides of 2 or more.

    Parameters
    ----------
    split : gan_mri.data.samples.Split

    Raises
    ------
    GanMriError
        Naming the first such file.
    """
    for samples in split.images.values():
        for stack, _ in samples.files():
            check_sides(stack.path, stack.size, plane=stack.plane)
