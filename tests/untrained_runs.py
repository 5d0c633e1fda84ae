"""Run folders that nothing was trained for, with translators that are plain functions."""

import numpy as np

from gan_mri.data import load
from gan_mri.data.geometry import Geometry
from gan_mri.files import write_json
from gan_mri.run import FORMAT, Run


def phantom_data(**options):
    """Six subjects of 24 x 24 pixels, half of them for test."""
    defaults = {"phantom_subjects": 6, "image_size": (24, 24), "split": (0.5, 0, 0.5)}
    return load("phantom", **{**defaults, **options})


def write_run(folder, data, *, recipe="welander/cyclegan", image_size=(24, 24)):
    """A run folder as far as an evaluation reads it, without models."""
    folder.mkdir(parents=True)
    config = {
        "format": FORMAT,
        "recipe": recipe,
        "settings": {},
        "arguments": {"image_size": image_size and list(image_size)},
        "data": data.describe(),
        "geometry": Geometry((24, 24)).to_config(),
    }
    write_json(folder / "config.json", config)
    return Run(folder)


def pretend_finished(monkeypatch, translate):
    """Let every run translate with `translate(run, direction, images)`."""
    monkeypatch.setattr(Run, "exported", lambda run, direction: run.folder)
    monkeypatch.setattr(
        Run,
        "translator",
        lambda run, direction: lambda images: translate(run, direction, np.asarray(images)),
    )
