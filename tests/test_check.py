"""The command `check`, and the warnings of `translate` and `bids`."""

import json
import logging
import shutil
import subprocess
import sys

import heads
import nibabel as nib
import numpy as np
import pytest
import runs
from cards import card

import gan_mri
from gan_mri.check import main
from gan_mri.commands import run_command
from gan_mri.errors import GanMriError
from gan_mri.files import read_json, write_json
from gan_mri.inference.card import CARD, Card

#: What a head of `heads` has, by hand: voxels of 2.5 mm, an image of 180 mm.
TRAINED = {
    "files": 2,
    "slices": None,
    "quantities": {"voxel_left_right": [2.5, 2.5], "field_left_right": [180.0, 180.0]},
}


def exported(folder, trained=TRAINED, **more):
    """As much of an exported model as is read without TensorFlow."""
    content = card(**more)
    for one in content["inputs"].values():
        one["trained_on"] = trained
    write_json(folder / CARD, content)
    (folder / "saved_model.pb").write_bytes(b"")
    return folder


@pytest.fixture
def model(tmp_path):
    return exported(tmp_path / "model")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Two heads that are right, one with the voxel size of another, one that is no image."""
    folder = tmp_path_factory.mktemp("files")
    for name in ("a", "b"):
        nib.save(heads.nifti(heads.head()), folder / f"{name}.nii.gz")
    (folder / "wrong").mkdir()
    double = heads.AFFINE @ np.diag([2, 2, 2, 1])
    nib.save(heads.nifti(heads.head(), double), folder / "wrong" / "c.nii.gz")
    (folder / "broken").mkdir()
    (folder / "broken" / "d.nii.gz").write_bytes(b"no image")
    return folder


def run(capsys, *words):
    """The status and what was printed."""
    with pytest.raises(SystemExit) as ended:
        run_command(lambda arguments: main(arguments) or sys.exit(0), list(map(str, words)))
    return ended.value.code or 0, capsys.readouterr().out


def test_status_0_without_doubts(model, files, capsys):
    status, said = run(capsys, model, files / "a.nii.gz", files / "b.nii.gz")
    assert status == 0
    assert said == f"{files / 'a.nii.gz'}: no doubts\n\n{files / 'b.nii.gz'}: no doubts\n"


def test_status_1_for_doubts_a_paragraph_each(model, files, capsys):
    status, said = run(capsys, model, files / "wrong", files)
    assert status == 1
    paragraphs = said.rstrip("\n").split("\n\n")
    assert paragraphs[0] == f"{files / 'wrong' / 'c.nii.gz'}: 2 doubts"
    assert paragraphs[1].startswith("  Voxel size, as the network sees it: left to right 5 mm. ")
    assert paragraphs[2].startswith("  Field of view: left to right 360 mm. Expected: ")
    assert [text.endswith(": no doubts") for text in paragraphs[3:]] == [True, True]


def test_status_2_for_what_cannot_be_translated_and_the_rest_is_checked(model, files, capsys):
    status, said = run(capsys, model, files / "broken", files / "wrong", files / "a.nii.gz")
    assert status == 2
    assert "d.nii.gz: cannot be translated\n\n  " in said and "2 doubts" in said
    assert "a.nii.gz: no doubts" in said
    assert run(capsys, model, files / "none.nii.gz")[0] == 2
    assert run(capsys, model.parent / "none", files)[0] == 2


def test_constant_volumes_and_wrong_channels_cannot(model, files, tmp_path, capsys):
    nib.save(heads.nifti(np.full(heads.SHAPE, 7.0, np.float32)), tmp_path / "constant.nii")
    status, said = run(capsys, model, tmp_path / "constant.nii")
    assert status == 2 and "received a constant volume" in said
    colored = exported(tmp_path / "colored", channels=3)
    status, said = run(capsys, colored, files / "a.nii.gz")
    assert status == 2 and "3 channel(s)" in said


def test_a_card_without_ranges_says_so(files, tmp_path, capsys):
    older = exported(tmp_path / "older", trained=None)
    status, said = run(capsys, older, files)
    assert status == 0 and said.startswith(f"{older}: its card has no ranges of training images")
    flipped = heads.nifti(heads.head())
    flipped.set_sform(np.diag([-1.0, 1, 1, 1]) @ heads.AFFINE, code=1)
    nib.save(flipped, tmp_path / "flipped.nii")
    status, said = run(capsys, older, tmp_path / "flipped.nii")
    assert status == 1 and "mirror images of each other" in said


def test_several_sources(files, tmp_path, capsys):
    several = exported(tmp_path / "several", inputs={"T1w": "T1w", "PDw": "PDw"})
    words = ("--inputs", f"T1w={files / 'a.nii.gz'}", f"PDw={files / 'b.nii.gz'}")
    status, said = run(capsys, several, *words)
    assert status == 0 and said.count("no doubts") == 2
    # Translation would refuse two grids.
    status, said = run(capsys, several, *words[:2], f"PDw={files / 'wrong' / 'c.nii.gz'}")
    assert status == 2 and "expected the grid of" in said
    for bad in (words[:2], (*words, "T1w=x"), (*words[:2], "b.nii.gz"), (files / "a.nii.gz",)):
        assert run(capsys, several, *bad)[0] == 2


def test_from_python(model, files):
    reports = gan_mri.check(model, [files / "a.nii.gz", files / "wrong"])
    assert reports.status == 1 and reports.ranges
    assert [report.path.name for report in reports] == ["a.nii.gz", "c.nii.gz"]
    assert [one.quantity for one in reports[1].findings] == ["voxel", "field"]
    assert gan_mri.check(model, str(files / "a.nii.gz")).status == 0
    for source in (None, [], 3, [None]):
        with pytest.raises(GanMriError):
            gan_mri.check(model, source)
    with pytest.raises(GanMriError, match="makes T2w"):
        gan_mri.check(model, files, target="FLAIR")


def test_it_needs_no_tensorflow(model, files):
    code = (
        "import sys; from gan_mri.check import main; main(sys.argv[1:]); "
        "print('tensorflow' in sys.modules)"
    )
    words = [sys.executable, "-c", code, str(model), str(files / "a.nii.gz")]
    ran = subprocess.run(words, capture_output=True, text=True, check=True)
    assert ran.stdout.endswith("False\n")


def test_a_trained_run_knows_its_ranges(tmp_path_factory):
    folder = runs.quick_run(tmp_path_factory) / "export" / "A2B"
    found = Card.read(folder)
    assert found.trained_on["image"]["quantities"] == {"rows": [24, 24], "columns": [24, 24]}
    assert found.trained_on["image"]["files"] == 2 and found.target_trained_on is not None


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """A model of pictures from a run, said to be of axial slices of 2.5 mm."""
    run = runs.quick_run(tmp_path_factory)
    folder = shutil.copytree(run / "export" / "A2B", tmp_path_factory.mktemp("network") / "A2B")
    content = read_json(folder / CARD)
    content["view"]["plane"] = "axial"
    content["inputs"]["image"]["trained_on"] = TRAINED
    write_json(folder / CARD, content)
    return folder


def test_translate_warns_unless_told_not_to(network, files, tmp_path, caplog):
    source = files / "wrong" / "c.nii.gz"
    with caplog.at_level(logging.WARNING, "gan_mri"):
        gan_mri.translate(network, source, tmp_path / "quiet.nii", check=False, progress=False)
        gan_mri.translate(network, files / "a.nii.gz", tmp_path / "right.nii", progress=False)
        assert not [record for record in caplog.records if record.name == "gan_mri"]
        gan_mri.translate(network, source, tmp_path / "told.nii", progress=False)
    told = [record.getMessage() for record in caplog.records if record.name == "gan_mri"]
    assert len(told) == 2 and told[0].startswith(f"{source}: Voxel size, as the network sees it")
    quiet, loud = (nib.load(tmp_path / f"{name}.nii").get_fdata() for name in ("quiet", "told"))
    np.testing.assert_array_equal(quiet, loud)
    with pytest.raises(GanMriError, match="check must be True or False"):
        gan_mri.translate(network, source, tmp_path / "x.nii", check="no")


@pytest.mark.parametrize("check", [True, False])
def test_doubts_stand_in_derivatives(network, tmp_path, check):
    double = heads.AFFINE @ np.diag([2, 2, 2, 1])
    path = tmp_path / "study/sub-01/anat/sub-01_T1w.nii.gz"
    path.parent.mkdir(parents=True)
    nib.save(heads.nifti(heads.head()[::2, ::2, ::2], double), path)
    (tmp_path / "study/dataset_description.json").write_text(
        '{"Name": "x", "BIDSVersion": "1.9.0"}'
    )
    out = tmp_path / "out"
    gan_mri.bids(tmp_path / "study", out, model=network, check=check, progress=False)
    facts = json.loads((out / "sub-01/anat/sub-01_desc-synthetic_T2w.json").read_text())
    told = [text.partition(": ")[2].partition(",")[0] for text in facts["Warnings"]]
    assert told == (["Voxel size"] if check else [])
    assert ("Warning: " in (out / "sub-01.html").read_text()) is check
