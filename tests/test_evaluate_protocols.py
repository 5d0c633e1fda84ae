"""`evaluate --protocol`: what is recorded, what is left as it was, what is refused."""

import numpy as np
import pretended
import pytest
import runs
import volumes_on_disk
from untrained_runs import phantom_data, pretend_finished, write_run

import gan_mri.evaluate as command
from gan_mri.data import load
from gan_mri.errors import GanMriError
from gan_mri.files import read_json

evaluate = command.evaluate
HEADS = {"T1w": volumes_on_disk.head, "T2w": lambda seed: volumes_on_disk.head(seed + 10)}
TO_CT = {"T1w": volumes_on_disk.head, "CT": volumes_on_disk.ct}


def translate(run, direction, inputs):
    return (-0.9 * next(iter(inputs.values()))).astype("float32")


@pytest.fixture
def pretending(monkeypatch):
    pretended.translate_with(monkeypatch, translate)


def brains(tmp_path, makers=HEADS, **options):
    bids = volumes_on_disk.write(tmp_path / "bids", makers)
    return bids, *volumes_on_disk.run_on(tmp_path / "run", bids, tuple(makers), **options)


def values(result):
    return {(row["direction"], row["metric"]): row["mean"] for row in result.summary}


def test_brasyn_measures_the_volume_that_the_slices_are_of(tmp_path, pretending):
    bids, data, run = brains(tmp_path, plane="axial")
    result = evaluate(run, protocol="brasyn", progress=False)
    assert result.folder == run.folder / "evaluation-brasyn"
    found = values(result)
    assert {metric for _, metric in found} == {
        "psnr", "ssim", "nmi", "pearson", "blur_ratio", "edge_agreement", "displacement",
    }  # fmt: skip
    # From the files: percentiles of the whole volume, the error over the whole head.
    t1w, t2w = (volumes_on_disk.canonical(bids, "03", name) for name in ("T1w", "T2w"))
    windows, heads = [], []
    for volume in (t1w, t2w):
        low, high = np.percentile(volume, (0.5, 99.9))
        heads.append(volume > low + 0.05 * (high - low))
        windows.append((low, np.percentile(volume[heads[-1]], 99.5)))
    low, high = windows[0]
    source = np.clip(2 * (t1w - low) / (high - low) - 1, -1, 1)
    shown = np.all([head.mean(axis=(0, 1)) >= 0.01 for head in heads], axis=0)
    low, high = windows[1]
    made = low + (np.where(shown, -0.9 * source, -1) + 1) / 2 * (high - low)
    first, last = np.percentile(t2w, (0.5, 99.5))
    real, made = (np.clip((one - first) / (last - first), 0, 1) for one in (t2w, made))
    error = np.mean((real - made)[heads[0] | heads[1]] ** 2)
    assert found["A2B", "psnr"] == pytest.approx(-10 * np.log10(error), abs=1e-4)

    record = read_json(result.folder / "summary.json")
    assert record["protocol"]["name"] == "brasyn" and "[0, 1]" in record["protocol"]["range"]
    assert "foreground" in record["protocol"]["mask"] and record["protocol"]["window"]
    assert all("protocol brasyn" in text for text in record["conventions"].values())
    page = (result.folder / "index.html").read_text()
    for text in ("protocol brasyn", "[0, 1], data range 1", "foreground of any real", "NMI"):
        assert text in page
    table = result.table()
    assert "Protocol brasyn" in table and "blur ratio" in table and "MAE" not in table
    assert len((result.folder / "per_image.csv").read_text().splitlines()) == 3  # two volumes
    assert set(result.figures) == {"figure2", "intensity_histograms", "translations"}


def test_bars_are_drawn_where_there_is_something_to_compare(tmp_path, pretending):
    _, _, run = brains(tmp_path, plane="axial", test=("02", "03"))
    result = evaluate(run, protocol="brasyn", progress=False)
    bars = {f"bars_{name}" for name in result.conventions}
    assert {name for name in result.figures if name.startswith("bars_")} == bars
    assert "NMI of the methods, under a protocol" in (result.folder / "index.html").read_text()
    row = next(row for row in result.summary if row["metric"] == "nmi")
    assert row["n"] == 2 and row["low"] < row["mean"] < row["high"]
    evaluate(run, out=result.folder, progress=False)  # replaces it, and leaves none of its files
    left = {path.name for path in result.folder.iterdir()}
    assert not left & {"index.html", *(f"{name}.png" for name in bars)}


def test_of_volumes_the_foreground_protocol_is_what_is_measured_without_one(tmp_path, pretending):
    _, _, run = brains(tmp_path, plane="volume")
    default = values(evaluate(run, progress=False))
    found = values(evaluate(run, protocol="foreground", progress=False))
    for key in [(name, metric) for name in ("A2B", "B2A") for metric in ("mae", "psnr", "ssim")]:
        assert found[key] == pytest.approx(default[key], rel=1e-6)
    assert read_json(run.folder / "evaluation" / "summary.json")["protocol"] is None
    assert not (run.folder / "evaluation" / "index.html").exists()


