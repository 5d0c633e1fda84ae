"""Finished runs and evaluations as files and numbers only: nothing is trained or measured."""

import dataclasses

import numpy as np
from PIL import Image

from gan_mri import recipes
from gan_mri.evaluation.report import Evaluation
from gan_mri.files import write_json
from gan_mri.reporting.tables import write_csv_table
from gan_mri.train import DEFAULTS

SUBJECTS = {"train": ["sub-1", "sub-2"], "validation": [], "test": ["sub-3"]}


def write_picture(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.zeros((4, 4), np.uint8)).save(path)
    return path


def write_run(folder, recipe, *, arguments=None, subjects=SUBJECTS, source="phantom", **settings):
    """A run folder with two epochs of ten steps at 2 and at 5 images a second."""
    settings = {"epochs": 2, **settings}
    counts = {
        part: {"A": len(who), "B": len(who), "pairs": len(who)} for part, who in subjects.items()
    }
    config = {
        "format": 1,
        "recipe": recipe,
        "settings": dataclasses.asdict(recipes.get(recipe, **settings)),
        "arguments": DEFAULTS | {"recipe": recipe, "settings": settings} | (arguments or {}),
        "data": {
            "kind": "phantom",
            "source": source,
            "contrasts": ["T1w", "T2w"],
            "plane": "axial",
            "slices": [10, 20],
            "paired": recipes.get(recipe, **settings).needs_pairs,
            "scaling": {"A": {"method": "volume"}, "B": {"method": "window"}},
            "subjects": subjects,
            "counts": counts,
        },
        "geometry": {"size": [24, 20], "fit": "crop"},
        "precision": "float32",
        "replicas": 2,
        "seed": 7,
        "versions": {"gan_mri": "0.1.0"},
    }
    write_json(folder / "config.json", config)
    header = ["epoch", "step", "images_per_second"]
    write_csv_table(folder / "history.csv", header, [[1, 10, 2.0], [2, 20, 5.0]])
    write_json(folder / "held_out.json", {"metrics": {"untrained": {}, "trained": {}}})
    write_picture(folder / "samples" / "epoch-0001.png")
    write_picture(folder / "samples" / "epoch-0002.png")
    for direction in ("A2B", "B2A"):
        (folder / "export" / direction).mkdir(parents=True)


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


def evaluation(folder, methods, summary=None, wilcoxon=(), notes=()):
    """An `Evaluation` with one figure."""
    if summary is None:
        summary = [row(method, "mae", 0.25 + i) for i, method in enumerate(methods)]
    figures = {"figure2": write_picture(folder / "figure2.png")}
    conventions = {"mae": "mean absolute error of it all"}
    return Evaluation(
        folder, list(methods), summary, list(wilcoxon), figures, conventions, list(notes)
    )
