import csv
import dataclasses
import re
import signal
import sys
import types
from unittest import mock

import pretended
import pytest
import runs

import gan_mri.evaluate
import gan_mri.training.session as session
from gan_mri import commands, papers, recipes
from gan_mri.compare import compare, main
from gan_mri.data.sources.built_in import BUILT_IN
from gan_mri.errors import GanMriError
from gan_mri.files import read_json
from gan_mri.training.monitor import Monitor

PAPER_ORDER = ["cyclegan", "cyclegan_s", "generators_s", "unit", "simple"]
SIZE = {"image_size": (17, 17)}


@pytest.fixture(autouse=True)
def few_subjects(monkeypatch):
    monkeypatch.setitem(BUILT_IN, "phantom", runs.few(6))


@pytest.fixture
def trained(monkeypatch):
    """Calls of `train` and `evaluate`, which only write what they would leave behind."""
    calls = []

    def train(recipe=None, *, out, resume=False, progress=True, **arguments):
        calls.append({"recipe": recipe, "out": out, "resume": resume, **arguments})
        if not resume:
            names = set(arguments) & set(session_arguments)
            given = {name: arguments[name] for name in names}
            settings = {name: arguments[name] for name in set(arguments) - names}
            given["settings"] = settings
            plan = gan_mri.train.DEFAULTS | given | {"recipe": recipe}
            settings = dataclasses.asdict(session.recipe_of(plan))
            pretended.write_run(out, recipe, arguments=given, **settings)
        else:
            (out / "export" / "A2B").mkdir(exist_ok=True)

    def evaluate(folders, *, out, progress):
        calls.append({"evaluated": [folder.name for folder in folders], "out": out})
        return pretended.evaluation(out, [folder.name for folder in folders])

    session_arguments = set(gan_mri.train.DEFAULTS) - {"recipe", "settings"}
    monkeypatch.setattr("gan_mri.compare.train", train)
    monkeypatch.setattr("gan_mri.evaluate.evaluate", evaluate)
    return calls


def compare_two(out, **arguments):
    arguments = {"methods": ["simple", "generators_s"], "epochs": 2, **SIZE, **arguments}
    return compare("welander", out=out, progress=False, **arguments)


def test_methods_in_the_order_of_the_paper(tmp_path, trained):
    result = compare("welander", out=tmp_path, epochs=2, progress=False, **SIZE)
    assert [call["recipe"] for call in trained[:-1]] == [f"welander/{name}" for name in PAPER_ORDER]
    assert trained[-1] == {"evaluated": PAPER_ORDER, "out": tmp_path / "evaluation"}
    assert list(result.runs) == PAPER_ORDER
    assert (result.folder, result.page) == (tmp_path, tmp_path / "index.html")
    assert result.evaluation.methods == PAPER_ORDER


def test_chosen_methods_keep_that_order(tmp_path, trained):
    compare_two(tmp_path, methods=["simple", "unit", "cyclegan"])
    assert trained[-1]["evaluated"] == ["cyclegan", "unit", "simple"]


def test_same_data_split_and_seed_for_all(tmp_path, trained):
    compare_two(
        tmp_path, seed=3, steps_per_epoch=5, split=(0.5, 0, 0.5), contrasts=("PDw", "FLAIR")
    )
    first, second = trained[:2]
    assert first["seed"] == 3
    assert first["contrasts"] == ["PDw", "FLAIR"]
    different = {name for name in first if first[name] != second[name]}
    assert different == {"recipe", "out"}


def test_settings_go_to_the_methods_that_have_them(tmp_path, trained):
    compare_two(tmp_path, residual_blocks=1, batch_size=2)
    generators, simple = trained[:2]
    assert (generators["residual_blocks"], generators["batch_size"]) == (1, 2)
    assert simple["batch_size"] == 2
    assert "residual_blocks" not in simple


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"discriminator_filters": 4},
            "'discriminator_filters' is neither.*simple.*There are:.*residual_blocks",
        ),
        ({"methods": ["pix2pix"]}, "expected some of cyclegan, .*Received: 'pix2pix'"),
        ({"methods": []}, "expected some of cyclegan, .*Received: none"),
        ({"epochs": 0}, "epochs must be a whole number from 1"),
        ({"seed": -1}, "seed must be"),
        ({"data": "no/such/folder"}, "no such file or folder.$"),
        ({"split": (1, 0, 0)}, "expected images of T1w and T2w for testing.*Received: 0 and 0"),
    ],
)
def test_wrong_arguments_train_nothing(tmp_path, trained, arguments, message):
    with pytest.raises(GanMriError, match=message):
        compare_two(tmp_path, **arguments)
    assert not trained
    assert not list(tmp_path.iterdir())


