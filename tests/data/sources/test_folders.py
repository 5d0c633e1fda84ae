import os
from pathlib import Path

import pytest
from data_samples import head, write_nifti, write_pictures

from gan_mri.data.sources.folders import (
    images_in,
    key_of,
    keys_of,
    listed,
    named_folders,
    named_folders_files,
)
from gan_mri.errors import GanMriError


def touch(folder, *names):
    """Empty files: nothing here reads them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"")
    return folder


def keys(folder, contrasts):
    return [(domain, *key) for domain, key, _ in named_folders_files(folder, contrasts)]


def chosen(folder, contrasts=None, count=2):
    return named_folders(folder, contrasts, count, layouts="a known layout")


def test_keys_from_names():
    assert key_of("37003") == ("37003", "")
    assert key_of("sub-01_slice-095") == ("sub-01", "slice-095")
    assert key_of("t1_sub-01_95") == ("sub-01", "t1_95")


def test_images_are_known_by_their_suffix(tmp_path):
    touch(tmp_path, "b.JPG", "a.nii.gz", "notes.txt", "._a.png", "c.bmp")
    (tmp_path / "folder.png").mkdir()
    assert [path.name for path in images_in(tmp_path)] == ["a.nii.gz", "b.JPG"]


def test_listed():
    assert listed([]) == "an empty folder" and listed(["a", "b"]) == "a, b"
    assert listed([*"abcdefghi"]) == "a, b, c, d, e, f, g, h ..."


def test_the_contrasts_name_two_of_the_folders(tmp_path):
    for name in ("melanoma", "benign", "nevus"):
        touch(tmp_path / name, "a.jpg")
    assert chosen(tmp_path, ("melanoma", "benign")) == ("melanoma", "benign")
    assert chosen(tmp_path, ("benign", "nevus")) == ("benign", "nevus")
    with pytest.raises(
        GanMriError,
        match=r"expected two contrasts.*received none.*benign \(1\), melanoma \(1\), nev",
    ):
        chosen(tmp_path)


def test_without_contrasts_two_folders_come_in_alphabetical_order(tmp_path):
    for name in ("z", "a", ".cache"):
        touch(tmp_path / name, "1.jpg", "2.jpg")
    touch(tmp_path / "documents", "licence.txt")
    touch(tmp_path, "labels.csv", "cover.png")
    assert chosen(tmp_path) == ("a", "z")


@pytest.mark.parametrize(
    "contrasts", [("benign", "nevus"), ("benign", "../benign"), ("benign", "empty"), ("x", "y")]
)
def test_contrasts_without_a_folder_of_images(tmp_path, contrasts):
    for name in ("benign", "melanoma"):
        touch(tmp_path / name, "a.jpg", "b.jpg")
    (tmp_path / "empty").mkdir()
    with pytest.raises(GanMriError) as caught:
        chosen(tmp_path, contrasts)
    message = str(caught.value)
    assert (
        f"sub-folders {contrasts[0]} and {contrasts[1]} (it holds no trainA and no sub-*)"
        in message
    )
    assert (
        message.endswith("Found images in: benign (2), empty (0), melanoma (2).")
        and "\n" not in message
    )


@pytest.mark.parametrize("contrasts", [None, ("T1w", "T2w")])
def test_a_folder_of_nothing_known(tmp_path, contrasts):
    with pytest.raises(GanMriError, match="expected a known layout, received an empty folder"):
        chosen(tmp_path, contrasts)
    touch(tmp_path, "1.png")
    touch(tmp_path / "documents", "licence.txt")
    with pytest.raises(
        GanMriError, match=r"expected a known layout, received 1\.png, documents/\."
    ):
        chosen(tmp_path, contrasts)


def test_the_same_stem_is_a_pair(tmp_path):
    write_pictures(tmp_path / "a", ["1", "2"])
    write_pictures(tmp_path / "b", ["2", "3"])
    assert keys(tmp_path, ("b", "a")) == [(0, "2", ""), (0, "3", ""), (1, "1", ""), (1, "2", "")]


def test_a_contrast_at_the_end_of_the_name_is_no_part_of_the_subject(tmp_path):
    # T1 and T2 of one head must not come into training and test: their names are made equal.
    for contrast in ("T1", "T2"):
        write_nifti(tmp_path / contrast / f"IXI002-Guys-0828-{contrast}.nii.gz", head())
        touch(
            tmp_path / contrast,
            f"sub-01_ses-2_{contrast}.nii",
            f"{contrast}.nii",
            "xT1.png",
            "y-T2.png",
        )
    expected = ["IXI002-Guys-0828", "sub-01", "xT1", "y-T2"]
    for domain, contrast in enumerate(("T1", "T2")):
        found = {(s, e) for d, s, e in keys(tmp_path, ("T1", "T2")) if d == domain}
        assert {subject for subject, _ in found} == {*expected, contrast}
        assert ("sub-01", "ses-2") in found


@pytest.mark.parametrize(
    "a, b",
    [
        ("{}_T1w.nii.gz", "{}_T2w.nii.gz"),
        ("{}-t1n.nii", "{}-t2f.nii"),
        ("T1_{}.png", "T2_{}.png"),
        ("{}_T1w_brain.nii.gz", "{}_T2w_brain.nii.gz"),
        ("{}_T1w.nii.gz", "{}.nii.gz"),
    ],
)
def test_a_contrast_that_all_names_share_is_no_part_of_the_subject(tmp_path, a, b):
    subjects = ["IXI002-Guys", "IXI012-HH", "sub-07_ses-1"]
    for folder, name in (("T1", a), ("T2", b)):
        touch(tmp_path / folder, *[name.format(subject) for subject in subjects])
    found = keys(tmp_path, ("T1", "T2"))
    expected = {("IXI002-Guys", ""), ("IXI012-HH", ""), ("sub-07", "ses-1")}
    for domain in (0, 1):
        assert {(s, e) for d, s, e in found if d == domain} == expected


def test_three_folders(tmp_path):
    for name in ("T1w", "T2w", "FLAIR", "empty"):
        touch(tmp_path / name, *([] if name == "empty" else [f"a_{name}.png", f"b_{name}.png"]))
    assert chosen(tmp_path, count=3) == ("FLAIR", "T1w", "T2w")
    assert chosen(tmp_path, ("T2w",), count=1) == ("T2w",)
    with pytest.raises(GanMriError, match="expected two contrasts.*received none"):
        chosen(tmp_path, count=2)
    found = keys(tmp_path, ("T1w", "T2w", "FLAIR"))
    assert found == [(i, subject, "") for i in range(3) for subject in "ab"]


def test_one_person_under_two_names_is_told(tmp_path, caplog):
    for folder, time in (("A", "before"), ("B", "after")):
        touch(tmp_path / folder, *[f"patient{i}-{time}.png" for i in (3, 17, 25)])
    found = keys(tmp_path, ("A", "B"))
    assert len({subject for _, subject, _ in found}) == 6
    (record,) = caplog.records
    assert "no file of A has a partner in B" in record.getMessage()
    assert "patient17-before, patient17-after" in record.getMessage()


def test_unpaired_photographs_are_not_warned_about(tmp_path, caplog):
    touch(tmp_path / "benign", *[f"ISIC_{i:07}.jpg" for i in range(0, 900, 7)])
    touch(tmp_path / "melanoma", *[f"ISIC_{i:07}.jpg" for i in range(3, 900, 11) if i % 7])
    touch(tmp_path / "nevus", "ISIC_0001000.jpg", "other.jpg")
    named_folders_files(tmp_path, ("benign", "melanoma", "nevus"))
    assert not caplog.records


def test_paired_files_are_not_warned_about(tmp_path, caplog):
    keys_of({"a": [Path("1_x.png"), Path("2_x.png")], "b": [Path("2_x.png")]}, "here")
    keys_of({"a": [Path("sub-1_x.png")], "b": [Path("sub-1_y.png")]}, "here")
    assert not caplog.records


def test_a_name_that_is_not_utf8_is_refused_in_readable_form(tmp_path):
    name = os.fsdecode(b"caf\xe9.png")
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(GanMriError) as caught:
        images_in(tmp_path)
    str(caught.value).encode("utf-8")
    assert r"'caf\xe9.png'" in str(caught.value)
    assert listed([name]) == r"caf\xe9.png"


def test_a_folder_that_is_not_utf8_is_refused_as_a_contrast(tmp_path):
    name = os.fsdecode(b"caf\xe9")
    touch(tmp_path / name, "1.png")
    touch(tmp_path / "tea", "1.png")
    with pytest.raises(GanMriError, match=r"received 'caf\\xe9'"):
        chosen(tmp_path)
