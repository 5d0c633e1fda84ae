"""Images written as the file they came from was: same grid, same kind, restored range."""

from pathlib import Path

import nibabel as nib
import numpy as np
from PIL import Image

from gan_mri.data.files.names import VOLUME_SUFFIXES, stem_of, suffix_of
from gan_mri.data.files.pixel_types import (
    as_type,
    check_window,
    picture_suffixes,
    picture_type,
    volume_type,
)
from gan_mri.errors import GanMriError
from gan_mri.files import replacing

#: Pixel formats that keep every value; a JPEG comes back as a PNG.
WRITTEN_SUFFIXES = {".jpg": ".png", ".jpeg": ".png"}


def write_like(path, array, image, window):
    """Write intensities on the grid of the image they were made from.

    Parameters
    ----------
    path : str or Path
        With a suffix that can hold the window (`check_suffix`). Must not exist.
    array : ndarray, float32
        In the shape and orientation of `image.array`.
    image : gan_mri.data.files.image_file.ImageFile
        Gives a volume its affine, sform and qform with their codes and units.
    window : (float, float)
        Range of the intensities. It decides the type of the numbers, see
        `gan_mri.data.files.pixel_types`: the source's own type is another
        contrast's. An image of floats stays one where the format has floats.

    Raises
    ------
    GanMriError
        A suffix that cannot hold the window, a NaN or an infinity, a file that
        exists, or a place that cannot be written to.
    """
    check_suffix(path, image, window)
    if not np.isfinite(array).all():
        raise GanMriError(
            f"{path}: expected finite intensities to write, received NaN or infinity."
        )
    array = as_type(array, _type(path, image, window))
    with replacing(path, new=True) as temporary:
        if image.is_volume:
            _write_volume(temporary, array, image)
        elif suffix_of(path) == ".npy":
            np.save(temporary, array, allow_pickle=False)
        else:
            Image.fromarray(array).save(temporary)


def name_of_output(source, window=None, *, channels=1):
    """The name of a translated file: that of its source, in a format that loses nothing.

    Parameters
    ----------
    source : str or Path
        The file that is translated.
    window : (float, float), optional
        Range of the intensities that will be written. A suffix that cannot
        hold it gives way to the first that can, of .png, .tif and .npy;
        without a window, only JPEG gives way.
    channels : {1, 3}

    Returns
    -------
    str

    Examples
    --------
    >>> name_of_output("in/a.jpg"), name_of_output("in/a.png", (-1000, 2000))
    ('a.png', 'a.tif')
    """
    suffix = suffix_of(source)
    suffix = WRITTEN_SUFFIXES.get(suffix, suffix)
    if window is not None and suffix not in VOLUME_SUFFIXES:
        suffixes = picture_suffixes(check_window(window), channels)
        suffix = suffix if suffix in suffixes else suffixes[0]
    return stem_of(source) + suffix


def names_of_outputs(sources, window, *, channels=1):
    """The names of several translated files of one folder, see `name_of_output`.

    Parameters
    ----------
    sources : list of Path

    Returns
    -------
    list of str

    Raises
    ------
    GanMriError
        Two files would be written under one name.
    """
    names = [name_of_output(source, window, channels=channels) for source in sources]
    first = {}
    for name, source in zip(names, sources):
        other = first.setdefault(name, source)
        if other is not source:
            raise GanMriError(
                f"{other} and {source} would both be written as {name}. Rename one of them."
            )
    return names


def check_suffix(path, image, window):
    """Refuse an output name whose format cannot hold the intensities.

    Parameters
    ----------
    path : str or Path
    image : gan_mri.data.files.image_file.ImageFile
        What will be translated: a volume or a picture, grey or in colour.
    window : (float, float)
        Range of the intensities that will be written.

    Raises
    ------
    GanMriError
        Naming the suffixes that can.
    """
    low, high = check_window(window)
    if image.is_volume:
        expected, why = VOLUME_SUFFIXES, f"as {Path(image.path).name} asks for"
        if volume_type((low, high), image.channels) is None:
            raise GanMriError(
                f"{path}: expected intensities from 0 to 255 for a volume of colours, of which "
                f"NIfTI holds 8 bits. Received: {low:g} to {high:g}."
            )
    else:
        kind = "grey" if image.channels == 1 else "colour"
        expected = picture_suffixes((low, high), image.channels)
        why = (
            f"as {Path(image.path).name} asks for, which becomes a picture in {kind} with "
            f"intensities from {low:g} to {high:g}"
        )
    if suffix_of(path) not in expected:
        raise GanMriError(
            f"{path}: expected a name that ends in {' or '.join(expected)}, {why}. "
            f"Received: {Path(path).name!r}."
        )


def _type(path, image, window):
    window, floats = check_window(window), image.array.dtype.kind == "f"
    if image.is_volume:
        return volume_type(window, image.channels, floats=floats)
    return picture_type(suffix_of(path), window, image.channels, floats=floats)


def _write_volume(path, array, image):
    header = image.header.copy()
    kind = nib.Nifti2Image if isinstance(header, nib.Nifti2Header) else nib.Nifti1Image
    if image.channels == 3:
        colors = [("R", "u1"), ("G", "u1"), ("B", "u1")]
        array = np.ascontiguousarray(array).view(colors)[..., 0]
    header.set_data_dtype(array.dtype)
    header.set_data_shape(array.shape)
    # What described the intensities of the source does not describe these.
    header.set_slope_inter(1, 0)
    header["cal_min"] = header["cal_max"] = 0
    header["descrip"] = b"translated by gan_mri: synthetic, not for diagnosis"
    nib.save(kind(array, image.affine, header), path)
