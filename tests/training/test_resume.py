"""What a run keeps when it is continued, and when it is not."""

import logging
import shutil
import signal
from unittest import mock

import numpy as np
import pytest
import runs

import gan_mri
from gan_mri.errors import GanMriError
from gan_mri.files import read_json
from gan_mri.recipes import build
from gan_mri.runs.run import load_run, versions
from gan_mri.training import devices, monitor, session
from gan_mri.training.stopping import Interrupted
from gan_mri.training.trainer import Trainer


@pytest.fixture(autouse=True)
def no_curves(monkeypatch):
    """Drawing them takes most of the time, and has tests of its own."""
    monkeypatch.setattr(monitor, "history_figure", lambda *arguments: None)


@pytest.fixture
def quick(tmp_path_factory, tmp_path):
    """A finished run that a test may continue."""
    return shutil.copytree(runs.quick_run(tmp_path_factory), tmp_path / "quick")


def interrupted_at(step, number=signal.SIGINT):
    """A patch that presses Ctrl-C in this step, or sends another signal."""
    real = Trainer._step

    def step_and_interrupt(self, now, batch):
        if now == step:
            signal.raise_signal(number)
        return real(self, now, batch)

    return mock.patch.object(Trainer, "_step", step_and_interrupt)


def tree(folder):
    return {
        path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_the_scaling_of_the_first_run_stays(quick):
    """Typical windows that no data would give come through a resumed run."""
    data = read_json(quick / "config.json")["data"]
    for domain, typical in (("A", [-3.0, 5.0]), ("B", [-7.0, 11.0])):
        data["scaling"][domain]["typical"] = typical
    runs.changed(quick, data=data)
    run = runs.train_phantom(quick, resume=True, epochs=3)
    assert run.config["data"]["scaling"] == data["scaling"]
    assert run.config["arguments"]["scaling"] == "auto"
    card = run.translator("A2B").card
    assert card.target_scaling.typical == (-7, 11) and card.scalings["image"].typical == (-3, 5)


def test_the_versions_of_the_first_run_stay_and_each_resumption_is_noted(quick):
    first = {"tensorflow": "0.1", "gan_mri": "0.0.1"}
    runs.changed(quick, versions=first, replicas=1)
    runs.train_phantom(quick, resume=True, epochs=3)
    config = runs.train_phantom(quick, resume=True, epochs=4).config
    assert config["versions"] == first
    assert config["resumed"] == [{"replicas": 1, "versions": versions()}] * 2
    assert load_run(quick).translator("A2B").card.content["versions"] == versions()


def test_a_run_in_bfloat16_goes_on_in_bfloat16(tmp_path, monkeypatch):
    built = []

    def spy(*arguments, dtype, **options):
        built.append(dtype)
        return build(*arguments, dtype=dtype, **options)

    monkeypatch.setattr(session.recipes, "build", spy)
    monkeypatch.setattr(devices, "_computes_in_bfloat16", lambda: True)
    options = {**runs.QUICK, "precision": "auto", "epochs": 1}
    run = runs.train_phantom(tmp_path / "run", **options)
    assert run.config["precision"] == "bfloat16" and run.config["arguments"]["precision"] == "auto"
    monkeypatch.setattr(devices, "_computes_in_bfloat16", lambda: False)
    run = runs.train_phantom(tmp_path / "run", resume=True, epochs=2)
    assert built == ["bfloat16", "bfloat16"] and run.config["precision"] == "bfloat16"
    assert len(run.history) == 2


@pytest.mark.parametrize("what", ["the folder", "the index"])
def test_without_its_checkpoints_a_run_is_not_continued(quick, what):
    checkpoints = quick / "checkpoints"
    if what == "the folder":
        shutil.rmtree(checkpoints)
    else:
        (checkpoints / "index.json").unlink()
    before = tree(quick)
    message = f"{quick}: expected the checkpoints of a run with 2 epochs behind it"
    with pytest.raises(GanMriError, match=message):
        runs.train_phantom(quick, resume=True, epochs=3)
    assert tree(quick) == before


def test_a_run_that_was_stopped_before_its_first_checkpoint_begins_again(tmp_path):
    class Killed(Exception):
        pass

    with mock.patch.object(Trainer, "run", side_effect=Killed), pytest.raises(Killed):
        runs.train_phantom(tmp_path / "run", **runs.QUICK)
    assert not (tmp_path / "run" / "checkpoints").exists()
    run = runs.train_phantom(tmp_path / "run", resume=True)
    assert [row["step"] for row in run.history] == [2, 4]


@pytest.fixture
def warnings_of(tmp_path, caplog):
    """`warnings_of(run)`: what a translation with it warns of."""
    (source,) = runs.write_pictures(tmp_path / "pictures", given=1).rglob("*.png")

    def translate(model):
        caplog.clear()
        with caplog.at_level(logging.WARNING, "gan_mri"):
            gan_mri.translate(model, source, tmp_path / "out.npy", progress=False)
        (tmp_path / "out.npy").unlink()
        return [record.getMessage() for record in caplog.records]

    return translate


@pytest.mark.parametrize("stopped_at", [4, 6])
def test_an_export_of_an_older_step_is_told(quick, warnings_of, stopped_at):
    """Whether or not a further epoch was complete when the resumed run was stopped."""
    assert load_run(quick).translator().card.content["step"] == 4
    assert warnings_of(quick) == []
    with interrupted_at(stopped_at), pytest.raises(Interrupted):
        runs.train_phantom(quick, resume=True, epochs=4)
    assert len(load_run(quick).history) == (2 if stopped_at == 4 else 3)
    (message,) = warnings_of(quick)
    assert f"{quick}/export/A2B is of step 4, but the run was to go on to step 8" in message
    assert f"gan_mri.train --resume --out {quick}" in message
    runs.train_phantom(quick, resume=True)
    assert warnings_of(quick) == []
    assert load_run(quick).translator().card.content["step"] == 8


def test_the_card_says_the_step_of_the_weights_where_the_run_was_cut_short(quick):
    """Stopped in its fourth epoch and then told to end after the third."""
    with interrupted_at(6), pytest.raises(Interrupted):
        runs.train_phantom(quick, resume=True, epochs=4)
    run = runs.train_phantom(quick, resume=True, epochs=3)
    assert run.translator().card.content["step"] == 7


def test_data_that_are_drawn_have_not_moved(quick, tmp_path):
    before = tree(quick)
    for other in ("knees", tmp_path / "phantom"):
        with pytest.raises(GanMriError, match=f"a run with data 'phantom'.*{other}"):
            runs.train_phantom(quick, resume=True, data=other)
    assert tree(quick) == before


def test_a_float16_run_keeps_its_loss_scale(tmp_path):
    options = {**runs.QUICK, "precision": "float16"}
    run = runs.train_phantom(tmp_path / "whole", **options)
    half = tmp_path / "half"
    with mock.patch.object(session.Session, "_export"):
        runs.train_phantom(half, **options | {"epochs": 1})
    runs.train_phantom(half, resume=True, epochs=2)
    one, other = runs.last_checkpoint(run.folder), runs.last_checkpoint(half)
    assert any("loss_scale" in name for name in one)
    runs.assert_same_tensors(one, other)
    assert np.isfinite([row["G_total"] for row in run.history]).all()


def test_the_same_call_starts_a_run_and_goes_on_with_it(tmp_path, quick):
    """As a job of a cluster that is stopped and put into the queue again."""
    run = {"folder": tmp_path / "run", "resume_or_start": True, "keep_checkpoints": 2}
    with interrupted_at(2, signal.SIGTERM), pytest.raises(Interrupted, match="SIGTERM") as caught:
        runs.train_phantom(**run, **runs.QUICK)
    assert caught.value.status == 75
    assert read_json(tmp_path / "run" / "checkpoints" / "index.json") == {
        "last": "step-00000003",
        "best": "step-00000002",
        "kept": ["step-00000002"],
    }
    runs.train_phantom(**run, **runs.QUICK)
    runs.assert_same_tensors(runs.last_checkpoint(tmp_path / "run"), runs.last_checkpoint(quick))
    assert runs.history_without_time(tmp_path / "run") == runs.history_without_time(quick)
    # A finished run is left as it is; how often it saves is no part of what it is.
    before = read_json(tmp_path / "run" / "held_out.json")
    runs.train_phantom(**run | {"keep_checkpoints": 1}, **runs.QUICK)
    assert read_json(tmp_path / "run" / "held_out.json") == before
    with pytest.raises(GanMriError, match="seed 0, which --resume continues as it is"):
        runs.train_phantom(**run, **runs.QUICK, seed=1)


def test_start_needs_a_place_of_its_own(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(GanMriError, match="expected a run folder"):
        runs.train_phantom(tmp_path, resume_or_start=True, **runs.QUICK)
    with pytest.raises(GanMriError, match="--resume-or-start needs --out"):
        gan_mri.train(resume_or_start=True)


@pytest.mark.parametrize("where", ["measure_held_out", "export_translators"])
def test_a_signal_before_and_after_the_steps(tmp_path, quick, where):
    def ask(*arguments, **options):
        signal.raise_signal(signal.SIGTERM)

    folder = tmp_path / "run"
    message = rf"^interrupted between two steps \(SIGTERM\). Continue with: .* --out {folder}$"
    with mock.patch.object(session, where, ask), pytest.raises(Interrupted, match=message):
        runs.train_phantom(folder, **runs.QUICK)
    assert (folder / "checkpoints").exists() is (where == "export_translators")
    runs.train_phantom(folder, resume=True)
    runs.assert_same_tensors(runs.last_checkpoint(folder), runs.last_checkpoint(quick))


def test_a_signal_before_anything_is_written(tmp_path):
    folder = tmp_path / "run"
    with mock.patch.object(session, "write_json", side_effect=lambda *a: signal.raise_signal(15)):
        with pytest.raises(Interrupted, match="Nothing was trained yet: start it again"):
            runs.train_phantom(folder, **runs.QUICK)
    assert len(runs.train_phantom(folder, **runs.QUICK).history) == 2
