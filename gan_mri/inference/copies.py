"""Copies of exported models: of the files that such a model has, and of nothing else."""

import os
import shutil

from gan_mri.errors import GanMriError
from gan_mri.inference.card import CARD
from gan_mri.inference.known_translation import PATH
from gan_mri.inference.operations import check_operations

_FILES = ("saved_model.pb", "fingerprint.pb", str(CARD), str(PATH))


def copy_exported(source, target):
    """Copy an exported model.

    Parameters
    ----------
    source : Path
        Checked by `gan_mri.inference.operations`: a copy is given to others.
    target : Path
        An empty folder.

    Raises
    ------
    GanMriError
        For a graph that does more than compute, and for links: what they lead to is no part of
        the model, and would be given away with it.
    """
    check_operations(source)
    weights = sorted((source / "variables").glob("variables.*"))
    for path in [*(source / name for name in _FILES), *weights]:
        inside = path.relative_to(source)
        parts = [source.joinpath(*inside.parts[: n + 1]) for n in range(len(inside.parts))]
        if any(map(os.path.islink, parts)):
            raise GanMriError(
                f"{path}: expected a file of the model. Received a link to "
                f"{os.path.realpath(path)}, which would be given away with it."
            )
        if path.is_file():
            (target / inside).parent.mkdir(exist_ok=True)
            shutil.copyfile(path, target / inside)
