"""`gan_mri.lesions` on heads whose lesions, and what becomes of them, are known."""

import csv

import nibabel as nib
import numpy as np
import pytest
import two_sources
import volumes_on_disk

import gan_mri
import gan_mri.lesions as command
from gan_mri.errors import GanMriError
from gan_mri.files import read_json
from gan_mri.inference.translator import Translator

SHAPE, AFFINE = (40, 38, 30), np.diag([-2.0, 2, 2, 1])
#: Center in voxels, and the value in T1w: the darker there, the brighter the translation.
LESIONS = {"kept": ((12, 19, 15), 300), "faded": ((20, 12, 15), 480), "lost": ((27, 19, 15), 580)}
INVENTED = (20, 26, 16)
TISSUE = {"T1w": 600, "T2w": 300}


def ball(center, radius):
    return sum((g - c) ** 2 for g, c in zip(np.indices(SHAPE), center)) <= radius**2


HEAD = ball((19.5, 18.5, 14.5), 14)


def image(contrast):
    """Constant tissue with lesions; T2w has them all at 700, T1w the invented one too."""
    values = np.where(HEAD, TISSUE[contrast], 0.0)
    for center, dark in LESIONS.values():
        values[ball(center, 2)] = dark if contrast == "T1w" else 700
    if contrast == "T1w":
        values[ball(INVENTED, 2)] = 300
    return values.astype("float32")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A BIDS folder, masks, and a run that was trained on all but sub-03."""
    place = tmp_path_factory.mktemp("lesions")
    makers = {name: (lambda seed, name=name: image(name)) for name in TISSUE}
    bids = volumes_on_disk.write(place / "bids", makers, affine=AFFINE)
    mask = sum(ball(center, 2) for center, _ in LESIONS.values()).astype("uint8")
    for subject in ("01", "03"):
        path = bids / "derivatives" / "lesions" / f"sub-{subject}" / "anat"
        path.mkdir(parents=True)
        name = f"sub-{subject}_label-lesion_mask.nii.gz"
        nib.save(nib.Nifti1Image(mask, AFFINE), path / name)
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
    return place / "run", bids, bids / "derivatives" / "lesions"


@pytest.fixture
def translated(monkeypatch):
    """T1w to T2w point by point, so that the darkest lesion comes out as bright as it is."""
    # In [-1, 1]: T1w goes up to tissue (600), T2w up to lesions (700).
    tissue, lesion = 2 * 300 / 700 - 1, 1.0
    slope = (lesion - tissue) / (1 - (2 * 300 / 600 - 1))

    def call(self, images, references=None):
        (scaled,) = images.values() if isinstance(images, dict) else (images,)
        made = tissue + slope * (1 - scaled)
        return np.where(scaled > -0.9, made, -1).astype("float32")

    monkeypatch.setattr(Translator, "__call__", call)


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def test_every_lesion_gets_the_verdict_that_it_was_made_for(folders, translated, tmp_path):
    run, bids, masks = folders
    report = gan_mri.lesions(run, masks=masks, out=tmp_path / "out", progress=False)
    assert {path.name for path in report.folder.iterdir()} == {
        "index.html", "lesions.csv", "invented.csv", "summary.json", "contrasts.png",
        "kept.png", "faded.png", "lost.png", "invented.png",
    }  # fmt: skip
    total = report.summary["total"]
    volume = int(ball((19, 19, 15), 2).sum()) * 8 / 1000
    assert (total["kept"], total["faded"], total["lost"], total["unseen"]) == (1, 1, 1, 0)
    assert total["lesion_ml"] == pytest.approx(3 * volume)
    found = rows(report.folder / "lesions.csv")
    assert len(found) == 3 and {row["subject"] for row in found} == {"sub-03"}
    for row in found:
        center, dark = LESIONS[row["verdict"]]
        world = (AFFINE @ [*center, 1])[:3]
        place = [float(row[name]) for name in ("x_mm", "y_mm", "z_mm")]
        np.testing.assert_allclose(place, world, atol=1e-6)
        # The window of T2w is 0 .. 700; flat surroundings deviate by the floor, 0.02.
        assert float(row["contrast_real"]) == pytest.approx(2 * 400 / 700 / 0.02, rel=1e-3)
        assert float(row["share"]) == pytest.approx((600 - dark) / 300, abs=1e-3)
    (place,) = rows(report.folder / "invented.csv")
    np.testing.assert_allclose(
        [float(place[name]) for name in ("x_mm", "y_mm", "z_mm")], (AFFINE @ [*INVENTED, 1])[:3]
    )
    assert total["invented"] == 1
    assert total["invented_ml"] == pytest.approx(volume)
    summary = read_json(report.folder / "summary.json")
    assert summary["subjects"] == ["sub-03"] and summary["trained_on"] == []
    page = (report.folder / "index.html").read_text()
    assert "Not for diagnosis" in page and page.count("<figure class=") == 5
    assert "sub-03" in report.table()


def test_volumes_are_made_from_several_sources(monkeypatch, tmp_path):
    two_sources.register(monkeypatch)
    makers = {name: (lambda seed, name=name: image(name)) for name in TISSUE}
    bids = volumes_on_disk.write(
        tmp_path / "bids", makers | {"PDw": lambda seed: image("T2w")}, affine=AFFINE
    )
    run = tmp_path / "run"
    gan_mri.train(
        "tests/from_two",
        data=bids,
        contrasts=two_sources.DOMAINS,
        test_subjects=["03"],
        out=run,
        image_size=(20, 20, 20),
        fit="crop",
        steps_per_epoch=1,
        precision="float32",
        strategy="none",
        progress=False,
    )
    masks = tmp_path / "masks" / "sub-03" / "anat"
    masks.mkdir(parents=True)
    mask = sum(ball(center, 2) for center, _ in LESIONS.values()).astype("uint8")
    nib.save(nib.Nifti1Image(mask, AFFINE), masks / "sub-03_label-lesion_mask.nii.gz")

    def call(self, images, references=None):
        assert list(images) == ["T1w", "PDw"] and images["PDw"].shape == (1, *SHAPE, 1)
        return images["PDw"]

    monkeypatch.setattr(Translator, "__call__", call)
    out = tmp_path / "out"
    report = gan_mri.lesions(run, masks=tmp_path / "masks", out=out, progress=False)
    assert report.summary["sources"] == ["T1w", "PDw"]
    assert [row["verdict"] for row in report.lesions] == ["kept"] * 3
    assert all(row["share"] == pytest.approx(1, abs=1e-5) for row in report.lesions)
    assert report.summary["total"]["invented"] == 0


def test_training_subjects_only_when_asked_for_and_then_with_a_warning(
    folders, translated, tmp_path, capsys
):
    run, bids, masks = folders
    command.main(
        [str(run), "--data", str(bids), "--masks", str(masks), "--out", str(tmp_path / "out"),
         "--subjects", "01", "--kept", "0.3", "--lost", "0.05", "--min-volume", "400"]
    )  # fmt: skip
    assert "sub-01" in capsys.readouterr().out
    summary = read_json(tmp_path / "out" / "summary.json")
    assert summary["trained_on"] == ["sub-01"] and summary["options"]["kept"] == 0.3
    total = summary["total"]
    assert (total["kept"], total["faded"], total["invented"]) == (2, 1, 0)
    assert "was trained on sub-01" in (tmp_path / "out" / "index.html").read_text()


def test_the_other_direction_has_dark_lesions(folders, monkeypatch, tmp_path):
    run, _, masks = folders
    monkeypatch.setattr(Translator, "__call__", lambda self, images, _=None: images["image"])
    report = gan_mri.lesions(run, masks=masks, out=tmp_path / "o", target="T1w", progress=False)
    # Three lesions that are bright in T2w and dark in T1w, given back bright.
    assert report.summary["total"]["lost"] == 3
    assert all(row["contrast_real"] < 0 < row["contrast_synthetic"] for row in report.lesions)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"kept": 0.1}, "lost must be below kept"),
        ({"seen": 0}, "seen must be a number above 0"),
        ({"min_voxels": 0}, "min_voxels must be a whole number from 1"),
        ({"subjects": "01"}, "subjects must be labels"),
        ({"align": "guess"}, "align must be none or headers"),
        ({"masks": 3}, "masks must be a path"),
        ({"mask_name": ""}, "mask_name must be the last words"),
        ({"subjects": ["02"]}, "sub-01, sub-03. Received: sub-02"),
        ({"data": "nowhere"}, "data: expected a BIDS folder"),
    ],
)
def test_what_cannot_be_is_named_and_nothing_is_written(folders, tmp_path, options, message):
    run, _, masks = folders
    with pytest.raises(GanMriError, match=message):
        gan_mri.lesions(
            run, **{"masks": masks, "out": tmp_path / "out", "progress": False} | options
        )
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_there_is_kept(folders, tmp_path):
    run, _, masks = folders
    with pytest.raises(GanMriError, match="exists already"):
        gan_mri.lesions(run, masks=masks, out=tmp_path)
