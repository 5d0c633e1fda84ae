"""`evaluate` beyond two domains of slices: directions of every kind, volumes, old runs."""

import csv
import json
import shutil

import numpy as np
import pretended
import pytest
import referring
import runs
from cards import old_card
from PIL import Image
from skimage.metrics import structural_similarity

from gan_mri.data import load
from gan_mri.errors import GanMriError
from gan_mri.evaluate import evaluate
from gan_mri.files import read_json, write_json
from gan_mri.inference.export import export_translator
from gan_mri.tasks import TWO_DOMAINS, Direction, Task

ONE_WAY = Task.between("A", "B", paired=True, both_ways=False)
MANY = Task.each_from_the_others(("T1w", "T2w", "PDw"))
SEVERAL = {"figure1_mae", "figure1_psnr", "figure1_mi", "figure2", "intensity_histograms"}


def translate(run, direction, inputs):
    """The mean of the inputs, inverted and weighted by their order."""
    weighted = [(number + 1) * batch for number, batch in enumerate(inputs.values())]
    return (-0.9 * np.sum(weighted, axis=0) / len(weighted)).astype("float32")


@pytest.fixture
def pretending(monkeypatch):
    pretended.translate_with(monkeypatch, translate)


def found(result):
    return {(row["method"], row["direction"], row["metric"]): row for row in result.summary}


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def written(result):
    assert all(Image.open(path).size > (100, 100) for path in result.figures.values())
    return {path.name for path in result.folder.iterdir() if path.suffix == ".png"}


def test_one_direction_has_no_way_back(tmp_path, pretending):
    data = pretended.phantom_of(ONE_WAY, ("T1w", "T2w"))
    result = evaluate(pretended.measurable_run(tmp_path / "run", data, ONE_WAY), progress=False)
    assert {row["direction"] for row in result.summary} == {"A2B"}
    assert not any(row["metric"].startswith("cycle") for row in result.summary)
    test = data.test
    errors = [
        np.abs(test.B[b] + 0.9 * test.A[a])[test.A.mask(a) | test.B.mask(b)].mean()
        for a, b in test.pairs
    ]
    assert found(result)["cyclegan", "A2B", "mae"]["mean"] == pytest.approx(
        np.mean(errors), abs=1e-6
    )
    assert set(result.figures) == {*SEVERAL, "translations"}
    assert written(result) == {f"{name}.png" for name in result.figures}
    assert "synthetic T2w" in result.table() and "There and back" not in result.table()
    summary = read_json(result.folder / "summary.json")["data"]
    assert summary["directions"] == [{"name": "A2B", "sources": ["T1w"], "target": "T2w"}]
    assert summary["translations"] == len(test.pairs)


def test_each_contrast_from_all_others(tmp_path, pretending):
    contrasts = MANY.domains
    data = pretended.phantom_of(MANY, contrasts, subjects=12)
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        pretended.measurable_run(folder, data, MANY)
    result = evaluate(folders, progress=False)
    values, test = found(result), data.test
    for direction in MANY.directions:
        first, second = direction.sources
        errors = []
        for row in test.matched(contrasts):
            images = {name: test[name][i] for name, i in zip(contrasts, row)}
            masks = [test[name].mask(i) for name, i in zip(contrasts, row)]
            made = -0.45 * (images[first] + 2 * images[second])
            error = np.abs(images[direction.target] - made)
            errors.append(error[np.logical_or.reduce(masks)].mean())
        row = values["cyclegan (one)", direction.name, "mae"]
        assert row["mean"] == pytest.approx(np.mean(errors), abs=1e-6)
        assert (row["contrast"], row["n"]) == (direction.name, 6)
    assert set(result.figures) == {*SEVERAL, "translations"}
    assert {row["direction"] for row in result.wilcoxon} == set(contrasts)
    lines = rows(result.folder / "per_image.csv")
    assert [line["direction"] for line in lines[:3]] == list(contrasts)
    assert result.sources["PDw"] == "T1w + T2w"
    for contrast in contrasts:
        assert f"synthetic {contrast} " in result.table()


def test_volumes_are_measured_whole(tmp_path, pretending):
    data = pretended.phantom_of(TWO_DOMAINS, ("T1w", "T2w"), size=(24, 20, 18), subjects=4)
    result = evaluate(pretended.measurable_run(tmp_path / "run", data, TWO_DOMAINS), progress=False)
    test, expected = data.test, {"mae": [], "ssim": [], "cycle_mae": []}
    for a, b in test.pairs:
        source, truth = test.A[a].astype("float64"), test.B[b].astype("float64")
        made, mask = -0.9 * source, test.A.mask(a) | test.B.mask(b)
        assert source.shape == (24, 20, 18, 1)
        expected["mae"].append(np.abs(truth - made)[mask].mean())
        _, similarity = structural_similarity(
            truth[..., 0], made[..., 0], data_range=2, gaussian_weights=True,
            use_sample_covariance=False, full=True,
        )  # fmt: skip
        expected["ssim"].append(similarity[mask].mean())
        expected["cycle_mae"].append(0.19 * np.abs(source)[test.A.mask(a)].mean())
    values = found(result)
    for metric, numbers in expected.items():
        direction = "A2B2A" if metric.startswith("cycle") else "A2B"
        mean = values["cyclegan", direction, metric]["mean"]
        assert mean == pytest.approx(np.mean(numbers), abs=1e-6), metric
    assert set(result.figures) == {*SEVERAL, "cycle"}
    assert written(result) == {f"{name}.png" for name in result.figures}
    assert all("whole volume" in text for text in result.conventions.values())
    labels = {line["image"] for line in rows(result.folder / "per_image.csv")}
    assert labels == set(test.subjects)


