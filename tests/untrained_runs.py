"""Run folders that nothing was trained for, with translators that are plain functions."""

import numpy as np

from gan_mri.data import load
from gan_mri.data.images.geometry import Geometry
from gan_mri.files import write_json
from gan_mri.runs.run import FORMAT, Run


def phantom_data(**options):
    """Six subjects of 24 x 24 pixels, half of them for test."""
    defaults = {"subjects": 6, "image_size": (24, 24), "split": (0.5, 0, 0.5)}
    return load("phantom", **{**defaults, **options})


def write_run(folder, data, *, recipe="welander/cyclegan", image_size=(24, 24), **more):
    """A run folder as far as an evaluation reads it, without models; `more` of its config."""
    folder.mkdir(parents=True)
    config = {
        "format": FORMAT,
        "recipe": recipe,
        "settings": {"epochs": 1},
        "arguments": {"image_size": image_size and list(image_size)},
        "data": data.describe(),
        "geometry": Geometry((24, 24)).to_config(),
        **more,
    }
    write_json(folder / "config.json", config)
    return Run(folder)


def pretend_finished(monkeypatch, translate):
    """Let every run translate with `translate(run, direction, images)`."""
    monkeypatch.setattr(Run, "exported", lambda run, direction: run.folder)

    class Pretended:
        takes_reference = False

        def __init__(self, run, direction):
            self._run, self._direction = run, direction

        def __call__(self, images, references=None):
            assert references is None
            return translate(self._run, self._direction, np.asarray(images))

    monkeypatch.setattr(Run, "translator", lambda run, direction: Pretended(run, direction))
