import bids_folders
import pytest

from gan_mri.derivatives.sources import find_sources
from gan_mri.errors import GanMriError


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return bids_folders.write(
        tmp_path_factory.mktemp("bids"),
        "sub-01/ses-1/anat/sub-01_ses-1_T1w.nii.gz",
        "sub-01/ses-1/anat/sub-01_ses-1_T2w.nii.gz",
        "sub-01/ses-2/anat/sub-01_ses-2_run-1_T1w.nii.gz",
        "sub-01/ses-2/anat/sub-01_ses-2_run-2_T1w.nii.gz",
        "sub-01/ses-2/anat/sub-01_ses-2_run-2_T2w.nii.gz",
        "sub-02/anat/sub-02_T1w.nii.gz",
        "sub-02/anat/sub-02_ce-gd_T1w.nii.gz",
    )


def names(found):
    return [[path.name for path in one.files.values()] for one in found]


def test_one_source(folder):
    found = find_sources(folder, {"image": "T1w"})
    assert [one.subject for one in found] == ["sub-01", "sub-01", "sub-01", "sub-02"]
    assert names(found) == [
        ["sub-01_ses-1_T1w.nii.gz"],
        ["sub-01_ses-2_run-1_T1w.nii.gz"],
        ["sub-01_ses-2_run-2_T1w.nii.gz"],
        ["sub-02_T1w.nii.gz"],
    ]
    assert not any(one.missing for one in found)


def test_several_sources_of_one_session_and_run(folder):
    found = find_sources(folder, {"first": "T2w", "second": "T1w"})
    assert names(found) == [
        ["sub-01_ses-1_T2w.nii.gz", "sub-01_ses-1_T1w.nii.gz"],
        ["sub-01_ses-2_run-1_T1w.nii.gz"],
        ["sub-01_ses-2_run-2_T2w.nii.gz", "sub-01_ses-2_run-2_T1w.nii.gz"],
        ["sub-02_T1w.nii.gz"],
    ]
    assert [one.missing for one in found] == [(), ("T2w",), (), ("T2w",)]


def test_optional_ones_may_be_missing_everywhere(folder):
    inputs = {"a": "T1w", "b": "T2w", "c": "FLAIR"}
    found = find_sources(folder, inputs, optional=set(inputs))
    assert [list(one.files) for one in found] == [["a", "b"], ["a"], ["a", "b"], ["a"]]
    assert not any(one.missing for one in found)


@pytest.mark.parametrize("label", ["02", "sub-02"])
def test_participants(folder, label):
    found = find_sources(folder, {"image": "T1w"}, participants=[label])
    assert names(found) == [["sub-02_T1w.nii.gz"]]


def test_sessions(folder):
    found = find_sources(folder, {"image": "T1w"}, sessions=["1"])
    assert names(found) == [["sub-01_ses-1_T1w.nii.gz"]]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"participants": ["02", "7"]}, "--participant-label: .*sub-01, sub-02.* Received: sub-7"),
        ({"sessions": ["3"]}, "--session-label: .*ses-1, ses-2.* Received: ses-3"),
    ],
)
def test_labels_that_are_not_there(folder, options, words):
    with pytest.raises(GanMriError, match=words):
        find_sources(folder, {"image": "T1w"}, **options)


def test_two_files_of_the_same_entities(tmp_path):
    folder = bids_folders.write(
        tmp_path, "sub-01/anat/sub-01_T1w.nii.gz", "sub-01/anat/sub-01_T1w.nii"
    )
    with pytest.raises(GanMriError, match="expected one file of T1w"):
        find_sources(folder, {"image": "T1w"})
