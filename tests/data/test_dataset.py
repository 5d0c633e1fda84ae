import json
import logging
import subprocess
import sys

import nibabel as nib
import numpy as np
import pytest
from data_samples import LAS, head, write_bids, write_nifti, write_pictures

import gan_mri.data
from gan_mri.data import IntensityScaling, load
from gan_mri.data.images.planes import to_stack
from gan_mri.errors import GanMriError


def test_importing_is_light():
    code = (
        "import sys, gan_mri.data; dir(gan_mri.data); "
        "print([m for m in ('tensorflow', 'nibabel', 'h5py', 'PIL', 'scipy', 'matplotlib') if m "
        "in sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip()
        == "[]"
    )


def test_every_exported_name_exists():
    for name in gan_mri.data.__all__:
        assert callable(getattr(gan_mri.data, name))
    with pytest.raises(AttributeError, match="nothing"):
        gan_mri.data.nothing


def test_bids(bids):
    data = load(bids, contrasts=("T1w", "T2w"), slices="2:6", test_subjects=["sub-02"])
    assert (data.contrasts, data.plane, data.channels) == (("T1w", "T2w"), "axial", 1)
    assert data.train.subjects == ["sub-01", "sub-03"] and data.test.subjects == ["sub-02"]
    assert len(data.validation.A) == len(data.validation.B) == 0
    assert len(data.train.A) == len(data.train.B) == len(data.train.pairs) == 8
    # The last training slice of T2w, computed by hand.
    volume = np.asarray(nib.load(bids / "sub-03" / "anat" / "sub-03_T2w.nii.gz").dataobj)
    low, high = 0, np.percentile(volume[volume > 0], 99.5)
    expected = np.clip(2 * (to_stack(volume, LAS, "axial")[5] - low) / (high - low) - 1, -1, 1)
    np.testing.assert_allclose(data.train.B[7][..., 0], expected, atol=1e-6)
    assert data.train.B.label(7) == "sub-03 slice 5"


def test_plane(bids):
    data = load(bids, contrasts=("T1w", "T2w"), plane="sagittal", slices=(6, 7))
    assert data.plane == "sagittal" and data.train.A.shape(0) == (8, 10)


def test_stored_arrays_are_held_in_their_own_dtype_and_only_once(bids):
    data = load(bids, contrasts=("T1w", "T2w"), slices="2:6")
    arrays = [stack.array for stack in data.train.A._stacks]
    assert all(
        array.dtype == np.int16 and array.shape[0] == 4 and array.base is None for array in arrays
    )


def test_gan_mri_pictures(gan_mri_folder):
    data = load(gan_mri_folder)
    assert data.contrasts == ("A", "B") and data.plane is None
    assert data.scaling["A"].method == data.scaling["B"].method == "uint8"
    assert [data.train.A.label(i) for i in range(4)] == ["a", "b", "c", "d"]
    assert data.train.pairs.tolist() == [[i, i] for i in range(4)] and len(data.test.pairs) == 2


def test_gan_mri_folder_of_volumes(tmp_path):
    for name in ("trainA", "trainB"):
        write_nifti(tmp_path / name / "one.nii.gz", head())
    data = load(tmp_path, slices="3:5", plane="coronal")
    assert data.plane == "coronal" and data.train.A.label(1) == "one slice 4"
    assert data.scaling["A"].method == "volume"


def test_pairs_are_by_name_never_by_position(tmp_path, caplog):
    write_pictures(tmp_path / "trainA", "abd", seed=1)
    write_pictures(tmp_path / "trainB", "bcd", seed=2)
    unpaired = load(tmp_path)
    assert len(unpaired.train.A) == len(unpaired.train.B) == 3
    assert unpaired.train.pairs.tolist() == [[1, 0], [2, 2]]
    assert unpaired.describe()["unmatched"] == {"A": ["a"], "B": ["c"]} and not caplog.records
    with caplog.at_level(logging.WARNING, "gan_mri"):
        paired = load(tmp_path, paired=True)
    assert paired.describe()["unmatched"] == {"A": ["a"], "B": ["c"]}
    assert paired.train.subjects == ["b", "d"] and paired.train.pairs.tolist() == [[0, 0], [1, 1]]
    assert len(caplog.records) == 2


def test_unmatched_subjects_train_unpaired_and_are_left_out_paired(bids):
    (bids / "sub-02" / "anat" / "sub-02_T2w.nii.gz").unlink()
    unpaired = load(bids, contrasts=("T1w", "T2w"), split=(0.5, 0, 0.5))
    assert "sub-02" in unpaired.train.A.subjects and "sub-02" not in unpaired.train.B.subjects
    paired = load(bids, contrasts=("T1w", "T2w"), split=(0.5, 0, 0.5), paired=True)
    assert paired.test.subjects == unpaired.test.subjects
    assert "sub-02" not in paired.train.subjects


