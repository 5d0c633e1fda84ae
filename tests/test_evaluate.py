import json
import shutil

import numpy as np
import pytest
import runs
from PIL import Image
from untrained_runs import phantom_data, pretend_finished, write_run

import gan_mri.evaluate as command
from gan_mri.data import load
from gan_mri.errors import GanMriError
from gan_mri.runs.run import Run

evaluate = command.evaluate

PAIRED = {"figure1_mae", "figure1_psnr", "figure1_mi", "figure2", "intensity_histograms", "cycle"}


def translate(run, direction, images):
    """Invert and darken; the run called "bad" answers with noise."""
    if run.folder.name == "bad":
        return np.random.default_rng(0).uniform(-1, 1, images.shape).astype("float32")
    return -0.9 * images


@pytest.fixture(scope="module")
def data():
    return phantom_data(split=(0.2, 0, 0.8), subjects=10)


def test_two_runs_are_compared_on_the_subjects_they_share(tmp_path, monkeypatch, data):
    pretend_finished(monkeypatch, translate)
    write_run(tmp_path / "good", data, recipe="welander/cyclegan")
    write_run(tmp_path / "bad", data, recipe="welander/unit")
    result = evaluate([tmp_path / "good", tmp_path / "bad"], progress=False)
    assert result.folder == tmp_path / "evaluation"
    assert result.methods == ["cyclegan", "unit"]
    assert set(result.figures) == PAIRED
    assert all(Image.open(path).size > (100, 100) for path in result.figures.values())
    assert {path.name for path in result.folder.iterdir()} == {
        "per_image.csv", "per_subject.csv", "summary.csv", "summary.json", "wilcoxon.csv",
        *(f"{name}.png" for name in PAIRED),
    }  # fmt: skip

    found = {(row["method"], row["direction"], row["metric"]): row for row in result.summary}
    test, errors = data.test, []
    for a, b in test.pairs:
        mask = test.A.mask(a) | test.B.mask(b)
        errors.append(np.abs(test.B[b] + 0.9 * test.A[a])[mask].mean())
    row = found["cyclegan", "A2B", "mae"]
    assert row["mean"] == pytest.approx(np.mean(errors), abs=1e-6)
    assert row["sd"] == pytest.approx(np.std(errors, ddof=1), abs=1e-6)
    assert row["low"] < row["mean"] < row["high"] and row["n"] == 8
    # -0.9 twice is 0.81 of the image.
    cycles = [0.19 * np.abs(test.A[a])[test.A.mask(a)].mean() for a, _ in test.pairs]
    assert found["cyclegan", "A2B2A", "cycle_mae"]["mean"] == pytest.approx(
        np.mean(cycles), abs=1e-6
    )
    row = next(row for row in result.wilcoxon if row["metric"] == "cycle_mae")
    assert (row["first"], row["second"]) == ("cyclegan", "unit")
    assert row["p"] == pytest.approx(2 / 2**8)  # every one of 8 subjects better: the smallest p
    assert set(result.conventions) == {row["metric"] for row in result.summary}
    assert any("8 test subjects" in note for note in result.notes)


def test_the_order_of_runs_does_not_change_their_figures(tmp_path, monkeypatch, data):
    pretend_finished(monkeypatch, translate)
    write_run(tmp_path / "good", data, recipe="welander/cyclegan")
    write_run(tmp_path / "bad", data, recipe="welander/unit")
    both = [
        evaluate([tmp_path / name for name in names], out=tmp_path / "e", progress=False)
        for names in (("good", "bad"), ("bad", "good"))
    ]

    def key(row):
        return row["method"], row["direction"], row["metric"]

    assert sorted(both[0].summary, key=key) == sorted(both[1].summary, key=key)


def test_one_test_subject_gives_no_interval_and_says_so(tmp_path, monkeypatch):
    pretend_finished(monkeypatch, translate)
    one = phantom_data(split=None, test_subjects=["sub-003"])
    result = evaluate(write_run(tmp_path / "run", one), progress=False)
    assert result.folder == tmp_path / "run" / "evaluation"
    assert all(row["low"] is row["sd"] is None and row["n"] == 1 for row in result.summary)
    assert result.wilcoxon == [] and any(
        "one test subject (sub-003)" in note for note in result.notes
    )
    assert "±" not in result.table()


def test_runs_with_other_scalings_are_told_apart(tmp_path, monkeypatch, data):
    pretend_finished(monkeypatch, translate)
    other = phantom_data(split=(0.2, 0, 0.8), subjects=10, scaling="percentile")
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder, one in zip(folders, (data, other)):
        write_run(folder, one)
    notes = evaluate(folders, progress=False).notes
    assert any("scale intensities differently" in note for note in notes)
    assert any("trained once" in note for note in notes)


