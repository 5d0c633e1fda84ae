import json

import nibabel as nib
import numpy as np
import pytest

from gan_mri.errors import GanMriError
from gan_mri.synthetic.brain import phantom, phantom_bids

OPTIONS = dict(contrasts=("T1w", "CT"), shape=(16, 20, 18), seed=3)


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_folder_has_the_files_of_bids(tmp_path):
    folder = phantom_bids(tmp_path / "new" / "study", subjects=[0, 4], lesions=True, **OPTIONS)
    assert folder == tmp_path / "new" / "study"
    assert files(folder) == [
        "dataset_description.json",
        "derivatives/lesions/dataset_description.json",
        "derivatives/lesions/sub-001/anat/sub-001_label-lesion_mask.nii.gz",
        "derivatives/lesions/sub-005/anat/sub-005_label-lesion_mask.nii.gz",
        "participants.tsv",
        "sub-001/anat/sub-001_CT.nii.gz",
        "sub-001/anat/sub-001_T1w.nii.gz",
        "sub-005/anat/sub-005_CT.nii.gz",
        "sub-005/anat/sub-005_T1w.nii.gz",
    ]
    assert (folder / "participants.tsv").read_text() == "participant_id\nsub-001\nsub-005\n"
    description = json.loads((folder / "dataset_description.json").read_text())
    assert description["DatasetType"] == "raw" and description["BIDSVersion"]
    derivative = json.loads((folder / "derivatives/lesions/dataset_description.json").read_text())
    assert derivative["DatasetType"] == "derivative" and derivative["GeneratedBy"]
    assert list(folder.parent.iterdir()) == [folder]  # no temporary folder is left


def test_without_lesions_there_are_no_masks(tmp_path):
    assert not (phantom_bids(tmp_path / "a", subjects=1, **OPTIONS) / "derivatives").exists()


@pytest.mark.parametrize("orientation", ["LAS", "pir"])
def test_volumes_are_those_of_the_phantom_at_the_same_place(tmp_path, orientation):
    (expected,) = phantom([1], lesions=True, **OPTIONS)
    folder = phantom_bids(
        tmp_path / "a", subjects=[1], lesions=True, orientation=orientation, **OPTIONS
    )
    paths = {name: folder / f"sub-002/anat/sub-002_{name}.nii.gz" for name in OPTIONS["contrasts"]}
    volumes = {**expected.images, "mask": expected.lesions}
    paths["mask"] = folder / "derivatives/lesions/sub-002/anat/sub-002_label-lesion_mask.nii.gz"
    for name, path in paths.items():
        image = nib.load(path)
        assert "".join(nib.aff2axcodes(image.affine)) == orientation.upper()
        assert image.header.get_data_dtype() == (np.uint8 if name == "mask" else np.float32)
        assert image.header["sform_code"] == image.header["qform_code"] == 1
        assert image.header.get_xyzt_units()[0] == "mm"
        np.testing.assert_allclose(image.get_sform(), image.get_qform(), atol=1e-4)
        back = nib.as_closest_canonical(image)
        np.testing.assert_allclose(back.affine, expected.affine, atol=1e-4)
        np.testing.assert_array_equal(np.asarray(back.dataobj), volumes[name])


def test_an_empty_folder_is_used_and_a_full_one_is_not(tmp_path):
    (tmp_path / "empty").mkdir()
    phantom_bids(tmp_path / "empty", subjects=1, **OPTIONS)
    before = files(tmp_path)
    with pytest.raises(GanMriError, match="empty.*with files"):
        phantom_bids(tmp_path / "empty", subjects=1, **OPTIONS)
    (tmp_path / "file").write_text("x")
    with pytest.raises(GanMriError, match="file.*Received a file"):
        phantom_bids(tmp_path / "file", subjects=1, **OPTIONS)
    with pytest.raises(GanMriError, match="a place to write to"):
        phantom_bids(tmp_path / "file" / "below", subjects=1, **OPTIONS)
    assert files(tmp_path) == sorted([*before, "file"])


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (dict(shape=(64, 64)), "shape"),
        (dict(shape=7), "shape"),
        (dict(shape=(64, 64, 2)), "shape"),
        (dict(orientation="RAP"), "RAP"),
        (dict(orientation="RA"), "RA"),
        (dict(orientation=None), "None"),
        (dict(contrasts=("T9w",)), "T9w"),
        (dict(subjects=0), "subjects"),
    ],
)
def test_bad_arguments_leave_nothing_behind(tmp_path, arguments, word):
    with pytest.raises(GanMriError, match=word):
        phantom_bids(tmp_path / "a", **{"subjects": 1, **OPTIONS, **arguments})
    assert list(tmp_path.iterdir()) == []


def test_two_runs_write_the_same_bytes(tmp_path):
    first, second = (phantom_bids(tmp_path / name, subjects=1, **OPTIONS) for name in "ab")
    for name in files(first):
        assert (first / name).read_bytes() == (second / name).read_bytes()
