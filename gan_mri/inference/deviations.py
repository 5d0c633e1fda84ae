"""The name of the file that holds the standard deviation of a translation's samples."""

from gan_mri.data.files.names import VOLUME_SUFFIXES, stem_of, suffix_of


def deviation_path(output):
    """Beside a translation; not every picture format holds floats, and none of them in colour.

    Parameters
    ----------
    output : Path

    Returns
    -------
    Path

    Examples
    --------
    >>> from pathlib import Path
    >>> deviation_path(Path("volume.nii.gz")).name, deviation_path(Path("picture.png")).name
    ('volume_sd.nii.gz', 'picture_sd.npy')
    """
    suffix = suffix_of(output)
    suffix = suffix if suffix in VOLUME_SUFFIXES else ".npy"
    return output.with_name(f"{stem_of(output)}_sd{suffix}")
