import logging

import numpy as np
import pytest
from data_samples import LAS, head, write_bids, write_nifti, write_png

from gan_mri.data.collection import only_matched, read_stacks, unmatched, unpairable
from gan_mri.data.sources.layouts import Entry, plan
from gan_mri.data.stacks import Key
from gan_mri.errors import GanMriError


def bids_plan(folder):
    return plan(folder, contrasts=("T1w", "T2w"), subjects=2, image_size=None)


def entries(a, b):
    return [Entry("A", Key(name), None, name) for name in a] + [
        Entry("B", Key(name), None, name) for name in b
    ]


def test_stacks_come_pair_by_pair(bids):
    stacks = list(read_stacks(bids_plan(bids), plane="axial", slices=(3, 5)))
    assert [(s.domain, s.key.subject) for s in stacks[:3]] == [
        ("A", "sub-01"),
        ("B", "sub-01"),
        ("A", "sub-02"),
    ]
    assert all(len(stack.numbers) == 2 for stack in stacks)


def test_reading_a_few_files_is_silent(tmp_path, capsys):
    list(read_stacks(bids_plan(write_bids(tmp_path)), plane="axial", slices=None))
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""


def test_a_range_of_slices_of_pictures(gan_mri_folder):
    found = plan(gan_mri_folder, contrasts=None, subjects=2, image_size=None)
    with pytest.raises(
        GanMriError, match=r"trainA/a\.png: expected a volume because a range .*3:5"
    ):
        list(read_stacks(found, plane="axial", slices=(3, 5)))


def test_mixed_channels_stop_the_reading(gan_mri_folder):
    write_png(gan_mri_folder / "trainB" / "c.png", np.zeros((9, 7, 3), np.uint8) + 9)
    found = plan(gan_mri_folder, contrasts=None, subjects=2, image_size=None)
    with pytest.raises(
        GanMriError, match=r"trainB/c\.png: expected grey .* like .*trainA/a\.png, received RGB"
    ):
        list(read_stacks(found, plane="axial", slices=None))


def test_a_pair_on_two_grids(bids, caplog):
    moved = LAS.copy()
    moved[0, 3] += 1
    write_nifti(bids / "sub-02" / "anat" / "sub-02_T2w.nii.gz", head(), moved)
    with pytest.raises(
        GanMriError,
        match=r"sub-02_T1w\.nii\.gz and .*sub-02_T2w\.nii\.gz: .*one grid.* against shape",
    ):
        list(read_stacks(bids_plan(bids), plane="axial", slices=None, paired=True))
    stacks = list(read_stacks(bids_plan(bids), plane="axial", slices=None))
    with caplog.at_level(logging.WARNING, "gan_mri"):
        assert unpairable(stacks) == {Key("sub-02")}
    assert "different grids" in caplog.text and "sub-02" in caplog.text
    with pytest.raises(GanMriError, match="one grid"):
        unpairable(stacks, refuse=True)


def test_unmatched():
    assert unmatched(entries("abd", "bc")) == {"A": [Key("a"), Key("d")], "B": [Key("c")]}


def test_only_matched_names_what_it_leaves_out(caplog):
    with caplog.at_level(logging.WARNING, "gan_mri"):
        left = only_matched(entries("abd", "bc"), ("CT", "MR"), "/data")
    assert [(entry.domain, entry.path) for entry in left] == [("A", "b"), ("B", "b")]
    assert [record.getMessage() for record in caplog.records] == [
        "/data: 2 of CT left out, because MR has no partner for them: a, d",
        "/data: 1 of MR left out, because CT has no partner for them: c",
    ]


def test_everything_matched_is_silent(caplog):
    assert len(only_matched(entries("ab", "ab"), ("A", "B"), "/data")) == 4
    assert not caplog.records


def test_no_pairs_at_all():
    with pytest.raises(GanMriError, match=r"/data: expected pairs .*CT has a, b; MR has c"):
        only_matched(entries("ab", "c"), ("CT", "MR"), "/data")
