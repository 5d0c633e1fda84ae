import shutil

import nibabel as nib
import numpy as np
import pytest
import runs
from PIL import Image

import gan_mri
from gan_mri.errors import GanMriError
from gan_mri.publishing import published
from gan_mri.publishing.published import Published, list_of_shipped, place_of, shipped

WORDS = {
    "title": "T1w to T2w and back, phantom",
    "license": "CC0-1.0",
    "data": "the phantom of gan_mri",
    "attribution": "Drawn by the package itself",
}


@pytest.fixture(scope="module")
def quick_run(tmp_path_factory):
    return runs.quick_run(tmp_path_factory)


@pytest.fixture(scope="module")
def folder(quick_run, tmp_path_factory):
    out = tmp_path_factory.mktemp("weights") / "phantom-t1-t2"
    made = gan_mri.publish(quick_run, out, **WORDS)
    assert made.folder == out and made.directions == ["A2B", "B2A"]
    return out


@pytest.fixture
def beside(folder, monkeypatch):
    """As if the folder were the checkout's `weights/`."""
    monkeypatch.setattr(published, "_places", lambda: [folder.parent])


def volume(path):
    array = np.random.default_rng(0).uniform(300, 700, (20, 24, 5)).astype("float32")
    nib.save(nib.Nifti1Image(array, np.diag([-1.0, 1, 1, 1])), path)
    return path


def test_it_translates_by_its_name_as_its_run_does(quick_run, beside, tmp_path):
    source = volume(tmp_path / "in.nii")
    for model, name in (("phantom-t1-t2", "a"), (quick_run, "b")):
        for direction in ("A2B", "B2A"):
            out = tmp_path / f"{name}_{direction}.nii"
            gan_mri.translate(model, source, out, direction=direction, progress=False, check=False)
    for direction in ("A2B", "B2A"):
        small, whole = (nib.load(tmp_path / f"{n}_{direction}.nii").get_fdata() for n in "ab")
        np.testing.assert_allclose(small, whole, atol=5e-3 * np.ptp(whole))
    gan_mri.translate(
        "phantom-t1-t2", source, tmp_path / "c.nii", target="T1w", progress=False, check=False
    )
    back = nib.load(tmp_path / "c.nii").get_fdata()
    np.testing.assert_array_equal(back, nib.load(tmp_path / "a_B2A.nii").get_fdata())


def test_the_card_says_what_it_must(folder, quick_run):
    text = (folder / "README.md").read_text()
    head, rest = text.removeprefix("---\n").split("\n---\n")
    assert 'license: "CC0-1.0"' in head and "library_name: gan_mri" in head
    for words in (*WORDS.values(), "not-for-diagnosis", "## Held-out results", "remove a lesion"):
        assert words in text
    assert "python -m gan_mri.translate phantom-t1-t2 INPUT.nii.gz OUTPUT.nii.gz" in rest
    trained = gan_mri.load_run(quick_run).held_out["metrics"]["trained"]
    assert f"| T1w to T2w | trained | {trained['mae_A2B']:.3f} |" in rest
    assert Image.open(folder / "translations.png").size > (100, 100)
    everything = "".join(
        path.read_text() for path in folder.rglob("*") if path.suffix in (".md", ".json")
    )
    assert str(quick_run) not in everything and "sub-" not in everything


def test_the_list(beside, capsys):
    assert list(shipped()) == ["phantom-t1-t2"]
    with pytest.raises(SystemExit) as caught:
        gan_mri.translate.main(["--list"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"phantom-t1-t2  {WORDS['title']} (CC0-1.0)\n"


def test_nothing_is_shipped(monkeypatch, tmp_path):
    monkeypatch.setattr(published, "_places", lambda: [tmp_path / "none"])
    assert "No trained weights" in list_of_shipped()


def test_a_folder_of_the_name_comes_first(beside, folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert place_of("phantom-t1-t2") == folder
    assert str(place_of("../phantom-t1-t2")) == "../phantom-t1-t2"
    (tmp_path / "phantom-t1-t2").mkdir()
    assert str(place_of("phantom-t1-t2")) == "phantom-t1-t2"


def test_what_was_changed_is_not_used(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "copy")
    (tmp_path / "copy" / "README.md").write_text("for diagnosis")
    with pytest.raises(GanMriError, match=r"README\.md: .*checksum"):
        Published(tmp_path / "copy")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"direction": "A2C"}, "direction: expected A2B or B2A"),
        ({"target": "FLAIR"}, "target: expected T2w or T1w"),
        ({"checkpoint": "best"}, "a published model: expected a run folder"),
    ],
)
def test_what_it_does_not_have(folder, tmp_path, options, said):
    with pytest.raises(GanMriError, match=said):
        gan_mri.translate(folder, volume(tmp_path / "in.nii"), tmp_path / "out.nii", **options)


@pytest.mark.parametrize("change", [{"title": ""}, {"license": None}, {"data": "two\nlines"}])
def test_what_must_be_said(quick_run, tmp_path, change):
    (name,) = change
    with pytest.raises(GanMriError, match=f"{name}: expected a text of one line"):
        gan_mri.publish(quick_run, tmp_path / "out", **WORDS | change)
    assert not (tmp_path / "out").exists()