def test_welander_is_image_by_image(tmp_path, monkeypatch):
    pretend_finished(monkeypatch, lambda run, direction, images: -0.9 * images)
    run = write_run(tmp_path / "run", phantom_data())
    default, found = evaluate(run, progress=False), evaluate(run, protocol="welander")
    kept = ("mae_z", "psnr_z", "mi_z")
    assert found.summary == [row for row in default.summary if row["metric"] in kept]
    assert found.conventions == {name: default.conventions[name] for name in kept}
    assert {"figure1_mae", "figure1_psnr", "figure1_mi"} <= set(found.figures)


def test_synthrad_measures_ct_in_hounsfield_units(tmp_path, pretending):
    scaling = ("volume", "window:-1000:1000")
    bids, data, run = brains(tmp_path, TO_CT, plane="axial", scaling=scaling)
    result = evaluate(run, protocol="synthrad", progress=False)
    found = values(result)
    assert {name for name, _ in found} == {"A2B"}  # the other makes no CT
    assert any("CT to T1w is left out of the protocol synthrad" in note for note in result.notes)
    ct, t1w = (volumes_on_disk.canonical(bids, "03", name) for name in ("CT", "T1w"))
    low, high = np.percentile(t1w, (0.5, 99.9))
    head = t1w > low + 0.05 * (high - low)
    window = low, np.percentile(t1w[head], 99.5)
    source = np.clip(2 * (t1w - window[0]) / (window[1] - window[0]) - 1, -1, 1)
    head |= ct > np.percentile(ct, 0.5) + 0.05 * np.diff(np.percentile(ct, (0.5, 99.9)))
    expected = np.abs(ct - 1000 * -0.9 * source)[head].mean()
    assert found["A2B", "mae_hu"] == pytest.approx(expected, rel=1e-4)
    assert "MAE / HU" in result.table()


def test_synthrad_refuses_what_is_no_ct_before_anything_is_translated(tmp_path, monkeypatch):
    pretended.translate_with(monkeypatch, lambda *given: pytest.fail("translated"))
    _, _, run = brains(tmp_path, plane="axial")
    with pytest.raises(GanMriError, match="synthrad needs CT volumes in Houns.*nothing is as dark"):
        evaluate(run, protocol="synthrad", progress=False)
    assert not (run.folder / "evaluation-synthrad").exists()
    folder = tmp_path / "own"
    folder.mkdir()
    _, _, run = brains(folder, TO_CT, plane="axial")
    with pytest.raises(GanMriError, match="every file has a window of its own.*window:full"):
        evaluate(run, protocol="synthrad", progress=False)
    pictured = write_run(tmp_path / "pictured", phantom_data())
    with pytest.raises(GanMriError, match="a picture, whose values are no Hounsfield units"):
        evaluate(pictured, protocol="synthrad", progress=False)
    unpaired = load(runs.write_pictures(tmp_path / "p", trainA=1, trainB=1, testA=1, testB=1))
    run = write_run(tmp_path / "unpaired", unpaired, image_size=None)
    with pytest.raises(GanMriError, match="A to B: no true image of the same subject"):
        evaluate(run, protocol="brasyn", progress=False)


def test_volumes_without_room_for_a_window_are_refused(tmp_path, pretending):
    _, _, run = brains(tmp_path, plane="axial", slices="9:14")
    with pytest.raises(GanMriError, match="22 x 20 x 5 voxels, fewer than the 11"):
        evaluate(run, protocol="foreground", progress=False)


def test_unknown_protocols_and_pages_of_others_are_refused(tmp_path, pretending):
    _, _, run = brains(tmp_path, plane="axial")
    with pytest.raises(GanMriError, match="one of welander, brasyn, synthrad, foreground"):
        evaluate(run, protocol="nnunet")
    out = tmp_path / "out"
    out.mkdir()
    (out / "index.html").write_text("mine")
    with pytest.raises(GanMriError, match="out/index.html: expected no file of this name"):
        evaluate(run, protocol="brasyn", out=out, progress=False)
    assert (out / "index.html").read_text() == "mine"


def test_the_command_names_the_page(tmp_path, pretending, capsys):
    _, _, run = brains(tmp_path, plane="axial")
    command.main([str(run.folder), "--protocol", "foreground"])
    printed = capsys.readouterr().out
    assert "Protocol foreground. [-1, 1] as the model sees it" in printed
    assert printed.count("foreground of any real image") == 1  # said once, for all measures
    assert "\nMeasures\n  mae: mean absolute error\n" in printed
    assert f"Page      {run.folder}/evaluation-foreground/index.html" in printed
