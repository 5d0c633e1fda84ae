import base64
import io
import json
import re

import numpy as np
import pytest
from PIL import Image
from untrained_runs import phantom_data, pretend_finished, write_run

from gan_mri import study
from gan_mri.errors import GanMriError
from gan_mri.runs.run import Run


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """Two runs: one turns images over, the other makes them all white."""

    def translate(run, direction, images):
        return -images if run.folder.name == "turned" else np.ones_like(images)

    pretend_finished(monkeypatch, translate)
    data = phantom_data(split=(0.2, 0, 0.8), subjects=10)
    write_run(tmp_path / "turned", data, recipe="welander/cyclegan")
    write_run(tmp_path / "white", data, recipe="welander/unit")
    return [tmp_path / "turned", tmp_path / "white"]


def pictures_of(page):
    content = re.search(r'<script type="application/json" id="study">(.*?)</script>', page, re.S)
    return {one["image"]: one for one in json.loads(content[1])["images"]}


def levels_of(picture):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(picture["png"]))))


def test_images_are_what_the_key_says(runs, tmp_path):
    key = study.make(runs, tmp_path / "study", synthetic=2, progress=False)
    page = (tmp_path / "study" / "reader.html").read_text()
    pictures, run = pictures_of(page), Run(runs[0])
    assert list(pictures) == sorted(key.images)
    test = run.load_data().test
    truth = {
        (contrast, test[domain].label(n)): np.rint((np.clip(test[domain][n], -1, 1) + 1) * 127.5)
        for domain, contrast in (("A", "T1w"), ("B", "T2w"))
        for n in range(len(test[domain]))
    }
    other = {"T1w": "T2w", "T2w": "T1w"}
    for name, image in key.images.items():
        assert pictures[name].keys() == {"image", "contrast", "png"}
        assert pictures[name]["contrast"] == image.contrast
        levels = levels_of(pictures[name])[::16, ::16].astype(float)
        real = truth[image.contrast, image.label][..., 0]
        source = truth[other[image.contrast], image.label][..., 0]
        expected = {None: real, "cyclegan": 255 - source, "unit": np.full((24, 24), 255.0)}
        np.testing.assert_allclose(levels, expected[image.method], atol=1)
    counts = [
        sum(one.method == m for one in key.images.values()) for m in (None, "cyclegan", "unit")
    ]
    assert counts == [8, 4, 4]


def test_the_page_holds_no_truth_and_loads_nothing(runs, tmp_path):
    study.make(runs, tmp_path / "study", synthetic=2, progress=False)
    page = (tmp_path / "study" / "reader.html").read_text()
    without = re.sub(r'"png": "[^"]*"', "", page)
    for word in ("cyclegan", "unit", "sub-", "method", "turned", "http:", "https:"):
        assert word not in without
    assert "default-src 'none'" in page


def test_a_seed_repeats_the_study(runs, tmp_path):
    made = [
        study.make(runs, tmp_path / name, synthetic=2, seed=seed, progress=False)
        for name, seed in (("a", 0), ("b", 0), ("c", 1))
    ]
    assert made[0].study == made[1].study != made[2].study
    pages = [(tmp_path / name / "reader.html").read_bytes() for name in "abc"]
    assert pages[0] == pages[1] != pages[2]


def test_from_answers_to_the_page(runs, tmp_path, capsys):
    key = study.make(runs, tmp_path / "study", synthetic=2, progress=False)
    paths = []
    for reader, wrong in (("AE", 1), ("PW", 3)):
        answers = [
            {
                "image": name,
                "answer": "real" if (one.method is None) is (n >= wrong) else "synthetic",
            }
            for n, (name, one) in enumerate(key.images.items())
        ]
        content = {"format": 1, "study": key.study, "reader": reader, "answers": answers}
        paths.append(tmp_path / "study" / f"answers_{reader}.json")
        paths[-1].write_text(json.dumps(content))
    study.main(["score", *map(str, paths)])
    printed = capsys.readouterr().out
    assert "kappa" in printed and "AE, PW" in printed
    found = json.loads((tmp_path / "study" / "score" / "summary.json").read_text())
    total = sum(
        row["real_called_synthetic"] + row["synthetic_called_real"]
        for row in found["scores"]
        if row["contrast"] == "all" and row["method"] == "all" and row["reader"] in ("AE", "PW")
    )
    assert total == 4
    with pytest.raises(GanMriError, match="one file of each reader"):
        study.score([paths[0], paths[0]])


def test_what_cannot_be_is_refused(runs, tmp_path):
    with pytest.raises(GanMriError, match="exists already"):
        study.make(runs, runs[0], progress=False)
    with pytest.raises(GanMriError, match="--real"):
        study.make(runs, tmp_path / "study", real=1000, progress=False)
    with pytest.raises(GanMriError, match="seed must be"):
        study.make(runs, tmp_path / "study", seed=-1, progress=False)
    assert not (tmp_path / "study").exists()
