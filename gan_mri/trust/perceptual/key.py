"""The files of a study: the key, which says what is what, and the answers of a reader."""

import os
from pathlib import Path
from typing import NamedTuple

from gan_mri.errors import GanMriError
from gan_mri.files import read_json
from gan_mri.schemas import kinds

KEY, FORMAT = "key.json", 1
REAL, SYNTHETIC = "real", "synthetic"

_ID = kinds.matching("[0-9a-f]{8}", "eight hexadecimal digits")
_STUDY = kinds.matching("[0-9a-f]{16}", "sixteen hexadecimal digits")
_KEY = kinds.fields(
    {
        "format": kinds.one_of(FORMAT),
        "study": _STUDY,
        "methods": kinds.list_of(kinds.text, 1),
        "images": kinds.list_of(
            kinds.fields(
                {
                    "image": _ID,
                    "contrast": kinds.text,
                    "method": kinds.maybe(kinds.text),
                    "label": kinds.text,
                }
            ),
            1,
        ),
    }
)
_ANSWERS = kinds.fields(
    {
        "format": kinds.one_of(FORMAT),
        "study": _STUDY,
        "reader": kinds.text,
        "answers": kinds.list_of(
            kinds.fields({"image": _ID, "answer": kinds.one_of(REAL, SYNTHETIC)}), 1
        ),
    }
)


class Image(NamedTuple):
    """An image of a study.

    Attributes
    ----------
    contrast : str
    method : str or None
        None for a real image.
    label : str
    """

    contrast: str
    method: str | None
    label: str


class Key:
    """The key of a study.

    Parameters
    ----------
    folder : str or Path
        That `study make` wrote.

    Attributes
    ----------
    path : Path
    study : str
    methods : list of str
    images : dict of str to Image
        By the name that readers' answers have.

    Raises
    ------
    GanMriError
        If it is missing, or of another structure.
    """

    def __init__(self, folder):
        self.path = Path(folder) / KEY
        content = read_json(self.path)
        kinds.check(content, _KEY, self.path, "the key of a study")
        self.study, self.methods = content["study"], content["methods"]
        self.images = {
            one["image"]: Image(one["contrast"], one["method"], one["label"])
            for one in content["images"]
        }
        strange = {one.method for one in self.images.values()} - {None, *self.methods}
        if strange or len(self.images) < len(content["images"]):
            raise GanMriError(
                f"{self.path}: expected the key of a study. Received one with "
                + (f"the method {strange.pop()!r}, which it does not list." if strange else "")
                + ("" if strange else "two images of one name.")
            )

    @property
    def contrasts(self):
        """In the order of their first image."""
        return list(dict.fromkeys(one.contrast for one in self.images.values()))


class Answers(NamedTuple):
    """What a reader answered.

    Attributes
    ----------
    reader : str
    calls : dict of str to str
        "real" or "synthetic" by image.
    """

    reader: str
    calls: dict


def read_answers(path, key):
    """The answers in a file that the readers' page saved.

    Parameters
    ----------
    path : str or Path
    key : Key
        Of the study that they belong to.

    Returns
    -------
    Answers

    Raises
    ------
    GanMriError
        If they are of another study, incomplete, or no such file.
    """
    content = read_json(path)
    kinds.check(content, _ANSWERS, path, "the answers of a reader, as the page saves them")
    if content["study"] != key.study:
        raise GanMriError(
            f"{path}: expected answers to the study {key.study} of {key.path}. Received answers "
            f"to the study {content['study']}."
        )
    calls = {one["image"]: one["answer"] for one in content["answers"]}
    missing, strange = key.images.keys() - calls.keys(), calls.keys() - key.images.keys()
    if missing or strange or len(calls) < len(content["answers"]):
        what = f"none to {len(missing)} of them" if missing else "one to a strange image"
        what = what if missing or strange else "two to the same image"
        raise GanMriError(
            f"{path}: expected one answer to each of the {len(key.images)} images. Received {what}."
        )
    return Answers(content["reader"], calls)


def folder_of(answers):
    """The study's folder: that of the answers, or one above it, which holds a key.

    Raises
    ------
    GanMriError
        If there is none.
    """
    place = Path(os.path.realpath(answers)).parent
    for folder in (place, *place.parents):
        if (folder / KEY).is_file():
            return folder
    raise GanMriError(
        f"{answers}: expected a study's {KEY} in the same folder or above. Received: none. Name "
        "the study's folder with --study."
    )
