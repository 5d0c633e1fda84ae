"""Copies of exported models: of the files that such a model has, and of nothing else."""

import os
import shutil

from gan_mri.errors import GanMriError
from gan_mri.inference.card import CARD
from gan_mri.inference.export import export_translator
from gan_mri.inference.known_translation import PATH
from gan_mri.inference.operations import check_operations
from gan_mri.inference.packed import is_packed
from gan_mri.inference.translator import Translator

_FILES = ("saved_model.pb", "fingerprint.pb", str(CARD), str(PATH))


def copy_exported(source, target):
    """Copy an exported model; of a packed one, which has no graph, one is made.

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
    if is_packed(source):
        packed = Translator(source)
        export_translator(packed.network, target / "model", packed.card.content)
        for path in (target / "model").iterdir():
            path.rename(target / path.name)
        (target / "model").rmdir()
        return
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
