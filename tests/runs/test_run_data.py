import logging

import nibabel
import numpy as np
import pytest
from PIL import Image
from runs import write_pictures
from untrained_runs import write_run

from gan_mri.data import load
from gan_mri.errors import GanMriError
from gan_mri.prepare import prepare


def write_bids(folder, subjects, *, seed=0):
    """Bright balls in noise, 20 x 20 x 6, T1w and T2w."""
    i, j, k = np.ogrid[-1:1:20j, -1:1:20j, -1:1:6j]
    ball = np.sqrt(i**2 + j**2 + 0 * k) < 0.8
    for number, subject in enumerate(subjects):
        for contrast in ("T1w", "T2w"):
            rng = np.random.default_rng([seed, number, len(contrast)])
            voxels = rng.normal(5, 1, ball.shape) + ball * rng.uniform(80, 200, ball.shape)
            path = folder / subject / "anat" / f"{subject}_{contrast}.nii.gz"
            path.parent.mkdir(parents=True, exist_ok=True)
            nibabel.save(nibabel.Nifti1Image(voxels.astype("float32"), np.eye(4)), path)
    return folder


SUBJECTS = ["sub-1", "sub-2", "sub-3", "sub-4"]


@pytest.fixture(scope="module")
def bids(tmp_path_factory):
    folder = write_bids(tmp_path_factory.mktemp("bids") / "set", SUBJECTS)
    # A scaling that has to be learned from the training part.
    options = {"contrasts": ("T1w", "T2w"), "scaling": "percentile", "slices": "1:5"}
    data = load(folder, split=(0.5, 0.25, 0.25), **options)
    return folder, data, write_run(folder.parent / "run", data)


def assert_same_data(one, other):
    assert one.describe()["subjects"] == other.describe()["subjects"]
    assert one.scaling == other.scaling and one.contrasts == other.contrasts
    assert one.test.A.keys == other.test.A.keys
    for index in range(len(one.test.B)):
        np.testing.assert_array_equal(one.test.B[index], other.test.B[index])


def test_a_run_finds_its_own_data(bids):
    folder, data, run = bids
    assert_same_data(run.load_data(), data)
    assert_same_data(run.load_data(str(folder)), data)


def test_subjects_added_since_do_not_move_the_split_nor_the_scaling(bids, tmp_path):
    _, data, _ = bids
    folder = write_bids(tmp_path / "set", SUBJECTS)
    run = write_run(tmp_path / "run", load(folder, contrasts=("T1w", "T2w"), scaling="percentile"))
    before = run.load_data()
    write_bids(folder, [f"sub-{number}" for number in range(5, 15)])
    after = run.load_data()
    assert after.test.subjects == before.test.subjects
    assert after.scaling == before.scaling


def test_a_missing_test_subject_is_named(bids, tmp_path):
    folder = write_bids(tmp_path / "set", SUBJECTS)
    run = write_run(tmp_path / "run", load(folder, contrasts=("T1w", "T2w")))
    (gone,) = run.config["data"]["subjects"]["test"]
    for path in (folder / gone / "anat").iterdir():
        path.unlink()
    with pytest.raises(GanMriError, match=gone):
        run.load_data()


def test_data_that_hold_all_its_subjects_are_its_own_moved(bids, tmp_path, caplog):
    _, data, run = bids
    moved = write_bids(tmp_path / "moved", SUBJECTS)
    assert_same_data(run.load_data(moved), data)
    assert "recorded test subjects" in caplog.text


def test_other_data_are_tested_whole_in_the_runs_scaling(bids, tmp_path, caplog):
    _, data, run = bids
    other = run.load_data(write_bids(tmp_path / "other", ["sub-8", "sub-9"], seed=3))
    assert other.test.subjects == ["sub-8", "sub-9"]
    assert other.scaling == data.scaling
    assert len(other.train.A) == len(other.validation.A) == 0
    assert sorted({key.number for key in other.test.A.keys}) == [1, 2, 3, 4]
    assert not caplog.records


def test_names_of_training_subjects_in_other_data_are_told(bids, tmp_path, caplog):
    _, data, run = bids
    seen = data.train.subjects[0]
    other = run.load_data(write_bids(tmp_path / "other", [seen, "sub-9"], seed=3))
    assert other.test.subjects == sorted([seen, "sub-9"])
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert seen in caplog.text and "no test" in caplog.text


