"""The folder of derivatives: whose it is, and what stands beside every file."""

import hashlib
import os
from pathlib import Path

import numpy as np

import gan_mri
from gan_mri.data.files.names import stem_of
from gan_mri.data.images.foreground import foreground_mask, statistics
from gan_mri.errors import GanMriError
from gan_mri.files import read_json, replacing, write_json
from gan_mri.schemas.kinds import anything, check, fields, list_of

BIDS_VERSION = "1.9.0"
_DESCRIPTION = fields({}, {"GeneratedBy": list_of(anything)})
# mm^3 of foreground.
_LARGEST_BRAIN = 1.9e6
#: Name of the source data set in BIDS URIs.
RAW = "raw"

_README = """Synthetic MR images
===================

Made by gan_mri: images of one contrast, translated from others by a trained network. They show
what images of the contrast usually look like. A network can remove a lesion, or invent one:
they are not for diagnosis.

Every image has a JSON file beside it with its sources, the model and its checksum; every subject
a page (sub-*.html) with planes of the source and of the result.
"""


def open_dataset(folder, source):
    """Make the folder of derivatives, or go on in one that was made here.

    Parameters
    ----------
    folder : Path
    source : Path
        The BIDS folder that the images are from.

    Raises
    ------
    GanMriError
        For a folder of somebody else.
    """
    path = folder / "dataset_description.json"
    if folder.resolve() == source.resolve():
        raise GanMriError(f"{folder}: expected a folder beside the source data. Received the same.")
    if path.exists():
        facts = read_json(path)
        check(facts, _DESCRIPTION, path, "the description of a BIDS data set")
        names = [one.get("Name") for one in facts.get("GeneratedBy", ())]
        if "gan_mri" not in names:
            raise GanMriError(
                f"{folder}: expected an empty folder, or one that gan_mri made. Received the data "
                f"set of {', '.join(map(str, names)) or 'somebody else'}."
            )
    elif folder.exists() and any(folder.iterdir()):
        raise GanMriError(
            f"{folder}: expected an empty folder, or one that gan_mri made. Received one with "
            "files and without a dataset_description.json."
        )
    maker = {"Name": "gan_mri", "Version": gan_mri.__version__}
    maker["Description"] = "Synthetic images by generative adversarial networks"
    link = os.path.relpath(source.resolve(), folder.resolve())
    write_json(
        path,
        {
            "Name": "gan_mri - synthetic images",
            "BIDSVersion": BIDS_VERSION,
            "DatasetType": "derivative",
            "GeneratedBy": [maker],
            "SourceDatasets": [{"URL": link}],
            "DatasetLinks": {RAW: link},
        },
    )
    for name, text in (("README", _README), (".bidsignore", "*.html\n")):
        with replacing(folder / name) as temporary:
            temporary.write_text(text, encoding="utf-8")


def checksum(folder):
    """SHA-256 of an exported model: of the names and contents of all its files.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    str
    """
    total = hashlib.sha256()
    for path in sorted(path for path in Path(folder).rglob("*") if path.is_file()):
        total.update(path.relative_to(folder).as_posix().encode() + b"\0")
        with open(path, "rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()


def facts_of_model(translator):
    """What a sidecar says of the model.

    Parameters
    ----------
    translator : gan_mri.inference.translator.Translator

    Returns
    -------
    dict
    """
    content = translator.card.content
    return {
        "Recipe": content.get("recipe"),
        "Direction": translator.card.direction.name,
        "Step": content.get("step"),
        "SHA256": checksum(translator.path),
    }


def sidecar_path(image):
    """The JSON file beside an image."""
    return image.with_name(image.name.removesuffix(".nii.gz") + ".json")


def is_skull_stripped(image, path):
    """Whether a volume shows a brain alone, which BIDS wants to be said of every derivative.

    The JSON file beside the image says it, or else the volume of its foreground does: of
    brains that were looked at it is 1.1 to 1.6 litres, of heads 2.2 to 2.5; 1.9 divides them.

    Parameters
    ----------
    image : gan_mri.data.files.image_file.ImageFile
    path : Path
        Of the image.

    Returns
    -------
    bool
    """
    beside = path.with_name(stem_of(path) + ".json")
    said = read_json(beside).get("SkullStripped") if beside.exists() else None
    if isinstance(said, bool):
        return said
    facts = statistics(image.array, channels=image.channels)
    if facts is None:
        return False
    voxels = foreground_mask(image.array, facts.threshold, channels=image.channels).sum()
    return bool(voxels * abs(np.linalg.det(image.affine[:3, :3])) < _LARGEST_BRAIN)


def uri(path, source):
    """The BIDS URI of a file of the source data."""
    return f"bids:{RAW}:{path.relative_to(source).as_posix()}"
