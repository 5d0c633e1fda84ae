import numpy as np
import pretended
import pytest
from tqdm import tqdm
from untrained_runs import phantom_data, write_run

from gan_mri.data.images.geometry import Geometry
from gan_mri.evaluation import passes
from gan_mri.evaluation.cases import Cases
from gan_mri.evaluation.comparison import Comparison
from gan_mri.evaluation.passes import REAL, run_pass
from gan_mri.runs.run import Run
from gan_mri.tasks import TWO_DOMAINS, Task


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
    cases, collected = Cases(data, Geometry((24, 24)), TWO_DOMAINS), Collected()
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


def test_several_sources_are_given_by_name(tmp_path, monkeypatch):
    task = Task.each_from_the_others(("T1w", "T2w", "PDw"))
    data, given = pretended.phantom_of(task, task.domains), []

    def translate(run, direction, inputs):
        given.append((direction, list(inputs)))
        return inputs["T1w"] if "T1w" in inputs else inputs["T2w"]

    pretended.translate_with(monkeypatch, translate)
    run = pretended.measurable_run(tmp_path / "run", data, task)
    cases, collected = Cases(data, Geometry((24, 24)), task), Collected()
    rows, shown = run_pass("m", run, cases, collected, tqdm(disable=True))
    assert given[:3] == [
        ("T1w", ["T2w", "PDw"]), ("T2w", ["T1w", "PDw"]), ("PDw", ["T1w", "T2w"]),
    ]  # fmt: skip
    assert {row["direction"] for row in rows} == set(task.domains)
    assert all(one.cycled is None for one in shown.values())
    for case, image in zip(
        [c for c in cases if c.direction == "PDw"], collected.images["m", "PDw"]
    ):
        np.testing.assert_array_equal(image, case.sources["T1w"])


def test_volumes_go_the_way_that_keeps_within_memory(tmp_path, monkeypatch):
    data = pretended.phantom_of(TWO_DOMAINS, ("T1w", "T2w"), size=(18, 18, 18), subjects=2)
    pretended.translate_with(monkeypatch, lambda run, direction, inputs: 0.5 * inputs["image"])
    run = pretended.measurable_run(tmp_path / "run", data, TWO_DOMAINS)
    asked = []

    class Noted(passes.Pass):
        def __call__(self, batches):
            asked.append({name: batch.shape for name, batch in batches.items()})
            return super().__call__(batches)

    monkeypatch.setattr(passes, "Pass", Noted)
    cases, collected = Cases(data, Geometry((18, 18, 18)), TWO_DOMAINS), Collected()
    _, shown = run_pass("m", run, cases, collected, tqdm(disable=True))
    assert asked == [{"image": (1, 18, 18, 18, 1)}] * 4  # two directions, there and back
    np.testing.assert_allclose(shown["A2B"].cycled, 0.25 * shown["A2B"].source)