def test_folders_and_prepared_files_bring_their_own_test_part(tmp_path):
    pictures = write_pictures(tmp_path / "d", trainA=2, trainB=2, testA=1, testB=1)
    run = write_run(tmp_path / "run", load(pictures))
    assert run.load_data().test.subjects == ["testA-0", "testB-0"]
    other = write_pictures(tmp_path / "other", trainA=1, trainB=1, testA=3, testB=2)
    assert run.load_data(other).test.subjects == [
        "testA-0", "testA-1", "testA-2", "testB-0", "testB-1",
    ]  # fmt: skip
    whole = write_pictures(tmp_path / "whole", trainA=1, trainB=2)
    assert run.load_data(whole).test.subjects == ["trainA-0", "trainB-0", "trainB-1"]


def test_a_prepared_file_keeps_its_split(bids, tmp_path):
    folder, _, run = bids
    options = {"contrasts": ("T1w", "T2w")}
    prepare(folder, tmp_path / "set.h5", split=(0.5, 0.25, 0.25), **options)
    prepare(folder, tmp_path / "validated.h5", split=(0.5, 0.5, 0), **options)
    assert len(run.load_data(tmp_path / "set.h5").test.subjects) == 1
    with pytest.raises(
        GanMriError, match="expected a test part.*2 for validation and none for test"
    ):
        run.load_data(tmp_path / "validated.h5")


def test_the_phantom_is_drawn_again(tmp_path):
    data = load("phantom", subjects=5, image_size=(24, 20))
    run = write_run(tmp_path / "run", data, image_size=(24, 20))
    assert_same_data(run.load_data(), data)
    assert_same_data(run.load_data("phantom"), data)


def test_knees_are_drawn_again(tmp_path, caplog):
    """In reversed order, and as many of each as the run had."""
    order = ("photograph", "simulated")
    data = load("knees", subjects=6, image_size=(20, 24), split=(0.5, 0, 0.5), contrasts=order)
    run = write_run(tmp_path / "run", data, image_size=(20, 24))
    assert_same_data(run.load_data(), data)
    assert_same_data(run.load_data("knees"), data)
    assert len(run.load_data().train.A) == 3 and run.load_data().channels == 3
    prepare(
        "knees",
        tmp_path / "knees.h5",
        contrasts=order,
        subjects=9,
        image_size=(20, 24),
        split=(0.5, 0.2, 0.3),
    )
    other = run.load_data(tmp_path / "knees.h5")
    assert len(other.test.A) == 3 and other.scaling == data.scaling


def write_two_folders(folder, names, *, seed=0):
    for number, contrast in enumerate(("day", "night")):
        (folder / contrast).mkdir(parents=True, exist_ok=True)
        for position, name in enumerate(names):
            pixels = np.random.default_rng([seed, number, position]).integers(
                0, 255, (20, 24, 3), np.uint8
            )
            Image.fromarray(pixels).save(folder / contrast / f"{contrast}{name}.png")
    return folder


def test_two_folders(tmp_path, caplog):
    folder = write_two_folders(tmp_path / "d", "abcdef")
    data = load(folder, contrasts=("night", "day"))
    assert (len(data.train.A), len(data.test.A), len(data.test.B)) == (4, 2, 2)
    run = write_run(tmp_path / "run", data)
    assert_same_data(run.load_data(), data)
    # Photographs that came since do not move the split; the same ones elsewhere are the run's own.
    write_two_folders(folder, "abcdefghij")
    assert run.load_data(folder).test.subjects == data.test.subjects
    assert not caplog.records
    assert_same_data(run.load_data(write_two_folders(tmp_path / "moved", "abcdef")), data)
    assert "recorded test subjects" in caplog.text


def test_other_two_folders_are_tested_whole(tmp_path):
    folder = write_two_folders(tmp_path / "d", "abcd")
    run = write_run(tmp_path / "run", load(folder))
    other = run.load_data(write_two_folders(tmp_path / "other", "xyz", seed=1))
    assert len(other.test.A) == len(other.test.B) == 3 and not len(other.train.A)
    assert other.test.A.path(0) == str(tmp_path / "other" / "day" / "dayx.png")
    (tmp_path / "other" / "night").rename(tmp_path / "other" / "dusk")
    with pytest.raises(
        GanMriError, match=r"sub-folders day and night .* Found images in: day \(3\), dusk \(3\)"
    ):
        run.load_data(tmp_path / "other")


def test_a_source_that_is_gone_is_named(tmp_path):
    folder = write_pictures(tmp_path / "d", trainA=1, trainB=1, testA=1, testB=1)
    run = write_run(tmp_path / "run", load(folder))
    folder.rename(tmp_path / "elsewhere")
    with pytest.raises(GanMriError, match="no such file or folder"):
        run.load_data()
    assert run.load_data(tmp_path / "elsewhere").test.subjects == ["testA-0", "testB-0"]