def test_paired_drops_a_slice_that_is_empty_in_either_contrast(bids):
    array = head(seed=1)
    array[:, :, 3] = 0
    write_nifti(bids / "sub-01" / "anat" / "sub-01_T2w.nii.gz", array)
    arguments = {
        "contrasts": ("T1w", "T2w"),
        "slices": "2:6",
        "test_subjects": ["sub-02", "sub-03"],
    }
    unpaired, paired = load(bids, **arguments), load(bids, **arguments, paired=True)
    assert (len(unpaired.train.A), len(unpaired.train.B), len(unpaired.train.pairs)) == (4, 3, 3)
    assert unpaired.describe()["empty_slices"]["dropped"] == {"A": 0, "B": 1}
    assert (
        [key.number for key in paired.train.A.keys]
        == [key.number for key in paired.train.B.keys]
        == [2, 4, 5]
    )


def test_different_grids_serve_unpaired_training(bids, caplog):
    write_nifti(bids / "sub-01" / "anat" / "sub-01_T2w.nii.gz", head((12, 10, 9)))
    data = load(bids, contrasts=("T1w", "T2w"), test_subjects=["sub-01"])
    assert len(data.test.A) and len(data.test.B) and len(data.test.pairs) == 0
    assert data.describe()["different_grids"] == ["sub-01"] and "sub-01" in caplog.text
    with pytest.raises(GanMriError, match="sub-01_T1w.*sub-01_T2w.*one grid"):
        load(bids, contrasts=("T1w", "T2w"), paired=True)


@pytest.mark.parametrize("text", ["volume", "zscore", "percentile"])
def test_test_subjects_teach_the_scaling_nothing(tmp_path, text):
    first = write_bids(tmp_path / "first")
    second = write_bids(tmp_path / "second")
    for contrast in ("T1w", "T2w"):
        write_nifti(second / "sub-03" / "anat" / f"sub-03_{contrast}.nii.gz", head(seed=99) * 30)
    scalings = [
        load(folder, contrasts=("T1w", "T2w"), scaling=text, test_subjects=["sub-03"]).scaling
        for folder in (first, second)
    ]
    assert scalings[0] == scalings[1]


def test_scaling_of_each_domain_and_from_a_run(bids):
    ready = IntensityScaling("volume", (0.0, 5.0))
    data = load(bids, contrasts=("T1w", "T2w"), scaling={"A": "window:0:2000", "B": ready})
    assert data.scaling["A"].typical == (0, 2000)
    assert data.scaling["B"] == ready  # what a run has stored is not learned again
    with pytest.raises(GanMriError, match=r"sub-01_T1w\.nii\.gz: expected uint8 pixels"):
        load(bids, contrasts=("T1w", "T2w"), scaling="uint8")


def test_phantom():
    data = load("phantom", subjects=4, image_size=(32, 40))
    assert data.contrasts == ("T1w", "T2w") and data.plane is None
    assert data.scaling["A"].method == "volume"
    assert (len(data.train.A), len(data.test.A)) == (3, 1) and data.train.A[0].shape == (32, 40, 1)
    assert data.train.A.label(0) in data.train.subjects


def test_record_is_json(bids):
    data = load(bids, contrasts=("T1w", "T2w"), slices="2:6", test_subjects=["sub-02"])
    record = json.loads(json.dumps(data.describe()))
    assert record == data.describe()
    assert record["kind"] == "bids" and record["source"] == str(bids) and record["slices"] == [2, 6]
    assert record["subjects"] == {
        "train": ["sub-01", "sub-03"],
        "validation": [],
        "test": ["sub-02"],
    }
    assert record["counts"]["train"] == {"A": 8, "B": 8, "pairs": 8}
    assert IntensityScaling.from_config(record["scaling"]["B"]) == data.scaling["B"]


def test_only_black_training_pictures(tmp_path):
    write_pictures(tmp_path / "trainA", "ab")
    for name in "ab":
        np.save(tmp_path / f"{name}.npy", np.zeros((5, 5), np.uint8))
    (tmp_path / "trainB").mkdir()
    for name in "ab":
        (tmp_path / f"{name}.npy").rename(tmp_path / "trainB" / f"{name}.npy")
    with pytest.raises(GanMriError, match="expected training images of B, received none"):
        load(tmp_path)


def test_no_common_slices_to_train_on(bids):
    lower, upper = head(), head()
    lower[:, :, 4:] = 0
    upper[:, :, :4] = 0
    for subject in ("sub-01", "sub-02", "sub-03"):
        write_nifti(bids / subject / "anat" / f"{subject}_T1w.nii.gz", lower)
        write_nifti(bids / subject / "anat" / f"{subject}_T2w.nii.gz", upper)
    with pytest.raises(GanMriError, match="expected pairs of images to train on, received none"):
        load(bids, contrasts=("T1w", "T2w"), paired=True)


def test_a_damaged_file_is_named(bids):
    path = bids / "sub-03" / "anat" / "sub-03_T2w.nii.gz"
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(GanMriError, match=r"sub-03_T2w\.nii\.gz: expected"):
        load(bids, contrasts=("T1w", "T2w"))


def test_load_prints_nothing(bids, capsys):
    load(bids, contrasts=("T1w", "T2w"))
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""
