"""The phantom as a BIDS folder of NIfTI files."""

import json
from pathlib import Path

import nibabel as nib
import numpy as np
from nibabel.orientations import axcodes2ornt, inv_ornt_aff, io_orientation, ornt_transform
from tqdm import tqdm

from gan_mri.errors import GanMriError
from gan_mri.files import replacing_folder

from .subjects import phantom, subject_numbers

#: Left or right, back or front, down or up.
_AXES = ("LR", "PA", "IS")


def phantom_bids(
    folder,
    *,
    subjects=2,
    contrasts=("T1w", "T2w"),
    shape=(64, 64, 64),
    seed=0,
    lesions=False,
    noise=0.02,
    bias_field=0.2,
    orientation="RAS",
):
    """Write volumes of synthetic subjects as a BIDS folder.

    ::

        dataset_description.json
        participants.tsv
        sub-001/anat/sub-001_T1w.nii.gz          float32, one file per contrast
        derivatives/lesions/sub-001/anat/sub-001_label-lesion_mask.nii.gz

    The masks are written when `lesions` is on. CT, FA and PET lie in ``anat/``
    beside the MR contrasts, their name being the suffix, so that every contrast
    is found in the same way. sform and qform say "scanner", units are mm.

    Parameters
    ----------
    folder : path
        Is created; may exist if it is empty. It appears whole or not at all.
    shape : (X, Y, Z)
        Along left-right, back-front, down-up, whatever the orientation.
    orientation : str
        Direction in which the three stored axes grow, such as ``"RAS"`` or
        ``"LAS"``; the affine follows, so that viewers show the same head.
    subjects, contrasts, seed, lesions, noise, bias_field
        As in `phantom`.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    GanMriError
        An argument is not as described, the folder is not empty, or it cannot be written.
    """
    folder = Path(folder)
    if folder.is_dir() and any(folder.iterdir()):
        raise GanMriError(
            f"{folder}: expected an empty folder or none. Received one with files in it."
        )
    if folder.exists() and not folder.is_dir():
        raise GanMriError(f"{folder}: expected a folder to write to. Received a file.")
    if not hasattr(shape, "__len__") or len(shape) != 3:
        raise GanMriError(
            f"shape: expected (X, Y, Z), for a BIDS folder holds volumes. Received: {shape!r}."
        )
    target = _orientation(orientation)
    numbers = subject_numbers(subjects)
    options = dict(
        contrasts=contrasts,
        shape=shape,
        seed=seed,
        lesions=lesions,
        noise=noise,
        bias_field=bias_field,
    )
    with replacing_folder(folder) as work:
        for number in tqdm(numbers, desc=str(folder), unit="subject", disable=None):
            (made,) = phantom([number], **options)
            _write_subject(work, made, target, lesions)
        _write_descriptions(work, numbers, seed, lesions)
    return folder


def _orientation(code):
    letters = code.upper() if isinstance(code, str) else ""
    if len(letters) != 3 or any(sum(letter in pair for letter in letters) != 1 for pair in _AXES):
        raise GanMriError(
            "orientation: expected three letters, one each of L or R, A or P, S or I, such as "
            "'LAS'. "
            f"Received: {code!r}."
        )
    return axcodes2ornt(letters)


def _write_subject(root, made, target, lesions):
    for contrast, volume in made.images.items():
        _save(
            root / made.subject / "anat" / f"{made.subject}_{contrast}.nii.gz",
            volume,
            made.affine,
            target,
        )
    if lesions:
        mask = (
            root
            / "derivatives"
            / "lesions"
            / made.subject
            / "anat"
            / f"{made.subject}_label-lesion_mask.nii.gz"
        )
        _save(mask, made.lesions.astype(np.uint8), made.affine, target)


def _save(path, volume, affine, target):
    change = ornt_transform(io_orientation(affine), target)
    affine = affine @ inv_ornt_aff(change, volume.shape)
    image = nib.Nifti1Image(nib.apply_orientation(volume, change), affine)
    image.set_sform(affine, code="scanner")
    image.set_qform(affine, code="scanner")
    image.header.set_xyzt_units("mm")
    path.parent.mkdir(parents=True, exist_ok=True)
    nib.save(image, path)


def _write_descriptions(root, numbers, seed, lesions):
    text = {"Name": f"gan_mri phantom, seed {seed}", "BIDSVersion": "1.9.0", "DatasetType": "raw"}
    text["GeneratedBy"] = [{"Name": "gan_mri.data.phantom_bids"}]
    _write(root / "dataset_description.json", json.dumps(text, indent=2) + "\n")
    lines = ["participant_id", *(f"sub-{number + 1:03d}" for number in numbers)]
    _write(root / "participants.tsv", "\n".join(lines) + "\n")
    if lesions:
        text |= {
            "Name": f"Lesion masks of the gan_mri phantom, seed {seed}",
            "DatasetType": "derivative",
        }
        _write(
            root / "derivatives" / "lesions" / "dataset_description.json",
            json.dumps(text, indent=2) + "\n",
        )


def _write(path, text):
    path.write_text(text, encoding="utf-8")
