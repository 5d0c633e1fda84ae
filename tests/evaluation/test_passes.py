import numpy as np
import pytest
from tqdm import tqdm
from untrained_runs import phantom_data, write_run

from gan_mri.data.images.geometry import Geometry
from gan_mri.evaluation.cases import Cases
from gan_mri.evaluation.comparison import Comparison
from gan_mri.evaluation.passes import REAL, run_pass
from gan_mri.runs.run import Run


class Collected:
    """In place of the histograms: what was added, by method and direction."""

    def __init__(self):
        self.images = {}

    def add(self, key, image, mask):
        self.images.setdefault(key, []).append(image)


class Translator:
    """Half the image and half the mean of the reference, or half the image alone."""

    def __init__(self, takes_reference):
        self.takes_reference = takes_reference

    def __call__(self, images, references=None):
        assert (references is not None) is self.takes_reference
        return 0.5 * images + (0.5 * references.mean() if self.takes_reference else 0)


@pytest.mark.parametrize("referring", [(), ("A2B",), ("A2B", "B2A")])
def test_there_like_the_reference_and_back_like_the_source(tmp_path, monkeypatch, referring):
    data = phantom_data()
    run = write_run(tmp_path / "run", data)
    monkeypatch.setattr(
        Run, "translator", lambda run, direction: Translator(direction in referring)
    )
    cases, collected = Cases(data, Geometry((24, 24))), Collected()
    rows, shown = run_pass("method", run, cases, collected, tqdm(disable=True))
    for direction in ("A2B", "B2A"):
        back = direction[::-1]
        mine = [case for case in cases if case.direction == direction]
        made = collected.images["method", direction]
        for case, translation in zip(mine, made, strict=True):
            color = 0.5 * case.reference.mean() if direction in referring else 0
            np.testing.assert_allclose(translation, 0.5 * case.source + color, atol=1e-6)
        for case, real in zip(mine, collected.images[REAL, direction], strict=True):
            np.testing.assert_array_equal(real, case.truth)
        one = shown[direction]
        assert (one.reference is not None) is (direction in referring)
        color = 0.5 * one.source.mean() if back in referring else 0
        np.testing.assert_allclose(one.cycled, 0.5 * one.translation + color, atol=1e-6)
        errors = [
            row["cycle_mae"] for row in rows if row["direction"] == f"{direction}2{direction[0]}"
        ]
        assert len(errors) == len(mine) and all(row["method"] == "method" for row in rows)


@pytest.mark.parametrize("referring", [(), ("A2B",)])
def test_a_comparison_says_who_follows_a_reference(tmp_path, monkeypatch, referring):
    run = write_run(tmp_path / "run", phantom_data())
    monkeypatch.setattr(
        Run, "translator", lambda run, direction: Translator(direction in referring)
    )
    monkeypatch.setattr(Run, "history", [])
    comparison = Comparison([run])
    comparison.measure(tqdm(disable=True))
    notes = [
        note for note in comparison.report(tmp_path / "out").notes if "reference image" in note
    ]
    assert len(notes) == len(referring)
    assert all("of another test subject" in note for note in notes)