def test_one_direction_without_pairs_has_the_targets_own_images_beside(tmp_path, pretending):
    task = Task.between("A", "B", both_ways=False)
    data = load(runs.write_pictures(tmp_path / "d", trainA=1, trainB=1, testA=3, testB=2))
    result = evaluate(pretended.measurable_run(tmp_path / "run", data, task), progress=False)
    counts = {(row["direction"], row["metric"]): row["n"] for row in result.summary}
    assert counts == {("A2B", "sharpness"): 3, ("A2B", "sharpness_real"): 2}
    slopes = []
    for index in range(2):
        gradient = np.gradient(data.test.B[index][..., 0].astype("float64"))
        slopes.append(np.hypot(*gradient)[data.test.B.mask(index)].mean())
    mean = found(result)["cyclegan", "A2B", "sharpness_real"]["mean"]
    assert mean == pytest.approx(np.mean(slopes), abs=1e-6)
    assert set(result.figures) == {"intensity_histograms", "translations"}
    (note,) = [note for note in result.notes if "no pairs" in note]
    assert note.endswith("to compare with: sharpness and intensities only.")


def test_runs_are_compared_in_the_directions_that_they_have(tmp_path, pretending):
    data = pretended.phantom_of(TWO_DOMAINS, ("T1w", "T2w"), subjects=12)
    tasks = {"both": TWO_DOMAINS, "one": ONE_WAY}
    for name, task in tasks.items():
        pretended.measurable_run(tmp_path / name, data, task)
    result = evaluate([tmp_path / "one", tmp_path / "both"], progress=False)
    methods = {}
    for row in result.summary:
        methods.setdefault(row["direction"], set()).add(row["method"])
    assert methods.pop("A2B") == {"cyclegan (one)", "cyclegan (both)"}
    assert methods == dict.fromkeys(("B2A", "A2B2A", "B2A2B"), {"cyclegan (both)"})
    assert {row["direction"] for row in result.wilcoxon} == {"A2B"}
    assert set(result.figures) == {*SEVERAL, "cycle"}


def test_images_out_of_noise_have_no_truth(tmp_path, pretending):
    task = Task(("T1w", "T2w"), (Direction("T1w", (), "T1w"),))
    data = pretended.phantom_of(task, ("T1w", "T2w"))
    run = pretended.measurable_run(tmp_path / "run", data, task)
    with pytest.raises(GanMriError, match="one that makes T1w out of noise"):
        evaluate(run, progress=False)
    # A direction from a real image is measured alone.
    both = Task(task.domains, (*task.directions, Direction("T2w", ("T1w",), "T2w")))
    run = pretended.measurable_run(tmp_path / "both", data, both)
    assert {row["direction"] for row in evaluate(run, progress=False).summary} == {"T2w"}


def test_a_run_of_the_first_format_is_evaluated_with_its_old_exports(tmp_path):
    data = pretended.phantom_of(TWO_DOMAINS, ("T1w", "T2w"))
    folder = tmp_path / "run"
    pretended.measurable_run(folder, data, TWO_DOMAINS)
    config = read_json(folder / "config.json")
    old = {name: value for name, value in config.items() if name not in ("task", "view")}
    for name in ("domains", "spacing", "align"):
        del old["data"][name]
    write_json(folder / "config.json", old | {"format": 1})
    for direction, source, target in (("A2B", "T1w", "T2w"), ("B2A", "T2w", "T1w")):
        path = folder / "export" / direction
        export_translator(referring.plain(channels=1, gain=-0.9), path, {})
        card = old_card(direction=direction, source=source, target=target)
        write_json(path / "assets.extra" / "gan_mri.json", card)
    result = evaluate(folder, progress=False)
    values, test = found(result), data.test
    for direction, source, target in (("A2B", "A", "B"), ("B2A", "B", "A")):
        errors = []
        for pair in test.pairs:
            place = dict(zip("AB", pair))
            mask = test.A.mask(place["A"]) | test.B.mask(place["B"])
            made = -0.9 * test[source][place[source]]
            errors.append(np.abs(test[target][place[target]] - made)[mask].mean())
        row = values["cyclegan", direction, "mae"]
        assert row["mean"] == pytest.approx(np.mean(errors), abs=1e-6)
    summary = json.loads((result.folder / "summary.json").read_text())
    assert summary["data"]["geometry"] == config["geometry"]
    shutil.rmtree(folder / "export" / "B2A")
    with pytest.raises(GanMriError, match="expected a finished run with .*B2A"):
        evaluate(folder, progress=False)
