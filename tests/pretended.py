"""Finished runs and evaluations as files and numbers only: nothing is trained or measured."""

import dataclasses
from types import SimpleNamespace

import numpy as np
from PIL import Image

from gan_mri import recipes
from gan_mri.data import load
from gan_mri.data.images.geometry import Geometry
from gan_mri.data.images.view import View
from gan_mri.evaluation.report import Evaluation
from gan_mri.evaluation.ways import ways_of
from gan_mri.files import write_json
from gan_mri.reporting.tables import write_csv_table
from gan_mri.runs.run import FORMAT, Run
from gan_mri.tasks import TWO_DOMAINS
from gan_mri.train import DEFAULTS

SUBJECTS = {"train": ["sub-1", "sub-2"], "validation": [], "test": ["sub-3"]}

#: The two directions of a CycleGAN between T1w and T2w.
WAYS = ways_of(TWO_DOMAINS, {"A": "T1w", "B": "T2w"})


def write_picture(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.zeros((4, 4), np.uint8)).save(path)
    return path


def write_run(
    folder,
    recipe,
    *,
    arguments=None,
    subjects=SUBJECTS,
    source="phantom",
    contrasts=("T1w", "T2w"),
    task=None,
    **settings,
):
    """A run folder with two epochs of ten steps at 2 and at 5 images a second.

    Of the first format; with a `task` of the present one, on volumes of 2 mm.
    """
    settings = {"epochs": 2, **settings}
    domains = TWO_DOMAINS.domains if task is None else task.domains
    counts = {
        part: {**dict.fromkeys(domains, len(who)), "pairs": len(who)}
        for part, who in subjects.items()
    }
    methods = ["volume", *["window"] * (len(domains) - 1)]
    config = {
        "format": 1,
        "recipe": recipe,
        "settings": dataclasses.asdict(recipes.get(recipe, **settings)),
        "arguments": DEFAULTS | {"recipe": recipe, "settings": settings} | (arguments or {}),
        "data": {
            "kind": "phantom",
            "source": source,
            "contrasts": list(contrasts),
            "plane": "axial",
            "slices": [10, 20],
            "paired": recipes.get(recipe, **settings).needs_pairs,
            "channels": 1,
            "scaling": {
                name: {"method": how, "typical": [0.0, 1.0]} for name, how in zip(domains, methods)
            },
            "subjects": subjects,
            "counts": counts,
        },
        "geometry": {"size": [24, 20], "fit": "crop"},
        "precision": "float32",
        "replicas": 2,
        "seed": 7,
        "versions": {"gan_mri": "0.1.0"},
    }
    if task is not None:
        config["geometry"] = {"size": [24, 20, 18], "fit": "crop"}
        view = {"plane": "volume", "spacing": [2.0, 2.0, 0.0], "geometry": config["geometry"]}
        config |= {"format": FORMAT, "task": task.to_config(), "view": view}
    write_json(folder / "config.json", config)
    header = ["epoch", "step", "images_per_second"]
    write_csv_table(folder / "history.csv", header, [[1, 10, 2.0], [2, 20, 5.0]])
    write_json(folder / "held_out.json", {"metrics": {"untrained": {}, "trained": {}}})
    write_picture(folder / "samples" / "epoch-0001.png")
    write_picture(folder / "samples" / "epoch-0002.png")
    for direction in (task or TWO_DOMAINS).directions:
        (folder / "export" / direction.name).mkdir(parents=True)


def row(method, metric, mean, *, direction="A2B", contrast="T2w", sd=0.1, low=None, high=None, n=6):
    """A row of an evaluation's summary."""
    return {
        "method": method,
        "direction": direction,
        "contrast": contrast,
        "metric": metric,
        "mean": mean,
        "sd": sd,
        "low": mean - 0.5 if low is None else low,
        "high": mean + 0.5 if high is None else high,
        "n": n,
    }


def tested(first, second, metric, p, difference=-0.25, *, direction="A2B", contrast="T2w"):
    """A row of an evaluation's tests."""
    return {
        "first": first,
        "second": second,
        "direction": direction,
        "contrast": contrast,
        "metric": metric,
        "n": 6,
        "median_difference": difference,
        "statistic": None if p is None else 1.0,
        "p": p,
        "p_holm": p,
        "why": "3 subjects that differ" if p is None else None,
    }


def evaluation(folder, methods, summary=None, wilcoxon=(), notes=(), sources=None):
    """An `Evaluation` with one figure, and the file by which its folder is known again."""
    if summary is None:
        summary = [row(method, "mae", 0.25 + i) for i, method in enumerate(methods)]
    figures = {"figure2": write_picture(folder / "figure2.png")}
    write_json(folder / "summary.json", {"versions": {"gan_mri": "1", "scikit-image": "1"}})
    conventions = {"mae": "mean absolute error of it all"}
    return Evaluation(
        folder,
        list(methods),
        summary,
        list(wilcoxon),
        figures,
        conventions,
        list(notes),
        sources or {},
    )


def phantom_of(task, contrasts, *, size=(24, 24), subjects=6, **options):
    """Phantom data of the domains of a task, half of the subjects for test."""
    options = {"subjects": subjects, "split": (0.5, 0, 0.5), **options}
    return load("phantom", domains=task.domains, contrasts=contrasts, image_size=size, **options)


def measurable_run(folder, data, task, *, recipe="welander/cyclegan", size=None):
    """A run folder of any task as far as an evaluation reads it, without models.

    `size` is that of images; by default what the data hold is taken as it is.
    """
    shape = data.test[task.domains[0]].shape(0)
    geometry = Geometry(size or shape, "resize" if size else "crop")
    config = {
        "format": FORMAT,
        "recipe": recipe,
        "settings": {"epochs": 1},
        "arguments": {"image_size": list(shape)},
        "task": task.to_config(),
        "data": data.describe(),
        "view": View.of(data, geometry).to_config(),
        "geometry": geometry.to_config(),
    }
    write_json(folder / "config.json", config)
    return Run(folder)


def translate_with(monkeypatch, translate):
    """Let every run be finished, with plain functions in place of its exported models.

    `translate(run, direction, inputs)` makes an array of a dict of arrays, by the names of the
    network's inputs: "image", or the domains of several sources.
    """
    monkeypatch.setattr(Run, "exported", lambda run, direction: run.folder)
    monkeypatch.setattr(Run, "translator", lambda run, way: _Translator(run, way, translate))


class _Translator:
    takes_reference = False

    def __init__(self, run, direction, translate):
        self._run, self._direction, self._translate = run, direction, translate
        self.card = SimpleNamespace(view=run.view, content={})

    def __call__(self, images, references=None):
        assert references is None
        inputs = images if isinstance(images, dict) else {"image": images}
        inputs = {name: np.asarray(batch) for name, batch in inputs.items()}
        return self._translate(self._run, self._direction, inputs)
