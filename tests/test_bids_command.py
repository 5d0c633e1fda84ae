"""The BIDS App: its tree, going on after an interruption, failures, and the official validator."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import bids_folders
import nibabel as nib
import numpy as np
import pytest
import untrained_exports

import gan_mri
from gan_mri.bids import main
from gan_mri.commands import run_command
from gan_mri.derivatives import participant
from gan_mri.errors import GanMriError

SMALL = {"filters": 2, "residual_blocks": 1}
NAMES = (
    "sub-01/ses-1/anat/sub-01_ses-1_run-1_T1w.nii.gz",
    "sub-01/ses-2/anat/sub-01_ses-2_T1w.nii.gz",
    "sub-02/anat/sub-02_T1w.nii.gz",
)
MADE = (
    "sub-01/ses-1/anat/sub-01_ses-1_run-1_desc-synthetic_T2w.nii.gz",
    "sub-01/ses-2/anat/sub-01_ses-2_desc-synthetic_T2w.nii.gz",
    "sub-02/anat/sub-02_desc-synthetic_T2w.nii.gz",
)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """From B to A, whose contrasts are turned round: from T1w to T2w."""
    return untrained_exports.export(
        tmp_path_factory.mktemp("model"),
        "welander/generators_s",
        (20, 20, 1),
        SMALL,
        contrasts=("T2w", "T1w"),
    )


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return bids_folders.write(tmp_path_factory.mktemp("study"), *NAMES)


@pytest.fixture(scope="module")
def done(model, study, tmp_path_factory):
    out = tmp_path_factory.mktemp("derivatives") / "synthetic"
    outcome = gan_mri.bids(study, out, model=model, progress=False)
    assert [path.relative_to(out).as_posix() for path in outcome.made] == list(MADE)
    assert not outcome.kept and not outcome.failed
    return out


def tree(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_images_are_those_of_translate(done, model, study, tmp_path):
    for number, (source, made) in enumerate(zip(NAMES, MADE)):
        expected = tmp_path / f"{number}.nii.gz"
        gan_mri.translate(model, study / source, expected, progress=False)
        ours, theirs = nib.load(done / made), nib.load(expected)
        np.testing.assert_array_equal(ours.get_fdata(), theirs.get_fdata())
        np.testing.assert_array_equal(ours.affine, theirs.affine)


def test_nothing_else_is_there(done):
    beside = {name.replace(".nii.gz", ".json") for name in MADE}
    own = {"dataset_description.json", "README", ".bidsignore", "sub-01.html", "sub-02.html"}
    assert set(tree(done)) == {*MADE, *beside, *own}


def test_what_stands_beside_an_image(done, model):
    facts = json.loads((done / MADE[0].replace(".nii.gz", ".json")).read_text())
    assert facts["Sources"] == [f"bids:raw:{NAMES[0]}"] and facts["Target"] == "T2w"
    assert (
        facts["Model"]["Recipe"] == "welander/generators_s" and len(facts["Model"]["SHA256"]) == 64
    )
    array = nib.load(done / MADE[0]).get_fdata()
    assert facts["IntensityRange"] == pytest.approx([array.min(), array.max()])
    assert facts["SkullStripped"] is True and facts["Warnings"] == []


def test_every_subject_has_a_page_with_its_pictures(done):
    text = (done / "sub-01.html").read_text()
    assert text.count("data:image/png;base64,") == 2
    assert Path(MADE[0]).name in text and Path(MADE[1]).name in text
    assert f"bids:raw:{NAMES[0]}" in text and "script" not in text


def test_the_official_validator_has_no_errors(done):
    validator = Path(sys.executable).with_name("bids-validator-deno")
    if not validator.exists():
        pytest.skip("bids-validator-deno (extra validate) is not installed")
    found = subprocess.run([validator, "--json", done], capture_output=True, text=True, check=False)
    issues = json.loads(found.stdout)["issues"]["issues"]
    assert [one for one in issues if one["severity"] == "error"] == []


def test_what_is_done_is_left_and_what_is_missing_is_made(done, model, study, tmp_path):
    out = shutil.copytree(done, tmp_path / "synthetic")
    before = tree(out)
    (out / MADE[1]).unlink()  # as if it had been stopped just before the last rename
    (out / MADE[1]).with_name(f".unfinished-{Path(MADE[1]).name}").write_bytes(b"half")
    outcome = gan_mri.bids(study, out, model=model, progress=False)
    assert [path.name for path in outcome.made] == [Path(MADE[1]).name]
    assert len(outcome.kept) == 2 and not outcome.failed
    assert tree(out) == before


def test_another_model_does_not_replace_anything(done, study, tmp_path):
    out = shutil.copytree(done, tmp_path / "synthetic")
    other = untrained_exports.export(
        tmp_path / "other",
        "welander/generators_s",
        (20, 20, 1),
        SMALL | {"filters": 3},
        contrasts=("T2w", "T1w"),
    )
    outcome = gan_mri.bids(study, out, model=other, progress=False)
    assert not outcome.made and not outcome.kept and len(outcome.failed) == 3
    assert "image that this model made" in outcome.failed[0][1]
    assert {name: tree(out)[name] for name in MADE} == {name: tree(done)[name] for name in MADE}


def test_what_fails_is_told_at_the_end_and_the_rest_is_done(model, study, tmp_path, capsys):
    broken = shutil.copytree(study, tmp_path / "study")
    (broken / NAMES[0]).write_bytes((broken / NAMES[0]).read_bytes()[:300])
    with pytest.raises(SystemExit) as ended:
        run_command(
            main, [str(broken), str(tmp_path / "out"), "participant", "--model", str(model)]
        )
    assert ended.value.code == 1
    said = capsys.readouterr().out
    assert "2 made, 0 there already, 1 failed" in said and f"failed: {broken / NAMES[0]}" in said
    assert not (tmp_path / "out" / MADE[0]).exists() and (tmp_path / "out" / MADE[2]).exists()


def test_labels_and_the_spelling_with_underscores(model, study, tmp_path, capsys):
    words = [str(study), str(tmp_path / "out"), "participant", "--model", str(model)]
    main([*words, "--participant_label", "01", "--session-label", "ses-2"])
    assert "1 made" in capsys.readouterr().out
    assert (tmp_path / "out" / MADE[1]).exists() and not (tmp_path / "out" / MADE[2]).exists()


def test_stochastic_models_write_their_deviation(study, tmp_path):
    import tiny

    model = untrained_exports.export(
        tmp_path / "model", "welander/unit", (24, 24, 1), tiny.SETTINGS, contrasts=("T2w", "T1w")
    )
    out = tmp_path / "out"
    gan_mri.bids(study, out, model=model, samples=3, participant_label=["02"], progress=False)
    spread = out / "sub-02/anat/sub-02_desc-syntheticSD_T2w.nii.gz"
    assert nib.load(spread).get_fdata().max() > 0
    facts = json.loads(spread.with_name("sub-02_desc-syntheticSD_T2w.json").read_text())
    assert "3 stochastic translations" in facts["Description"]


def test_every_model_has_a_deviation_if_it_is_asked_for(study, model, tmp_path):
    out = tmp_path / "out"
    gan_mri.bids(study, out, model=model, vary=True, participant_label=["02"], progress=False)
    spread = out / "sub-02/anat/sub-02_desc-syntheticSD_T2w.nii.gz"
    assert nib.load(spread).get_fdata().max() > 0
    facts = json.loads(spread.with_name("sub-02_desc-syntheticSD_T2w.json").read_text())
    assert "6 mirrored and shifted translations" in facts["Description"]
    with pytest.raises(GanMriError, match="samples: expected none with vary"):
        gan_mri.bids(study, out, model=model, vary=True, samples=3, progress=False)


@pytest.mark.parametrize(
    ("source", "out", "words"),
    [
        ("missing", "out", "expected a BIDS folder"),
        ("study", "taken", "files and without a dataset_description"),
        ("study", "taken/notes.txt", "a file where a folder is needed"),
        ("empty", "out", "none of T1w"),
    ],
)
def test_nothing_is_begun_that_cannot_be_done(study, model, tmp_path, source, out, words):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "notes.txt").write_text("mine")
    (tmp_path / "empty").mkdir()
    folder = study if source == "study" else tmp_path / source
    with pytest.raises(GanMriError, match=words):
        gan_mri.bids(folder, tmp_path / out, model=model, progress=False)
    assert not (tmp_path / "out").exists()
    assert [path.name for path in (tmp_path / "taken").iterdir()] == ["notes.txt"]


def test_warnings_of_an_image_stand_beside_it(study, model, tmp_path, monkeypatch):
    translate = participant.translate_file

    def warn(*arguments, **options):
        participant._log.warning("a <strange> affine")
        translate(*arguments, **options)

    monkeypatch.setattr(participant, "translate_file", warn)
    gan_mri.bids(study, tmp_path / "out", model=model, participant_label=["02"], progress=False)
    facts = json.loads((tmp_path / "out" / MADE[2].replace(".nii.gz", ".json")).read_text())
    assert facts["Warnings"] == ["a <strange> affine"]
    assert "Warning: a &lt;strange&gt; affine" in (tmp_path / "out" / "sub-02.html").read_text()
