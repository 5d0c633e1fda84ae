"""`--plan` on the command lines: what is asked, what is printed, and that nothing is made."""

import pytest
from data_samples import head, write_nifti
from untrained_exports import export

import gan_mri.train
import gan_mri.translate
from gan_mri.errors import GanMriError
from gan_mri.planning import translation
from gan_mri.training.session import Session

_SETTINGS = {"filters": 2}
_FOUND = {
    "way": "slice by slice",
    "size": [12, 10],
    "images": 6,
    "batches": 1,
    "peak": 600 * 2**20,
    "seconds": 2.0,
    "processor": 3.0,
    "disk": 1000,
}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """Slices, T1w to T2w, without training."""
    return export(tmp_path_factory.mktemp("model"), "welander/simple", (20, 18, 1), _SETTINGS)


@pytest.fixture
def asked(monkeypatch):
    """The requests that are sent to the other process, which answers `_FOUND`."""
    requests = []

    def run_apart(module, request, *, what):
        requests.append(request)
        return _FOUND

    monkeypatch.setattr(translation, "run_apart", run_apart)
    return requests


def test_train_prints_the_plan_and_makes_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    given = []
    monkeypatch.setattr(gan_mri.train, "plan_training", lambda one: given.append(one) or "a plan")
    gan_mri.train.main(["welander/simple", "--plan", "--epochs", "7", "--out", "run"])
    assert capsys.readouterr().out == "a plan\n"
    assert given[0]["settings"] == {"epochs": 7} and given[0]["data"] == "phantom"
    assert list(tmp_path.iterdir()) == []


def test_a_training_that_does_not_fit_leaves_no_folder(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise GanMriError("memory: none")

    monkeypatch.setattr("gan_mri.training.session.check_training", refuse)
    options = {"data": "phantom", "epochs": 1, "image_size": (24, 24), **_SETTINGS}
    with pytest.raises(GanMriError, match="memory: none"):
        gan_mri.train("welander/simple", out=tmp_path / "run", progress=False, **options)
    assert list(tmp_path.iterdir()) == []


def test_the_session_says_what_a_step_is(tmp_path, monkeypatch):
    found = {}

    def check(model, recipe, shape, **more):
        found.update(more, shape=shape, filters=recipe.filters)
        raise KeyboardInterrupt

    monkeypatch.setattr("gan_mri.training.session.check_training", check)
    options = {"data": "phantom", "image_size": (24, 32), "precision": "float32", "batch_size": 3}
    given = gan_mri.train.sort_arguments("welander/simple", options | _SETTINGS)
    with pytest.raises(KeyboardInterrupt):
        Session(tmp_path / "run", gan_mri.train.completed(given), shows=False).run()
    assert found == {
        "shape": (24, 32, 1),
        "batch_size": 3,
        "replicas": 1,
        "precision": "float32",
        "filters": 2,
    }


def test_translate_prints_the_plan_and_writes_nothing(model, tmp_path, asked, capsys):
    source = write_nifti(tmp_path / "in" / "a.nii.gz", head())
    output = tmp_path / "out.nii.gz"
    gan_mri.translate.main([str(model), str(source), str(output), "--plan", "--batch-size", "4"])
    said = capsys.readouterr().out
    assert "6 images of 12 x 10 go through slice by slice" in said
    assert "0.59 GiB" in said and "2.00 s (3.00 s of processor time)" in said
    (request,) = asked
    assert request["output"] == "out.nii.gz" and request["batch_size"] == 4
    assert list(request["sources"].values()) == [source]
    assert not output.exists()


def test_of_a_folder_the_largest_file_stands_for_all(model, tmp_path, asked):
    folder = tmp_path / "in"
    for name, shape in (("a", (12, 10, 8)), ("b", (24, 20, 16)), ("c", (12, 10, 8))):
        write_nifti(folder / f"{name}.nii", head(shape))
    plan = gan_mri.translate(model, folder, tmp_path / "out", plan=True)
    (request,) = asked
    assert request["output"] == "b.nii" and plan.files == 3
    sizes = [path.stat().st_size for path in folder.iterdir()]
    assert plan.seconds == pytest.approx(2.0 * sum(sizes) / max(sizes))
    assert "6 images of each of 3 files" in str(plan)


def test_memory_that_is_not_there_is_told(monkeypatch):
    plan = translation.planned(_FOUND, 500 * 2**20)
    assert not plan.fits and "--memory GIB" in str(plan)
    assert translation.planned(_FOUND, 700 * 2**20).fits


def test_a_plan_is_of_a_new_training(tmp_path, monkeypatch):
    monkeypatch.setattr(gan_mri.train, "run_to_resume", lambda *_, **__: object())
    with pytest.raises(GanMriError, match="plan: expected a new training"):
        gan_mri.train(out=tmp_path, resume=True, plan=True)
