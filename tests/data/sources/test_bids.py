import os

import pytest
from data_samples import head, write_nifti

from gan_mri.data.sources.bids import bids_contrasts, bids_files
from gan_mri.data.stacks import Key
from gan_mri.errors import GanMriError


@pytest.fixture
def folder(tmp_path):
    for name in (
        "sub-01/anat/sub-01_T1w.nii.gz",
        "sub-01/anat/sub-01_T2w.nii",
        "sub-02/ses-a/anat/sub-02_ses-a_run-1_T1w.nii.gz",
        "sub-02/ses-b/anat/sub-02_ses-b_T2w.nii.gz",
        "sub-02/ses-b/pet/sub-02_ses-b_ce-gad_T1w.nii.gz",
        "sub-03/anat/sub-03_ses-x_acq-fast_T1w.nii.gz",
        "derivatives/lesions/sub-01/anat/sub-01_T1w.nii.gz",
        "sub-01/anat/.hidden_T1w.nii.gz",
    ):
        write_nifti(tmp_path / name, head())
    (tmp_path / "sub-01/anat/sub-01_T1w.json").write_text("{}")
    return tmp_path


def found(folder, *contrasts):
    return [(index, *key) for index, key, _ in bids_files(folder, contrasts)]


def test_files_and_keys(folder):
    assert found(folder, "T1w", "T2w") == [
        (0, "sub-01", ""),
        (1, "sub-01", ""),
        (0, "sub-02", "ses-a_run-1"),
        (1, "sub-02", "ses-b"),
        (0, "sub-03", "ses-x_acq-fast"),
    ]


def test_an_image_with_a_contrast_agent_is_another_contrast(folder):
    files = found(folder, "T1w", "ce-gad_T1w")
    assert (1, "sub-02", "ses-b") in files
    assert [one for one in files if one[0] == 0] == [
        one for one in found(folder, "T1w", "T2w") if one[0] == 0
    ]
    (folder / "sub-02/ses-b/pet/sub-02_ses-b_ce-gad_T1w.nii.gz").rename(
        folder / "sub-02/ses-b/pet/sub-02_ses-b_acq-3d_ce-gad_run-1_T1w.nii.gz"
    )
    assert found(folder, "ce-gad_T1w") == [(0, "sub-02", "ses-b_acq-3d_run-1")]
    with pytest.raises(GanMriError, match=r"none of ce-other_T1w\. .*sub-02 has T1w, T2w, ce-gad_"):
        found(folder, "T2w", "ce-other_T1w")


def test_other_entities_belong_to_a_contrast_that_names_them(folder):
    assert (0, "sub-03", "ses-x_acq-fast") in found(folder, "T1w", "T2w")
    assert (1, "sub-03", "ses-x") in found(folder, "T1w", "acq-fast_T1w")
    assert (0, "sub-03", "ses-x_acq-fast") not in found(folder, "T1w", "acq-fast_T1w")


def test_key_text_is_for_people():
    assert str(Key("sub-02", "ses-a_run-1")) == "sub-02 ses-a run-1"
    assert str(Key("sub-02")) == "sub-02"


def test_a_contrast_is_the_whole_last_word(folder):
    write_nifti(folder / "sub-01/anat/sub-01_notT1w.nii.gz", head())
    assert len(found(folder, "T1w", "T2w")) == 5


def test_inventory(folder):
    assert bids_contrasts(folder) == {"T1w": 3, "ce-gad_T1w": 1, "T2w": 2}


def test_no_second_contrast_says_who_has_what(folder):
    with pytest.raises(
        GanMriError,
        match=r"none of FLAIR\. Found: sub-01 has T1w, T2w; sub-02 has T1w, T2w, ce-gad_T1w",
    ):
        found(folder, "T1w", "FLAIR")


def test_any_number_of_contrasts(folder):
    write_nifti(folder / "sub-01/anat/sub-01_FLAIR.nii.gz", head())
    assert [f for f in found(folder, "FLAIR", "T2w", "T1w") if f[1] == "sub-01"] == [
        (0, "sub-01", ""),
        (2, "sub-01", ""),
        (1, "sub-01", ""),
    ]
    assert found(folder, "T2w") == [(0, "sub-01", ""), (0, "sub-02", "ses-b")]


def test_the_message_suits_the_number(folder):
    for names, expected in {
        ("PDw",): r"expected files of sub-\*/\[ses-\*/\]anat/\*_PDw\.nii\.gz; received none of PDw",
        ("T1w", "PDw"): "both contrasts, .*_T1w.nii.gz and .*; received none of PDw",
        ("T1w", "T2w", "PDw"): r"all contrasts, .*_T2w.nii.gz and .*; received none of PDw\. Found",
    }.items():
        with pytest.raises(GanMriError, match=expected) as caught:
            found(folder, *names)
        assert ("both" in str(caught.value)) == (len(names) == 2)


def test_a_name_that_is_not_utf8_is_refused_in_readable_form(folder):
    write_nifti(folder / os.fsdecode(b"sub-\xe9/anat/sub-\xe9_T1w.nii.gz"), head())
    with pytest.raises(GanMriError, match=r"received 'sub-\\xe9/anat") as caught:
        found(folder, "T1w")
    str(caught.value).encode("utf-8")
