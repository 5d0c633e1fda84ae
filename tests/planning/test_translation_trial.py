"""Trials of translations, in this process: what they do, and what they leave out."""

import numpy as np
import pytest
from data_samples import head, write_nifti
from untrained_exports import export

from gan_mri.inference.passes import Pass
from gan_mri.inference.translator import Translator
from gan_mri.planning.translation_trial import TriedPass, tried

_SETTINGS = {"filters": 2, "residual_blocks": 1, "discriminator_filters": 2, "pool_size": 0}


@pytest.fixture(scope="module")
def slices(tmp_path_factory):
    return export(tmp_path_factory.mktemp("slices"), "welander/simple", (20, 18, 1), {"filters": 2})


@pytest.fixture(scope="module")
def volumes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("volumes")
    return export(folder, "abramian/cyclegan3d", (24, 24, 24, 1), _SETTINGS)


def _request(model, source, **more):
    return {
        "model": str(model),
        "sources": {"image": str(source)},
        "output": "out.nii",
        "options": {},
        "reference": None,
        "samples": 0,
        "memory": None,
        "windows": None,
        "batch_size": 2,
    } | more


def test_slices_are_all_counted_and_two_batches_translated(slices, tmp_path, monkeypatch):
    calls = []
    translate = Pass.__call__
    monkeypatch.setattr(
        Pass, "__call__", lambda self, batches: calls.append(batches) or translate(self, batches)
    )
    source = write_nifti(tmp_path / "a.nii", head((20, 18, 12)))
    found = tried(_request(slices, source))
    kept = int(
        sum(np.count_nonzero(s) >= 0.01 * s.size for s in np.moveaxis(head((20, 18, 12)), 2, 0))
    )
    assert found["images"] == kept and found["batches"] == -(-kept // 2) > 2
    assert len(calls) == 2
    assert found["way"] == "slice by slice" and found["size"] == [18, 20]
    # int16 and the header: what is written is of the size that it will be.
    assert 2 * 20 * 18 * 12 <= found["disk"] <= 4 * 20 * 18 * 12 + 400
    assert 0 < found["seconds"] and 100 * 2**20 < found["peak"]
    assert list(tmp_path.iterdir()) == [source]


def test_a_volume_is_tried_on_a_part(volumes, tmp_path):
    source = write_nifti(tmp_path / "a.nii", head((80, 48, 72)))
    found = tried(_request(volumes, source))
    assert found["way"] == "in one pass" and found["size"] == [80, 48, 72]
    assert found["images"] == found["batches"] == 1


def test_a_part_is_as_much_work_as_it_is_counted_for():
    tries = TriedPass(None, 3)
    volume = np.arange(80 * 40 * 30).reshape(1, 80, 40, 30, 1)
    part, times = tries._part({"image": volume})
    assert part["image"].shape == (1, 40, 32, 30, 1)
    assert times == (80 * 40 * 30) / (40 * 32 * 30)
    assert part["image"][0, 0, 0, 0, 0] == volume[0, 20, 4, 0, 0]


def test_windows_are_counted():
    tries = TriedPass(None, 3, windows=(32, 32, 32))
    part, times = tries._part({"image": np.zeros((1, 80, 32, 20, 1))})
    assert part["image"].shape == (1, 32, 32, 20, 1)
    assert times == 4  # from 0, 16, 32 and 48


def test_the_ways_of_a_volume(volumes):
    batch = {"image": np.zeros((1, 64, 48, 40, 1), np.float32)}
    translator = Translator(volumes)
    way, whole = Pass(translator).way(batch)
    assert way == "in one pass" and whole > 64 * 48 * 40 * 2 * 4
    way, slabs = Pass(translator, memory=0.5).way(batch)
    assert way.startswith("in slabs (") and 0 < slabs <= 0.5 * 2**30
    way, windows = Pass(translator, windows=(32, 32, 32)).way(batch)
    assert way == "in blended windows of 32 x 32 x 32" and 0 < windows < whole
