import json

import numpy as np
import pytest
from cards import card
from PIL import Image
from untrained_runs import phantom_data, write_run

from gan_mri import calibrate
from gan_mri.errors import GanMriError
from gan_mri.inference.card import Card
from gan_mri.runs.run import Run


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """Three runs that darken an image by what their folders are called, in hundredths."""

    class Darkens:
        takes_reference = stochastic = False

        def __init__(self, run, direction):
            self.path, self._by = run.folder, int(run.folder.name) / 100
            self.card = Card(card(), run.folder)

        def __call__(self, batches, reference=None):
            (images,) = batches.values() if isinstance(batches, dict) else [batches]
            return images - np.float32(self._by)

    monkeypatch.setattr(Run, "exported", lambda run, direction: run.folder)
    monkeypatch.setattr(Run, "translator", lambda run, direction: Darkens(run, direction))
    data = phantom_data(split=(0.2, 0, 0.8), subjects=10)
    return [write_run(tmp_path / name, data).folder for name in ("0", "10", "50")]


def test_an_ensemble(runs, tmp_path):
    report, page = calibrate(runs, progress=False)
    assert page == tmp_path / "calibration" / "index.html"
    test = Run(runs[0]).load_data().test
    found, by_subject = report.found["A2B"], report.subjects["A2B"]
    errors, alone = [], []
    for a, b in test.pairs:
        inside = test.A.mask(a) | test.B.mask(b)
        errors.append((test.A[a] - 0.2 - test.B[b])[inside])
        alone.append(np.abs(test.A[a] - test.B[b])[inside].mean())
    everywhere = np.concatenate(errors)
    size, deviation = np.sqrt(np.mean(everywhere**2)), np.std([0, 0.1, 0.5])
    assert found.voxels == everywhere.size and len(by_subject) == len(errors) == 8
    assert found.factor == pytest.approx(size / deviation, rel=1e-4)
    inside = np.mean(np.abs(everywhere) < 1.959964 * deviation)
    assert found.coverage[0.95] == pytest.approx(inside, abs=0.01)
    assert found.correlation is None  # the same deviation everywhere
    row = report.table().rows[0]
    assert row[0] == "T1w to T2w"
    assert float(row[1].text) == pytest.approx(np.mean(alone), abs=1e-4)
    mean = np.mean([np.abs(one).mean() for one in errors])
    assert float(row[2].text) == pytest.approx(mean, abs=1e-4)

    content = json.loads((page.parent / "calibration.json").read_text())
    assert content["deviation"] == "3 runs" and set(content["directions"]) == {"A2B", "B2A"}
    for name in ("calibration.png", "doubt.png"):
        assert Image.open(page.parent / name).size > (300, 200)


def test_looks_of_one_run(runs, tmp_path):
    report, _ = calibrate(runs[1], vary=True, out=tmp_path / "looks", progress=False)
    # What is darkened everywhere alike is the same from every side.
    assert report.found["B2A"].factor is None
    assert "mirrored" in (tmp_path / "looks" / "index.html").read_text()


@pytest.mark.parametrize(
    ("options", "said"),
    [({}, "several runs, --vary, or --samples"), ({"samples": 3, "vary": True}, "without --vary")],
)
def test_where_nothing_can_differ(runs, options, said):
    with pytest.raises(GanMriError, match=said):
        calibrate(runs[0], progress=False, **options)
