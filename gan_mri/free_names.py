"""Names of files that are taken only if nobody has them, which a rename does not look at."""

import os

from gan_mri.errors import GanMriError


def check_free(path):
    """Refuse a name that somebody has, before the work for it begins.

    Parameters
    ----------
    path : str or Path

    Raises
    ------
    GanMriError
        If `path` exists.
    """
    # os.path: a name that is too long does not exist, rather than being an error.
    if os.path.lexists(path):
        raise GanMriError(f"{path} exists already and is not overwritten. Give another name.")


def put_new(temporary, path):
    """Give a complete file its name.

    Parameters
    ----------
    temporary : Path
        On the same disk; it may stay under this name too.
    path : Path

    Raises
    ------
    GanMriError
        If `path` exists, which is left as it is.
    """
    try:
        os.link(temporary, path)  # fails where the name exists, unlike a rename
    except FileExistsError as error:
        raise _taken(path) from error
    except OSError:  # a file system without links: take the name first
        reserve(path, lambda name: open(name, "xb").close())
        os.replace(temporary, path)


def reserve(path, make=os.mkdir):
    """Take a name, so that an empty folder (or file) has it, on which the true one can be put.

    Parameters
    ----------
    path : Path
    make : callable
        Raises `FileExistsError` where the name exists.

    Raises
    ------
    GanMriError
        If `path` exists, which is left as it is.
    """
    try:
        make(path)
    except FileExistsError as error:
        raise _taken(path) from error
    if os.name == "nt" and os.path.isdir(path):  # Windows puts no folder on another one
        os.rmdir(path)


def _taken(path):
    return GanMriError(
        f"{path} exists already and is not overwritten: it was made while this command worked. "
        "Give another name."
    )