def test_unpaired_test_data_are_measured_by_their_cycles(tmp_path, monkeypatch):
    pretend_finished(monkeypatch, translate)
    pictures = runs.write_pictures(tmp_path / "d", trainA=1, trainB=1, testA=3, testB=2)
    data = load(pictures)
    run = write_run(tmp_path / "run", data, image_size=None)
    for name in {*PAIRED, "translations"}:  # of an earlier evaluation
        (run.folder / "evaluation").mkdir(exist_ok=True)
        (run.folder / "evaluation" / f"{name}.png").write_text("old")
    result = evaluate(run, progress=False)
    assert {row["metric"] for row in result.summary} == {
        "sharpness", "sharpness_real", "cycle_mae", "cycle_ssim",
    }  # fmt: skip
    counts = {(row["direction"], row["metric"]): row["n"] for row in result.summary}
    assert (
        counts["A2B", "sharpness"]
        == counts["B2A", "sharpness_real"]
        == counts["A2B2A", "cycle_mae"]
        == 3
    )
    assert set(result.figures) == {"intensity_histograms", "cycle"}
    assert not (result.folder / "figure2.png").exists()
    assert not (result.folder / "translations.png").exists()
    assert any("no pairs" in note for note in result.notes)


def test_other_data_can_be_given(tmp_path, monkeypatch):
    pretend_finished(monkeypatch, translate)
    pictures = runs.write_pictures(tmp_path / "d", trainA=1, trainB=1, testA=1, testB=1)
    run = write_run(tmp_path / "run", load(pictures), image_size=None)
    other = runs.write_pictures(tmp_path / "other", trainA=1, trainB=1, testA=2, testB=2)
    evaluate(run, data=other, progress=False)
    summary = json.loads((tmp_path / "run" / "evaluation" / "summary.json").read_text())
    assert summary["data"]["source"] == str(other)
    assert summary["data"]["subjects"] == ["testA-0", "testA-1", "testB-0", "testB-1"]


def test_a_translation_that_is_not_finite_is_named_with_its_run(tmp_path, monkeypatch, data):
    pretend_finished(monkeypatch, lambda run, direction, images: images * np.nan)
    run = write_run(tmp_path / "run", data)
    with pytest.raises(GanMriError, match=f"{tmp_path}/run, sub-... translated A2B: .*NaN"):
        evaluate(run, progress=False)
    assert not (tmp_path / "run" / "evaluation").exists()


def test_runs_of_other_subjects_are_refused(tmp_path, monkeypatch, data):
    pretend_finished(monkeypatch, translate)
    first = write_run(tmp_path / "first", data)
    second = write_run(tmp_path / "second", phantom_data(subjects=10))
    with pytest.raises(GanMriError, match="tested on the same images.*different test subjects"):
        evaluate([first, second], progress=False)
    assert not (tmp_path / "evaluation").exists()


def test_what_cannot_be_evaluated_is_named(tmp_path, data):
    with pytest.raises(GanMriError, match="expected a run folder of gan_mri.train.*no such folder"):
        evaluate(tmp_path / "nothing")
    with pytest.raises(GanMriError, match="at least one run folder"):
        evaluate([])
    run = write_run(tmp_path / "run", data)
    with pytest.raises(GanMriError, match="expected a finished run.*--resume"):
        evaluate(run)
    with pytest.raises(GanMriError, match="a folder of its own"):
        evaluate(run, out=tmp_path / "run")
    with pytest.raises(GanMriError, match="Received: a file"):
        evaluate(run, out=tmp_path / "run" / "config.json")


def no_pass(*arguments):
    raise AssertionError("measured although nothing can be written")


@pytest.mark.parametrize(
    "content", ["{}", '{"summary": [1], "versions": {"gan_mri": "1"}}', '{"versions": 3}', "x"]
)
def test_a_summary_of_somebody_else_is_kept(tmp_path, monkeypatch, data, content):
    pretend_finished(monkeypatch, translate)
    monkeypatch.setattr("gan_mri.evaluation.comparison.run_pass", no_pass)
    run, out = write_run(tmp_path / "run", data), tmp_path / "thesis"
    out.mkdir()
    (out / "summary.json").write_text(content)
    with pytest.raises(GanMriError, match="thesis/summary.json: expected no .* did not write"):
        evaluate(run, out=out, progress=False)
    assert [(one.name, one.read_text()) for one in out.iterdir()] == [("summary.json", content)]


