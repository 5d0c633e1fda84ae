"""A run that sees neighbouring slices beside one that does not: the same images for both."""

import dataclasses

import numpy as np
import pytest
from data_samples import write_bids
from pretended import measurable_run, translate_with

import gan_mri
from gan_mri.data import load
from gan_mri.tasks import Task

PLAIN = Task.between("A", "B", paired=True, both_ways=False)
BESIDE = dataclasses.replace(PLAIN, neighbours=2)


@pytest.fixture
def runs(tmp_path):
    folder = write_bids(tmp_path / "bids", shape=(20, 22, 8))
    options = {"contrasts": ("T1w", "T2w"), "split": (0.4, 0, 0.6), "paired": True}
    return [
        measurable_run(tmp_path / name, load(folder, neighbours=task.contexts, **options), task)
        for name, task in (("plain", PLAIN), ("beside", BESIDE))
    ]


def test_they_are_compared_on_the_slice_itself(runs, monkeypatch, tmp_path):
    seen = {}

    def translate(run, direction, inputs):
        image = inputs["image"]
        seen.setdefault(run.folder.name, set()).add(image.shape[-1])
        middle = image.shape[-1] // 2
        return -image[..., middle : middle + 1]

    translate_with(monkeypatch, translate)
    evaluation = gan_mri.evaluate(runs, out=tmp_path / "out", progress=False)
    assert seen == {"plain": {1}, "beside": {5}}
    values = {}
    for row in evaluation.summary:
        values.setdefault(row["metric"], []).append(row["mean"])
    assert {"mae", "psnr", "ssim"} <= set(values)
    for metric, (plain, beside) in values.items():
        np.testing.assert_equal(beside, plain, metric)