def test_unknown_paper_lists_the_known(tmp_path, trained):
    with pytest.raises(GanMriError, match="no paper 'welander/unit'.*welander"):
        compare("welander/unit", out=tmp_path)
    assert not trained


def test_pairs_are_needed_and_there_are_none(tmp_path, trained):
    data = runs.write_pictures(tmp_path / "data", trainA=2, trainB=2, testA=1, testB=1)
    with pytest.raises(
        GanMriError, match=r"expected pairs.*needed by welander/cyclegan_s, welander/simple\.\)"
    ):
        compare_two(tmp_path / "out", methods=["cyclegan", "cyclegan_s", "simple"], data=data)
    assert not trained
    assert not (tmp_path / "out").exists()
    compare_two(tmp_path / "out", methods=["cyclegan", "unit"], data=data)
    assert trained[-1]["evaluated"] == ["cyclegan", "unit"]


def test_finished_runs_are_kept(tmp_path, trained):
    compare_two(tmp_path)
    del trained[:]
    compare_two(tmp_path)
    assert trained == [{"evaluated": ["generators_s", "simple"], "out": tmp_path / "evaluation"}]
    compare_two(tmp_path, methods=["simple", "unit"])
    assert trained[1]["recipe"] == "welander/unit"


def test_unfinished_run_is_resumed(tmp_path, trained):
    compare_two(tmp_path)
    del trained[:]
    (tmp_path / "simple" / "export" / "A2B").rmdir()
    compare_two(tmp_path)
    assert trained[0] == {"recipe": None, "out": tmp_path / "simple", "resume": True}
    assert len(trained) == 2


@pytest.mark.parametrize("lacking", ["history.csv", "held_out.json"])
def test_run_without_its_last_files_is_resumed(tmp_path, trained, lacking):
    compare_two(tmp_path)
    del trained[:]
    (tmp_path / "simple" / lacking).unlink()
    with mock.patch("gan_mri.evaluation.comparison_page.write_comparison"):
        compare_two(tmp_path)
    assert trained[0]["resume"] and trained[0]["out"] == tmp_path / "simple"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seed": 1}, "a run with seed 0. Expected one with 1"),
        ({"epochs": 3}, "a run with epochs 2. Expected one with 3"),
        ({"residual_blocks": 1}, "a run with residual_blocks 9. Expected one with 1"),
        ({"image_size": None}, r"a run with image_size \[17, 17\]. Expected one with None"),
        ({"test_subjects": ["sub-001"]}, "a run with test_subjects None. Expected one with"),
    ],
)
def test_runs_of_other_arguments_are_refused(tmp_path, trained, arguments, message):
    compare_two(tmp_path)
    del trained[:]
    with pytest.raises(
        GanMriError, match=rf"{re.escape(str(tmp_path / 'generators_s'))} holds {message}"
    ):
        compare_two(tmp_path, methods=["cyclegan", "generators_s"], **arguments)
    assert not trained


def test_settings_that_were_left_out_are_compared_too(tmp_path, trained):
    compare_two(tmp_path, residual_blocks=1)
    with pytest.raises(GanMriError, match="a run with residual_blocks 1. Expected one with 9"):
        compare_two(tmp_path)


def test_folder_of_something_else_is_refused(tmp_path, trained):
    (tmp_path / "simple").mkdir()
    (tmp_path / "simple" / "thesis.txt").touch()
    with pytest.raises(GanMriError, match="expected a run folder"):
        compare_two(tmp_path)
    assert not trained
    pretended.write_run(
        tmp_path / "generators_s", "welander/unit", arguments={"image_size": [17, 17]}
    )
    with pytest.raises(GanMriError, match="a run with recipe 'welander/unit'"):
        compare_two(tmp_path)


def test_a_place_that_cannot_be_written_trains_nothing(tmp_path, trained):
    (tmp_path / "file").write_text("")
    with pytest.raises(GanMriError, match="expected a place to write to"):
        compare_two(tmp_path / "file" / "out")
    (tmp_path / "out" / "evaluation").mkdir(parents=True)
    (tmp_path / "out" / "evaluation" / "summary.json").write_text('{"thesis": 1}')
    with pytest.raises(GanMriError, match="evaluation/summary.json: .*did not write"):
        compare_two(tmp_path / "out")
    for name in ("index.html", "methods.csv", "figure.png"):
        (tmp_path / "thesis").mkdir(exist_ok=True)
        (tmp_path / "thesis" / name).write_text("mine")
        with pytest.raises(GanMriError, match=f"thesis/{name}: .*gan_mri.compare did not write"):
            compare_two(tmp_path / "thesis")
        (tmp_path / "thesis" / name).unlink()
    assert not trained


