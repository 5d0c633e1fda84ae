"""Runs and exported models of the first format open, translate, measure and go on."""

import shutil
from unittest import mock

import nibabel as nib
import numpy as np
import pytest
import runs
from old_runs import as_format_1

import gan_mri
from gan_mri.errors import GanMriError
from gan_mri.files import read_json, write_json
from gan_mri.inference.rebuilt import rebuilt
from gan_mri.runs.run import load_run
from gan_mri.training import monitor
from gan_mri.training.held_out import HeldOut
from gan_mri.training.restored import restored


@pytest.fixture(scope="module")
def new(tmp_path_factory):
    return runs.quick_run(tmp_path_factory)


@pytest.fixture(scope="module")
def old(new, tmp_path_factory):
    """The same run in the words of format 1; only to be read."""
    return as_format_1(shutil.copytree(new, tmp_path_factory.mktemp("old") / "run"))


@pytest.fixture
def copy(old, tmp_path, monkeypatch):
    monkeypatch.setattr(monitor, "history_figure", lambda *arguments: None)
    return shutil.copytree(old, tmp_path / "run")


def test_what_it_is_about(old, new):
    run = load_run(old)
    assert run.config["format"] == 1 and run.task == load_run(new).task and run.task.paired
    assert run.view == load_run(new).view and run.contrasts == {"A": "T1w", "B": "T2w"}
    assert run.terms == {} and run.history == load_run(new).history
    unpaired = old.parent / "unpaired"
    unpaired.mkdir()
    config = read_json(old / "config.json")
    write_json(unpaired / "config.json", config | {"data": config["data"] | {"paired": False}})
    assert load_run(unpaired).task.paired == ()


def volume(path):
    array = np.zeros((20, 22, 6), np.int16)
    array[3:17, 4:18] = np.random.default_rng(0).integers(100, 900, (14, 14, 6))
    nib.save(nib.Nifti1Image(array, np.diag([-1.0, 1, 2, 1])), path)
    return path


@pytest.mark.parametrize("exported", [False, True])
def test_it_translates_as_the_new_one(old, new, tmp_path, exported):
    """Of the run folder in both directions, and of an exported folder alone."""
    (picture,) = runs.write_pictures(tmp_path / "pictures", given=1).rglob("*.png")
    for source, suffix in ((picture, ".npy"), (volume(tmp_path / "v.nii"), ".nii")):
        for direction in ("A2B", "B2A"):
            made = []
            for name, folder in (("old", old), ("new", new)):
                model = folder / "export" / direction if exported else folder
                output = tmp_path / f"{name}-{direction}{suffix}"
                gan_mri.translate(model, source, output, direction=direction, progress=False)
                made.append(np.load(output) if suffix == ".npy" else nib.load(output).get_fdata())
            np.testing.assert_array_equal(*made)
            assert np.ptp(made[0]) > 0


def test_it_finds_its_data_and_measures_the_same(old, new):
    run, other = load_run(old), load_run(new)
    data, same = run.load_data(), other.load_data()
    assert data.scaling == same.scaling and data.test.A.keys == same.test.A.keys
    assert data.train.subjects == same.train.subjects
    translators = {name: run.translator(name) for name in ("A2B", "B2A")}
    measured = HeldOut(data.validation, run.view.geometry, run.task).measure(
        lambda name, inputs: translators[name](inputs["image"])
    )
    for name, value in run.held_out["metrics"]["trained"].items():
        assert measured[name] == pytest.approx(value, rel=1e-3), name


def test_it_goes_on_as_the_new_one(copy, new, tmp_path):
    """And is of the present format then."""
    other = shutil.copytree(new, tmp_path / "new")
    run, same = (runs.train_phantom(folder, resume=True, epochs=3) for folder in (copy, other))
    assert run.config["format"] == 2 and run.task == same.task
    assert len(run.config["resumed"]) == 1 and run.config["global_batch_size"] == 1
    assert run.config["data"]["fingerprint"] == same.config["data"]["fingerprint"]
    runs.assert_same_tensors(runs.last_checkpoint(copy), runs.last_checkpoint(other))
    assert runs.history_without_time(copy) == runs.history_without_time(other)
    assert run.translator().card.content["step"] == 6
    assert rebuilt(run.translator()).count_params() > 0


def test_of_its_data_the_counts_are_compared(copy):
    config = read_json(copy / "config.json")
    config["data"]["counts"]["train"]["B"] = 3
    write_json(copy / "config.json", config)
    with pytest.raises(GanMriError, match="other images.*Expected of train: .*'B': 3.*'B': 2"):
        runs.train_phantom(copy, resume=True, epochs=3)


def test_one_that_was_stopped_when_it_went_on_tells_so(copy, tmp_path, caplog):
    with mock.patch("gan_mri.training.session.Session._export", side_effect=KeyboardInterrupt):
        with pytest.raises(KeyboardInterrupt):
            runs.train_phantom(copy, resume=True, epochs=3)
    load_run(copy).exported("A2B")
    assert "export/A2B is of an unknown step, but the run was to go on to step 6" in caplog.text


def test_what_its_exported_model_cannot_do_is_told(old):
    with pytest.raises(GanMriError, match="expected a model whose card says its settings"):
        rebuilt(load_run(old).translator())


def test_its_checkpoints_can_be_restored(old):
    run = load_run(old)
    images = np.random.default_rng(0).uniform(-1, 1, (1, 24, 24, 1)).astype("float32")
    model, state = restored(run, "last")
    assert state["step"] == 4
    np.testing.assert_allclose(
        model.translators["A2B"](images), run.translator()(images), atol=1e-6
    )


def test_errors_of_cycles_over_whole_slices_are_not_mixed_with_those_of_the_foreground(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(monitor, "history_figure", lambda *arguments: None)
    data = runs.write_pictures(tmp_path / "data", trainA=2, trainB=2, testA=1, testB=1)
    folder = tmp_path / "run"
    options = {"strategy": "none", "precision": "float32", "progress": False, **runs.SMALLEST}
    run = gan_mri.train(data=data, out=folder, epochs=1, **options)
    held_out = read_json(folder / "held_out.json")
    before = held_out["metrics"]
    assert list(before) == ["untrained", "trained"]
    write_json(folder / "held_out.json", held_out | {"convention": "cycle, whole slices"})
    as_format_1(folder)
    run = gan_mri.train(out=folder, resume=True, epochs=2, progress=False)
    after = run.held_out
    assert after["convention"] == held_out["convention"]
    assert list(after["metrics"]) == [f"{name} (whole slices)" for name in before] + ["trained"]
    assert after["metrics"]["untrained (whole slices)"] == before["untrained"]
    assert after["metrics"]["trained"] != before["trained"]
