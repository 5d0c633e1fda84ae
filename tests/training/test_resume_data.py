"""A run is continued on the images that it was trained on, wherever they are now."""

import shutil

import nibabel as nib
import numpy as np
import pytest
import runs
from data_samples import head, write_nifti

import gan_mri
from gan_mri.data.sources.built_in import BUILT_IN
from gan_mri.errors import GanMriError
from gan_mri.prepare import prepare
from gan_mri.training import monitor

SHAPE = (20, 18, 9)
SUBJECTS = ("sub-01", "sub-02", "sub-03")


def write(folder, subject, contrast, *, session="", factor=1, empty=()):
    name = f"{subject}{f'_{session}' if session else ''}_{contrast}.nii.gz"
    seed = int(subject[-2:]) + 10 * (contrast == "T2w")
    array = head(SHAPE, seed=seed) * factor
    array[..., list(empty)] = 0
    return write_nifti(folder / subject / session / "anat" / name, array)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with a BIDS data set and a run of one epoch on it."""
    folder = tmp_path_factory.mktemp("trained")
    for subject in SUBJECTS:
        for contrast in ("T1w", "T2w"):
            write(folder / "data", subject, contrast)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(monitor, "history_figure", lambda *arguments: None)
        options = {
            name: runs.QUICK[name] for name in ("recipe", "filters", "precision", "strategy")
        }
        gan_mri.train(
            data=folder / "data", contrasts=("T1w", "T2w"), test_subjects="sub-03",
            out=folder / "run", epochs=1, scaling="percentile", progress=False, **options,
        )  # fmt: skip
    return folder


@pytest.fixture
def copy(trained, tmp_path, monkeypatch):
    """A run and its data set, where they were, that a test may change."""
    monkeypatch.setattr(monitor, "history_figure", lambda *arguments: None)
    shutil.copytree(trained / "data", tmp_path / "data")
    run = shutil.copytree(trained / "run", tmp_path / "run")
    config = gan_mri.load_run(run).config
    source = str(tmp_path / "data")
    runs.changed(
        run,
        arguments=config["arguments"] | {"data": source},
        data=config["data"] | {"source": source},
    )
    return run


def ten_times(folder):
    path = folder / "sub-02" / "anat" / "sub-02_T2w.nii.gz"
    image = nib.load(path)
    write_nifti(path, np.asarray(image.dataobj) * 10, image.affine)


def another_session(folder):
    write(folder, "sub-01", "T1w", session="ses-02")
    write(folder, "sub-01", "T2w", session="ses-02")


def fewer_slices(folder):
    write(folder, "sub-03", "T1w", empty=(1, 2))


def another_size(folder):
    for contrast in ("T1w", "T2w"):
        path = folder / "sub-01" / "anat" / f"sub-01_{contrast}.nii.gz"
        write_nifti(path, np.asarray(nib.load(path).dataobj)[:, :17])


def another_subject(folder):
    write(folder, "sub-04", "T1w")
    write(folder, "sub-04", "T2w")


CHANGES = {
    "intensities times ten": (ten_times, "train T2w sub-02"),
    "an added session": (another_session, "train T1w sub-01 ses-02: nothing. Received: "),
    "fewer slices": (fewer_slices, "test T1w sub-03: 7 samples of 18 x 20.*Received: 5 samples of"),
    "another size": (another_size, "train T1w sub-01: 7 samples of 18 x 20.*Received: .* 17 x 20"),
    "another subject": (another_subject, "trained on other subjects.*sub-04"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_other_images_are_refused_by_the_name_of_the_file(copy, tmp_path, case):
    change, words = CHANGES[case]
    change(tmp_path / "data")
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    with pytest.raises(GanMriError, match=words) as caught:
        gan_mri.train(out=copy, resume=True, epochs=2, progress=False)
    assert str(caught.value).startswith(f"{copy} was trained on other ")
    assert "so it cannot be resumed" in str(caught.value) and "\n" not in str(caught.value)
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before


def test_the_same_images_are_continued(copy):
    run = gan_mri.train(out=copy, resume=True, epochs=2, progress=False)
    assert len(run.history) == 2


def test_data_that_moved_are_named_once(copy, tmp_path):
    (tmp_path / "data").rename(tmp_path / "moved")
    with pytest.raises(GanMriError, match="data: .* no such file or folder.*--data"):
        gan_mri.train(out=copy, resume=True, epochs=2, progress=False)
    moved = tmp_path / "moved"
    run = gan_mri.train(out=copy, resume=True, epochs=2, data=moved, progress=False)
    assert run.config["arguments"]["data"] == run.config["data"]["source"] == str(moved)
    # From now on the new place is remembered.
    run = gan_mri.train(out=copy, resume=True, epochs=3, progress=False)
    assert len(run.history) == 3 and run.load_data().test.subjects == ["sub-03"]


def test_data_that_moved_are_checked_to_be_the_same(copy, tmp_path):
    (tmp_path / "data").rename(tmp_path / "moved")
    ten_times(tmp_path / "moved")
    with pytest.raises(GanMriError, match="other images than the data hold now.*T2w sub-02"):
        gan_mri.train(out=copy, resume=True, epochs=2, data=tmp_path / "moved", progress=False)


def test_files_do_not_move_into_a_built_in_set(copy):
    for word in BUILT_IN:
        with pytest.raises(GanMriError, match=f"a run with data .*Received: '{word}'"):
            gan_mri.train(out=copy, resume=True, data=word, progress=False)


def test_a_prepared_file_moves_too_and_is_checked(tmp_path, trained, monkeypatch):
    monkeypatch.setattr(monitor, "history_figure", lambda *arguments: None)
    split = {"contrasts": ("T1w", "T2w"), "split": (0.4, 0, 0.6)}
    prepare(trained / "data", tmp_path / "one.h5", **split)
    settings = {name: runs.QUICK[name] for name in ("recipe", "filters", "precision", "strategy")}
    run = tmp_path / "run"
    gan_mri.train(data=tmp_path / "one.h5", out=run, epochs=1, progress=False, **settings)
    (tmp_path / "one.h5").rename(tmp_path / "two.h5")
    options = {"out": run, "resume": True, "epochs": 2, "progress": False}
    assert len(gan_mri.train(data=tmp_path / "two.h5", **options).history) == 2
    shutil.copytree(trained / "data", tmp_path / "other")
    write(tmp_path / "other", "sub-01", "T2w", factor=2)
    prepare(tmp_path / "other", tmp_path / "three.h5", **split)
    with pytest.raises(GanMriError, match="T2w sub-01: 7 samples"):
        gan_mri.train(data=tmp_path / "three.h5", **options)


def test_pixels_of_pictures_are_compared(tmp_path, monkeypatch):
    monkeypatch.setattr(monitor, "history_figure", lambda *arguments: None)
    data = runs.write_pictures(tmp_path / "data", trainA=2, trainB=2)
    run = tmp_path / "run"
    gan_mri.train(data=data, out=run, epochs=1, progress=False, strategy="none", **runs.SMALLEST)
    shutil.copy(data / "trainB" / "trainB-0.png", data / "trainB" / "trainB-1.png")
    with pytest.raises(GanMriError, match="train B trainB-1: 1 samples of 24 x 24"):
        gan_mri.train(out=run, resume=True, epochs=2, progress=False)