def test_files_of_our_names_without_our_summary_are_kept(tmp_path, monkeypatch, data):
    pretend_finished(monkeypatch, translate)
    monkeypatch.setattr("gan_mri.evaluation.comparison.run_pass", no_pass)
    run, out = write_run(tmp_path / "run", data), tmp_path / "thesis"
    out.mkdir()
    (out / "cycle.png").write_text("my bicycle")
    with pytest.raises(GanMriError, match="thesis/cycle.png: expected no .*another folder"):
        evaluate(run, out=out, progress=False)
    assert (out / "cycle.png").read_text() == "my bicycle"
    # The folder beside several runs is nobody's own either.
    second = write_run(tmp_path / "second", data)
    (tmp_path / "evaluation").mkdir()
    (tmp_path / "evaluation" / "summary.csv").write_text("mine")
    with pytest.raises(GanMriError, match="evaluation/summary.csv: expected no .*another folder"):
        evaluate([run, second], progress=False)
    assert (tmp_path / "evaluation" / "summary.csv").read_text() == "mine"


def test_an_earlier_evaluation_is_replaced(tmp_path, monkeypatch, data):
    pretend_finished(monkeypatch, translate)
    run, out = write_run(tmp_path / "run", data), tmp_path / "out"
    evaluate(run, out=out, progress=False)
    (out / "figure2.png").write_text("old")
    (out / "thesis.txt").write_text("mine")
    evaluate(run, out=out, progress=False)
    assert Image.open(out / "figure2.png").format == "PNG"
    assert (out / "thesis.txt").read_text() == "mine"


def test_a_place_that_cannot_be_written_is_told_before_the_work(tmp_path, monkeypatch, data):
    pretend_finished(monkeypatch, translate)
    monkeypatch.setattr("gan_mri.evaluation.comparison.run_pass", no_pass)
    run = write_run(tmp_path / "run", data)
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file" / "below", tmp_path / ("n" * 300)):
        with pytest.raises(GanMriError, match="expected a place to write to"):
            evaluate(run, out=out, progress=False)


def test_dollars_in_names_are_no_formulas(tmp_path, monkeypatch):
    pretend_finished(monkeypatch, translate)
    contrasts = ("T$1w", "$\\frac{$")
    for number, contrast in enumerate(contrasts):
        for subject in ("a$", "b$", "c$x_{$"):
            pixels = np.random.default_rng(number).integers(0, 255, (20, 20), np.uint8)
            path = tmp_path / "data" / contrast / f"{subject}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(path)
    data = load(tmp_path / "data", contrasts=contrasts, split=(0.4, 0, 0.6))
    folders = [tmp_path / "run $x_{$", tmp_path / "run $y$"]
    for folder in folders:
        write_run(folder, data, image_size=None)
        (folder / "history.csv").write_text("epoch,mae_A2B,mae_B2A\n1,0.5,0.25\n2,0.25,0.125\n")
    result = evaluate(folders, out=tmp_path / "out", progress=False)
    assert set(result.figures) == {*PAIRED, "curves"}
    assert result.methods == ["cyclegan (run $x_{$)", "cyclegan (run $y$)"]


def test_a_run_without_test_subjects_is_refused(tmp_path, monkeypatch):
    pretend_finished(monkeypatch, translate)
    run = write_run(tmp_path / "run", phantom_data(split=(1, 0, 0)))
    with pytest.raises(GanMriError, match="expected test images of T1w and T2w.*--test-subjects"):
        evaluate(run, progress=False)


def test_the_command_evaluates_a_trained_run(tmp_path, tmp_path_factory, capsys):
    folder = tmp_path / "run"
    shutil.copytree(runs.finished_run(tmp_path_factory), folder)
    command.main([str(folder)])
    printed = capsys.readouterr().out
    assert (
        "After z-scoring every image" in printed
        and "Conventions\n  mae_z: mean absolute error" in printed
    )
    assert f"{folder}/evaluation/figure2.png" in printed
    assert (folder / "evaluation" / "curves.png").exists()
    # The table that training ends with measured the same images in the same way.
    summary = json.loads((folder / "evaluation" / "summary.json").read_text())["summary"]
    held_out = Run(folder).held_out["metrics"]["trained"]
    for row in summary:
        if row["metric"] in ("mae", "psnr", "ssim"):
            expected = held_out[f"{row['metric']}_{row['direction']}"]
            assert row["mean"] == pytest.approx(expected, rel=1e-3)
