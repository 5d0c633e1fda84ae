import numpy as np
import pytest
from data_samples import head, write_bids, write_nifti, write_pictures
from PIL import Image

from gan_mri.data.options import DataOptions
from gan_mri.data.sources.layouts import plan
from gan_mri.errors import GanMriError


def plan_of(source, contrasts=None, domains=("A", "B"), **options):
    return plan(DataOptions(data=source, contrasts=contrasts, subjects=2, **options), domains)


def listing(found):
    return [(entry.domain, str(entry.key), entry.split) for entry in found.entries]


def test_gan_mri_folder(gan_mri_folder):
    (gan_mri_folder / "trainA" / ".DS_Store").write_text("")
    (gan_mri_folder / "trainA" / "notes.txt").write_text("")
    found = plan_of(gan_mri_folder)
    assert found.kind == "gan_mri_folder" and found.contrasts == ("A", "B")
    assert listing(found)[:3] == [("A", "a", "train"), ("B", "a", "train"), ("A", "b", "train")]
    assert listing(found)[-1] == ("B", "f", "test")
    assert plan_of(gan_mri_folder, ("CT", "MR")).contrasts == ("CT", "MR")


def test_gan_mri_folder_without_test_folders(tmp_path):
    for name in ("trainA", "trainB"):
        write_pictures(tmp_path / name, "ab")
    assert {entry.split for entry in plan_of(tmp_path).entries} == {"train"}


def test_bids(bids):
    found = plan_of(bids, ("T1w", "T2w"))
    assert found.kind == "bids" and found.source == str(bids)
    assert listing(found)[:2] == [("A", "sub-01", None), ("B", "sub-01", None)]
    assert found.entries[0].read().array.shape == (12, 10, 8)


def test_phantom():
    found = plan_of("phantom")
    assert found.kind == "phantom" and found.contrasts == ("T1w", "T2w") and len(found.entries) == 4
    assert found.entries[0].read().array.shape == (64, 64)


def test_two_folders(tmp_path):
    write_pictures(tmp_path / "benign", "ab")
    write_pictures(tmp_path / "melanoma", "bc", seed=1)
    found = plan_of(tmp_path, ("melanoma", "benign"))
    assert found.kind == "two_folders" and found.source == str(tmp_path)
    assert found.contrasts == ("melanoma", "benign") and found.fractions == (0.7, 0, 0.3)
    assert listing(found) == [
        ("B", "a", None),
        ("A", "b", None),
        ("B", "b", None),
        ("A", "c", None),
    ]
    np.testing.assert_array_equal(
        found.entries[0].read().array, np.array(Image.open(tmp_path / "benign" / "a.png"))
    )


@pytest.mark.parametrize("name, kind", [("trainA", "gan_mri_folder"), ("sub-01", "bids")])
def test_other_layouts_go_before_two_folders(tmp_path, name, kind):
    for folder in ("T1w", "T2w"):
        write_pictures(tmp_path / folder, "ab")
    for folder in ("trainA", "trainB"):
        write_pictures(tmp_path / folder, "cd") if name == "trainA" else write_bids(
            tmp_path, [name]
        )
    assert plan_of(tmp_path, ("T1w", "T2w")).kind == kind


def test_missing_source(tmp_path):
    with pytest.raises(
        GanMriError,
        match="nowhere: expected a GAN-MRI folder .*BIDS.*sub-folder.*HDF5.*phantom, knees, "
        "scanners; .*no such",
    ):
        plan_of(tmp_path / "nowhere")
    (tmp_path / "x.txt").write_text("")
    with pytest.raises(GanMriError, match=r"x\.txt: .*neither a folder nor HDF5"):
        plan_of(tmp_path / "x.txt")


def test_empty_folder_and_unknown_folder(tmp_path):
    with pytest.raises(GanMriError, match="received an empty folder"):
        plan_of(tmp_path)
    (tmp_path / "benign").mkdir()
    write_pictures(tmp_path, "a")
    with pytest.raises(
        GanMriError,
        match=r"expected a GAN-MRI folder .*BIDS.*sub-folder.* received a\.png, benign/\.",
    ):
        plan_of(tmp_path)


def test_two_layouts_at_once(gan_mri_folder):
    write_bids(gan_mri_folder)
    with pytest.raises(GanMriError, match=r"received the first two at once: sub-01/.*trainA/"):
        plan_of(gan_mri_folder)


@pytest.mark.parametrize("empty", ["trainA", "trainB", "testA", "testB"])
def test_empty_part_of_a_gan_mri_folder(gan_mri_folder, empty):
    for path in (gan_mri_folder / empty).iterdir():
        path.rename(path.with_suffix(".bmp"))
    with pytest.raises(
        GanMriError, match=rf"{empty}: expected images \(\.nii\.gz.*received .\.bmp"
    ):
        plan_of(gan_mri_folder)


def test_training_folder_of_one_domain(tmp_path):
    write_pictures(tmp_path / "trainA", "ab")
    with pytest.raises(
        GanMriError, match="expected the folders trainA and trainB, received no trainB"
    ):
        plan_of(tmp_path)


def test_bids_without_contrasts_lists_them(bids):
    with pytest.raises(GanMriError, match=r"expected two contrasts .*Found: T1w \(3\), T2w \(3\)"):
        plan_of(bids)


@pytest.mark.parametrize("contrasts", ["T1w", ("T1w",), ("T1w", "T1w"), ("T1w", "T2w", "FLAIR")])
def test_bad_contrasts(bids, contrasts):
    with pytest.raises(GanMriError, match="contrasts: expected (two )?different names"):
        plan_of(bids, contrasts)


def test_several_files_for_one_key(bids, gan_mri_folder):
    write_nifti(bids / "sub-01" / "anat" / "sub-01_T1w.nii", head())
    with pytest.raises(GanMriError, match=r"sub-01_T1w\.nii, .*sub-01_T1w\.nii\.gz"):
        plan_of(bids, ("T1w", "T2w"))
    (gan_mri_folder / "trainA" / "a.jpg").write_bytes(b"")
    with pytest.raises(GanMriError, match=r"trainA/a\.jpg, .*trainA/a\.png"):
        plan_of(gan_mri_folder)
