"""Names of derived files, by BIDS entities."""

import re

from gan_mri.data.files.names import stem_of
from gan_mri.errors import GanMriError

#: Entities in the order in which BIDS (1.10, appendix "Entity table") has them in a name.
_ORDER = (
    *("sub", "ses", "sample", "task", "tracksys", "acq", "nuc", "voi", "ce", "trc", "stain"),
    *("rec", "dir", "run", "mod", "echo", "flip", "inv", "mt", "part", "proc", "hemi", "space"),
    *("split", "recording", "chunk", "seg", "res", "den", "label", "desc"),
)


def derived_name(source, contrast, target, description="synthetic"):
    """The name of an image that was made from another.

    Parameters
    ----------
    source : Path
        Such as `sub-07_ses-1_run-2_T1w.nii.gz`.
    contrast : str
        Of the source: "T1w", or with entities of its own, "ce-gadolinium_T1w".
    target : str
        Of the result, in the same words.
    description : str
        Of the entity `desc`.

    Returns
    -------
    str
        Such as `sub-07_ses-1_run-2_desc-synthetic_T2w.nii.gz`.

    Raises
    ------
    GanMriError
        For a target that BIDS could not write.

    Examples
    --------
    >>> from pathlib import Path
    >>> derived_name(Path("sub-07_ce-gd_run-2_T1w.nii.gz"), "ce-gd_T1w", "FLAIR")
    'sub-07_run-2_desc-synthetic_FLAIR.nii.gz'
    """
    *added, suffix = target.split("_")
    if not re.fullmatch("[0-9A-Za-z]+", suffix) or not all(map(_is_entity, added)):
        raise GanMriError(
            f"the model makes {target!r}: expected a contrast whose name can be the end of a "
            "BIDS name, letters and digits such as T2w or ce-gadolinium_T1w."
        )
    dropped = contrast.split("_")
    kept = [word for word in stem_of(source).split("_")[:-1] if word not in dropped]
    kept = [word for word in kept if not word.startswith("desc-")]
    words = sorted([*kept, *added, f"desc-{description}"], key=_place)
    return "_".join([*words, suffix]) + ".nii.gz"


def deviation_of(image):
    """The path of a derived image's standard deviation.

    >>> from pathlib import Path
    >>> deviation_of(Path("sub-07_desc-synthetic_T2w.nii.gz")).name
    'sub-07_desc-syntheticSD_T2w.nii.gz'
    """
    return image.with_name(image.name.replace("_desc-synthetic_", "_desc-syntheticSD_"))


def _is_entity(word):
    return re.fullmatch("[a-z]+-[0-9A-Za-z+]+", word) is not None


def _place(word):
    name = word.split("-")[0]
    # What BIDS does not know stays before `desc`, in the order that it has.
    return _ORDER.index(name) if name in _ORDER else len(_ORDER) - 1.5