def test_empty_folder_of_a_run_is_used(tmp_path, trained):
    (tmp_path / "simple").mkdir(parents=True)
    compare_two(tmp_path, methods="simple")
    assert not trained[0]["resume"]


def test_a_new_paper_is_one_new_module(tmp_path, trained, monkeypatch):
    simple = recipes.all_recipes()["welander/simple"]
    module = types.SimpleNamespace(RECIPES={"newton/second": simple, "newton/first": simple})
    modules = recipes._modules()
    monkeypatch.setattr(recipes, "_modules", lambda: [*modules, module])
    (tmp_path / "newton.py").write_text(
        "from gan_mri.papers.paper import Paper\n"
        "PAPER = Paper(title='Optics', findings=('White light is a mixture.',))\n"
    )
    monkeypatch.setattr(papers, "__path__", [*papers.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, "gan_mri.papers.newton", raising=False)
    out = tmp_path / "out"
    page = compare("newton", out=out, epochs=2, progress=False, **SIZE).page.read_text()
    assert trained[-1]["evaluated"] == ["second", "first"]
    assert "<h1>Optics</h1>" in page and "White light is a mixture." in page


def test_command_line(tmp_path, trained):
    line = f"welander --out {tmp_path} --methods simple generators_s --epochs 2 --image-size 17 17"
    main([*line.split(), "--contrasts", "T1w", "PDw", "--set", "residual_blocks=0"])
    assert [call["recipe"] for call in trained[:2]] == ["welander/generators_s", "welander/simple"]
    assert trained[0]["contrasts"] == ["T1w", "PDw"]
    assert trained[0]["residual_blocks"] == 0
    assert trained[0]["seed"] == 0
    assert trained[0]["data"] == "phantom"


def test_error_of_use_is_status_2(tmp_path, capsys):
    with pytest.raises(SystemExit) as caught:
        commands.run_command(main, ["newton", "--out", str(tmp_path / "out")])
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith("error: There is no paper 'newton'.")


def test_interrupted_comparison_goes_on(tmp_path, monkeypatch):
    """Real training: Ctrl-C in the second method, the same command again, the whole page."""
    arguments = {
        **{name: value for name, value in runs.PHANTOM.items() if name != "epochs"},
        "methods": ["generators_s", "simple"],
        "epochs": 2,
        "steps_per_epoch": 2,
        "filters": 2,
        "residual_blocks": 0,
    }
    after_epoch = Monitor.after_epoch

    def ctrl_c(self, epoch, row):
        best = after_epoch(self, epoch, row)
        if self._folder.name == "simple":
            signal.raise_signal(signal.SIGINT)
        return best

    monkeypatch.setattr(Monitor, "after_epoch", ctrl_c)
    with pytest.raises(KeyboardInterrupt, match="simple.*same command again"):
        compare("welander", out=tmp_path, progress=False, **arguments)
    monkeypatch.undo()
    monkeypatch.setitem(BUILT_IN, "phantom", runs.few(6))
    assert not (tmp_path / "index.html").exists()
    assert len((tmp_path / "simple" / "history.csv").read_text().splitlines()) == 2
    before = (tmp_path / "generators_s" / "history.csv").stat().st_mtime_ns

    result = compare("welander", out=tmp_path, progress=False, **arguments)
    assert (tmp_path / "generators_s" / "history.csv").stat().st_mtime_ns == before
    assert [len(run.history) for run in result.runs.values()] == [2, 2]
    subjects = {
        str(read_json(run.folder / "config.json")["data"]["subjects"])
        for run in result.runs.values()
    }
    assert len(subjects) == 1
    page = result.page.read_text(encoding="utf-8")
    assert page.count("<img") == len(result.evaluation.figures) + 2
    assert not re.findall(
        r"<(?:script|link|a|iframe)\b|(?:src|href)=\"(?!data:image/png;base64,)", page
    )
    with open(tmp_path / "methods.csv", newline="") as file:
        costs = {row["method"]: row for row in csv.DictReader(file)}
    for method, row in costs.items():
        assert int(row["steps"]) == 4 and float(row["minutes"]) > 0
        assert int(row["parameters"]) == stored_weights(tmp_path / method)
    with open(tmp_path / "evaluation" / "summary.csv", newline="") as file:
        assert {row["method"] for row in csv.DictReader(file)} == {"generators_s", "simple"}


def stored_weights(folder):
    """Numbers in the weight files of networks without any that are not trained."""
    import h5py

    sizes = []
    for path in (folder / "weights").iterdir():
        with h5py.File(path) as file:
            file.visititems(lambda name, item: sizes.append(getattr(item, "size", 0)))
    return sum(sizes)
