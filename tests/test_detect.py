"""`gan_mri.detect` on heads whose lesions are known, with a model that draws healthy ones."""

import csv
import shutil

import nibabel as nib
import numpy as np
import pytest
import volumes_on_disk

import gan_mri
import gan_mri.detect as command
from gan_mri.errors import GanMriError
from gan_mri.files import read_json
from gan_mri.inference.translator import Translator

SHAPE, AFFINE = (40, 38, 30), np.diag([-2.0, 2, 2, 1])
TISSUE, LESION = {"T1w": 600, "T2w": 300}, {"T1w": 300, "T2w": 700}


def ball(center, radius):
    return sum((g - c) ** 2 for g, c in zip(np.indices(SHAPE), center)) <= radius**2


HEAD, ILL = ball((19.5, 18.5, 14.5), 14), ball((12, 19, 15), 3)


def image(contrast):
    values = np.where(HEAD, TISSUE[contrast], 0.0)
    values[ILL] = LESION[contrast]
    return values.astype("float32")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A BIDS folder, masks of sub-01 and sub-03, and a run that was trained on all but sub-03."""
    place = tmp_path_factory.mktemp("detect")
    makers = {name: (lambda seed, name=name: image(name)) for name in TISSUE}
    bids = volumes_on_disk.write(place / "bids", makers, affine=AFFINE)
    for subject in ("01", "03"):
        path = place / "masks" / f"sub-{subject}" / "anat"
        path.mkdir(parents=True)
        mask = nib.Nifti1Image(ILL.astype("uint8"), AFFINE)
        nib.save(mask, path / f"sub-{subject}_label-lesion_mask.nii.gz")
    gan_mri.train(
        "welander/simple",
        data=bids,
        contrasts=("T1w", "T2w"),
        test_subjects=["03"],
        out=place / "run",
        image_size=(24, 24),
        fit="crop",
        epochs=1,
        steps_per_epoch=1,
        precision="float32",
        strategy="none",
        progress=False,
        filters=2,
    )
    return place / "run", bids, place / "masks"


@pytest.fixture(autouse=True)
def healthy(monkeypatch):
    """Every head is tissue alone. T1w goes up to tissue, 600, and T2w up to lesions, 700."""

    def call(self, images, references=None):
        (scaled,) = images.values() if isinstance(images, dict) else (images,)
        tissue = {"T2w": 2 * 300 / 700 - 1, "T1w": 1.0}[self.card.content["target"]]
        return np.where(scaled > -0.9, tissue, -1).astype("float32")

    monkeypatch.setattr(Translator, "__call__", call)


def test_lesions_are_found_there_and_back_and_against_the_true_target(folders, tmp_path):
    run, bids, masks = folders
    out = tmp_path / "out"
    found = gan_mri.detect(run, masks=masks, out=out, smooth=0, progress=False)
    assert {path.name for path in out.iterdir()} == {
        "index.html", "detection.csv", "summary.json", "maps.png", "roc.png", "maps",
    }  # fmt: skip
    with open(out / "detection.csv", newline="") as file:
        rows = {(row["map"], row["score"]): row for row in csv.DictReader(file)}
    assert len(rows) == len(found.rows) == 6
    voxels, head = int(ILL.sum()), int(HEAD.sum())
    nothing = 2 * voxels / (head + voxels)
    # Of two values only: all lesions found and nothing else, or the other way round.
    for key, area, dice, threshold in (
        (("cycle", "absolute"), 1, 1, 1.0),
        (("cycle", "darker"), 1, 1, 1.0),
        (("cycle", "brighter"), 0, nothing, -1.0),
        (("target", "absolute"), 1, 1, 2 * 400 / 700),
        (("target", "brighter"), 1, 1, 2 * 400 / 700),
        (("target", "darker"), 0, nothing, -2 * 400 / 700),
    ):
        row = rows[key]
        assert row["subject"] == "sub-03"
        assert (int(row["lesion_voxels"]), int(row["head_voxels"])) == (voxels, head)
        assert float(row["auc"]) == area
        assert float(row["dice"]) == pytest.approx(dice)
        assert float(row["dice_of_all"]) == pytest.approx(nothing)
        assert float(row["threshold"]) == pytest.approx(threshold, abs=1e-4)
    signed = nib.load(out / "maps" / "sub-03_map-cycle_signed.nii.gz")
    np.testing.assert_allclose(signed.affine, AFFINE)
    np.testing.assert_allclose(signed.get_fdata(), np.where(ILL, -1, 0), atol=1e-4)
    summary = read_json(out / "summary.json")
    assert summary["subjects"] == ["sub-03"] and summary["maps"] == ["cycle", "target"]
    assert summary["trained_with_lesions"] == ["sub-01"]
    page = (out / "index.html").read_text()
    assert "Not for diagnosis" in page and "the masks mark lesions in sub-01" in page
    assert page.count("<figure class=") == 2


def test_smoothing_spreads_a_lesion_and_keeps_most_of_it(folders, tmp_path):
    run, _, masks = folders
    gan_mri.detect(run, masks=masks, out=tmp_path / "out", smooth=2.0, progress=False)
    made = nib.load(tmp_path / "out" / "maps" / "sub-03_map-cycle_absolute.nii.gz").get_fdata()
    assert made.sum() == pytest.approx(ILL.sum(), rel=0.01) and 0.7 < made.max() < 1


def test_maps_alone_of_a_source_alone(folders, tmp_path, capsys):
    run, bids, _ = folders
    source = tmp_path / "bids" / "sub-09" / "anat"
    source.mkdir(parents=True)
    shutil.copy(bids / "sub-03" / "anat" / "sub-03_T1w.nii.gz", source / "sub-09_T1w.nii.gz")
    out = tmp_path / "out"
    command.main([str(run), "--data", str(tmp_path / "bids"), "--out", str(out), "--smooth", "1"])
    assert "index.html" in capsys.readouterr().out
    assert sorted(path.name for path in (out / "maps").iterdir()) == [
        "sub-09_map-cycle_absolute.nii.gz",
        "sub-09_map-cycle_signed.nii.gz",
    ]
    assert not (out / "roc.png").exists()
    assert "nobody can say how good" in (out / "index.html").read_text()
    assert read_json(out / "summary.json")["mean"] == []


def test_training_subjects_only_when_asked_for_and_then_with_a_warning(folders, tmp_path):
    run, _, masks = folders
    options = {"masks": masks, "subjects": ["01", "02", "03"], "target": "T1w", "progress": False}
    found = gan_mri.detect(run, out=tmp_path / "out", **options)
    # sub-02 has no mask: a map, and nothing to measure.
    assert {row["subject"] for row in found.rows} == {"sub-01", "sub-03"}
    assert len(list((tmp_path / "out" / "maps").iterdir())) == 3 * 2 * 2
    assert found.summary["trained_on"] == ["sub-01", "sub-02"]
    assert "was trained on sub-01, sub-02" in (tmp_path / "out" / "index.html").read_text()
    assert [one["subjects"] for one in found.summary["mean"]] == [2] * 6


@pytest.mark.parametrize(
    "options, message",
    [
        ({"smooth": -1}, "smooth must be a number from 0"),
        ({"masks": 3}, "masks must be a path"),
        ({"subjects": "01"}, "subjects must be labels"),
        ({"subjects": ["02"]}, "expected a mask of lesions of sub-02"),
        ({"masks": "nowhere"}, "masks: expected a BIDS folder"),
        ({"data": "nowhere"}, "data: expected a BIDS folder"),
    ],
)
def test_what_cannot_be_is_named_and_nothing_is_written(folders, tmp_path, options, message):
    run, _, masks = folders
    given = {"masks": masks, "out": tmp_path / "out", "progress": False} | options
    with pytest.raises(GanMriError, match=message):
        gan_mri.detect(run, **given)
    assert not (tmp_path / "out").exists()
