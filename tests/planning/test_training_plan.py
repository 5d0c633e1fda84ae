"""The plan's arithmetic on a trial's findings; and one real trial."""

import json
import os

import pytest
from data_samples import write_bids

import gan_mri
from gan_mri.data import load
from gan_mri.errors import GanMriError
from gan_mri.planning.process import run_apart
from gan_mri.planning.training import plan_training, planned
from gan_mri.planning.trial import held_bytes
from gan_mri.train import completed, sort_arguments

_MIB = 2**20

_FOUND = {
    "recipe": "welander/cyclegan",
    "size": [64, 48],
    "batch_size": 2,
    "precision": "float32",
    "peaks": {"loading": 500 * _MIB, "measuring": 600 * _MIB, "training": 900 * _MIB},
    "resident": 500 * _MIB,
    "data": 100 * _MIB,
    "kept": 10 * _MIB,
    "disk": {"checkpoints": 1000, "export": 300, "samples": 20, "weights": 200},
    "checkpoints": 2,
    "first": 10.0,
    "steps": [1.0, 3.0],
    "processor": [4.0, 6.0],
    "row_seconds": 0.5,
    "rows": 40,
    "epoch": 1.5,
    "export": 5.0,
    "epochs": 10,
    "steps_per_epoch": 100,
    "sizes": "every side from 17",
}


def test_what_a_trial_means_for_the_run():
    plan = planned(_FOUND, 4 * 2**30)
    assert plan.peak == 900 * _MIB
    assert plan.steps == 1000
    assert (plan.step_seconds, plan.processor_seconds) == (2.0, 5.0)
    assert plan.seconds == 10 + 5 + 40 * 0.5 + 1000 * 2.0 + 10 * 1.5
    # The last and the best checkpoint, and one that is being written; a sheet an epoch.
    assert plan.disk == {"checkpoints": 3000, "export": 300, "samples": 200, "weights": 200}


def test_a_measurement_of_many_large_images_may_take_the_most():
    assert planned(_FOUND | {"kept": 400 * _MIB}).peak == 1000 * _MIB


def test_the_plan_in_words():
    said = str(planned(_FOUND, 4 * 2**30))
    assert "welander/cyclegan on images of 64 x 48, batch 2, float32" in said
    assert "0.88 GiB, of 4.00 GiB that are free (images 100.0 MiB" not in said
    assert "0.88 GiB, of 4.00 GiB that are free (images 0.10 GiB)" in said
    assert "2.00 s (5.00 s of processor time)" in said
    assert "34 min for 10 epochs of 100 steps" in said


def test_a_process_that_the_system_ends_is_told(tmp_path, monkeypatch):
    (tmp_path / "killed.py").write_text("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(GanMriError, match="ended by signal 9, most likely for lack of memory"):
        run_apart("killed", {}, what="a training")


def test_what_is_wrong_is_told_in_its_own_words(tmp_path, monkeypatch):
    module = tmp_path / "refuses.py"
    module.write_text(
        "import sys; print('note\\nerror: no such data', file=sys.stderr); sys.exit(2)"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(GanMriError, match="^no such data$"):
        run_apart("refuses", {}, what="a training")


def test_a_request_and_its_answer_travel(tmp_path, monkeypatch):
    module = tmp_path / "answers.py"
    module.write_text(
        "import sys, json; print('chatter'); print(json.dumps([json.load(sys.stdin)]))"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    assert run_apart("answers", {"path": tmp_path}, what="it") == [{"path": str(tmp_path)}]


def test_a_prepared_file_is_not_held_in_memory(tmp_path):
    folder = write_bids(tmp_path / "bids")
    contrasts = ("T1w", "T2w")
    gan_mri.prepare(folder, tmp_path / "data.h5", contrasts=contrasts, plane="volume")
    assert held_bytes(load(folder, contrasts=contrasts, plane="volume")) == 6 * 12 * 10 * 8 * 2
    assert held_bytes(load(tmp_path / "data.h5")) == 0


def test_a_real_trial_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    settings = {"filters": 4, "epochs": 30}
    options = {"data": "phantom", "image_size": [32, 32], "precision": "float32"}
    given = completed(sort_arguments("welander/simple", options | settings))
    plan = plan_training(json.loads(json.dumps(given)))
    assert list(tmp_path.iterdir()) == []
    found = plan.trial
    assert found["epochs"] == 30 and found["size"] == [32, 32]
    assert plan.steps == 30 * found["steps_per_epoch"]
    assert 200 * _MIB < found["peaks"]["loading"] <= plan.peak < 4096 * _MIB
    # The peaks are the process's own, of which a step has a part.
    assert found["peaks"]["training"] > found["peaks"]["loading"]
    assert 0 < plan.step_seconds < plan.seconds
    assert plan.disk["weights"] > 0 and plan.disk["checkpoints"] > 0
    assert found["sizes"] == "every side from 17"
