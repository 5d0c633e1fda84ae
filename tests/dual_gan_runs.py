"""A finished run of guibas/dual_gan, small enough for a test."""

from unittest import mock

import numpy as np
import runs
from PIL import Image

import gan_mri
from gan_mri.data.sources.built_in import BUILT_IN

#: Four steps on tissues and T1w of six phantoms.
SETTINGS = {
    "image_size": (20, 18),
    "split": (0.5, 0, 0.5),
    "epochs": 1,
    "decay_epoch": 1,
    "steps_per_epoch": 4,
    "batch_size": 2,
    "precision": "float32",
    "strategy": "none",
    # So high that masks vary after four steps.
    "learning_rate": 0.05,
    "filters": 2,
    "levels": 2,
    "dropout": 0.0,
    "discriminator_filters": 2,
    "discriminator_levels": 1,
    "mask_filters": 2,
    "noise": 5,
}


def finished(tmp_path_factory):
    """The folder of one finished run that all tests of a session share; only to be read."""
    folder = tmp_path_factory.getbasetemp() / "dual-gan"
    if not folder.exists():
        with mock.patch.dict(BUILT_IN, phantom=runs.few(6)):
            gan_mri.train("guibas/dual_gan", out=folder, progress=False, **SETTINGS)
    return folder


def picture(folder):
    """A picture of the size of the run's images."""
    path = folder / "picture.png"
    Image.fromarray(np.arange(360, dtype=np.uint16).reshape(20, 18).astype(np.uint8)).save(path)
    return path
