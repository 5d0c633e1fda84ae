"""Names of image files: which suffixes there are, and what is left without one."""

from pathlib import Path

VOLUME_SUFFIXES = (".nii.gz", ".nii")
PICTURE_SUFFIXES = (".png", ".tif", ".tiff", ".jpg", ".jpeg", ".npy")
SUFFIXES = VOLUME_SUFFIXES + PICTURE_SUFFIXES


def suffix_of(path):
    """The image suffix of `path` in lower case (".nii.gz" as one), "" if it is none of ours."""
    name = Path(path).name.lower()
    return next((suffix for suffix in SUFFIXES if name.endswith(suffix)), "")


def stem_of(path):
    """The file name without its image suffix: "sub-01_T1w" for "sub-01_T1w.nii.gz"."""
    name = Path(path).name
    return name[: len(name) - len(suffix_of(path))]
