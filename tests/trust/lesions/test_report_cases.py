from types import SimpleNamespace

import bids_folders
import pytest

from gan_mri.errors import GanMriError
from gan_mri.trust.lesions.cases import chosen_cases, find_cases


def run(train=(), validation=()):
    subjects = {"train": list(train), "validation": list(validation), "test": []}
    return SimpleNamespace(folder="run", config={"data": {"subjects": subjects}})


def folders(tmp_path, images, masks):
    data = bids_folders.write(tmp_path / "bids", *[_path(name) for name in images])
    return data, bids_folders.write(tmp_path / "masks", *[_path(name) for name in masks])


def _path(name):
    subject, *rest = name.split("_")
    session = [word for word in rest if word.startswith("ses-")]
    return "/".join([subject, *session, "anat", f"{name}.nii.gz"])


def find(folders, **options):
    return find_cases(*folders, sources=("T1w",), target="T2w", **options)


def test_masks_are_found_by_subject_and_session(tmp_path):
    images = ["sub-1_T1w", "sub-1_T2w", "sub-2_ses-a_T1w", "sub-2_ses-a_T2w", "sub-2_ses-b_T1w",
              "sub-2_ses-b_T2w", "sub-3_T1w"]  # fmt: skip
    masks = ["sub-1_label-lesion_mask", "sub-1_label-brain_mask", "sub-3_label-lesion_mask",
             "sub-2_ses-b_label-lesion_mask"]  # fmt: skip
    found = find(folders(tmp_path, images, masks))
    assert [case.label for case in found] == ["sub-1", "sub-2 ses-b"]
    first = found[0]
    assert first.sources["T1w"].name == "sub-1_T1w.nii.gz"
    assert first.truth.name == "sub-1_T2w.nii.gz"
    assert first.mask.name == "sub-1_label-lesion_mask.nii.gz"


def test_masks_of_another_name_are_taken_when_there_is_one(tmp_path):
    both = folders(tmp_path, ["sub-1_T1w", "sub-1_T2w"], ["sub-1_desc-a_mask"])
    assert find(both)[0].mask.name == "sub-1_desc-a_mask.nii.gz"
    bids_folders.write(both[1], _path("sub-1_desc-b_mask"))
    with pytest.raises(GanMriError, match="one mask of lesions for sub-1.*--mask-name"):
        find(both)
    assert find(both, mask_name="desc-b_mask")[0].mask.name == "sub-1_desc-b_mask.nii.gz"


def test_subjects_that_the_run_has_seen_are_left_out_unless_asked_for(tmp_path):
    names = [f"sub-{number}_{kind}" for number in (1, 2, 3) for kind in ("T1w", "T2w")]
    cases = find(folders(tmp_path, names, [f"sub-{n}_label-lesion_mask" for n in (1, 2, 3)]))
    trained = run(train=["sub-1"], validation=["sub-2"])
    chosen, seen = chosen_cases(cases, trained)
    assert [case.subject for case in chosen] == ["sub-3"] and seen == []
    chosen, seen = chosen_cases(cases, trained, ["1", "sub-3"])
    assert [case.subject for case in chosen] == ["sub-1", "sub-3"] and seen == ["sub-1"]
    with pytest.raises(GanMriError, match="sub-1, sub-2, sub-3. Received: sub-9"):
        chosen_cases(cases, trained, ["9"])
    with pytest.raises(GanMriError, match="not trained on. Received sub-1, sub-2, sub-3"):
        chosen_cases(cases, run(train=["sub-1", "sub-2", "sub-3"]))


def test_what_is_missing_is_named(tmp_path):
    both = folders(tmp_path, ["sub-1_T1w", "sub-1_T2w"], ["sub-2_label-lesion_mask"])
    with pytest.raises(GanMriError, match="images of sub-1, masks of sub-2"):
        find(both)
    with pytest.raises(GanMriError, match="masks: expected a BIDS folder"):
        find((both[0], tmp_path / "nothing"))
    with pytest.raises(GanMriError, match="label-lesion_mask"):
        find((both[0], both[0]))


def test_a_source_is_enough_where_nothing_else_is_needed(tmp_path):
    images = ["sub-1_T1w", "sub-1_T2w", "sub-2_T1w", "sub-3_T2w"]
    both = folders(tmp_path, images, ["sub-2_label-lesion_mask"])
    first, second = find(both, complete=False)
    assert (first.truth.name, first.mask) == ("sub-1_T2w.nii.gz", None)
    assert (second.truth, second.mask.name) == (None, "sub-2_label-lesion_mask.nii.gz")
    alone = find((both[0], None), complete=False)
    assert [(case.label, case.mask) for case in alone] == [("sub-1", None), ("sub-2", None)]
    nothing = find_cases(both[0], None, sources=("T1w",), target="FLAIR", complete=False)
    assert [case.truth for case in nothing] == [None, None]
    with pytest.raises(GanMriError, match="expected files"):
        find_cases(both[0], None, sources=("FLAIR",), target="T1w", complete=False)
