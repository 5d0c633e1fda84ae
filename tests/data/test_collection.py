import logging

import numpy as np
import pytest
from data_samples import LAS, head, stack_of, write_bids, write_nifti, write_png

from gan_mri.data.collection import only_matched, read_stacks, unmatched, unpairable
from gan_mri.data.images.scaling import IntensityScaling
from gan_mri.data.options import DataOptions
from gan_mri.data.samples import make_split
from gan_mri.data.sources.layouts import Entry, plan
from gan_mri.data.stacks import Key
from gan_mri.errors import GanMriError

AB = ("A", "B")
WINDOW = IntensityScaling.from_text("window:0:1000")


def read(folder, paired=(), contrasts=("T1w", "T2w"), **options):
    options = DataOptions(data=folder, contrasts=contrasts, **options)
    return list(read_stacks(plan(options, AB), options, paired=paired))


def entries(**names):
    return [
        Entry(domain, Key(name), None, name) for domain, listed in names.items() for name in listed
    ]


def test_stacks_come_pair_by_pair(bids):
    stacks = read(bids, slices=(3, 5))
    assert [(s.domain, s.key.subject) for s in stacks[:3]] == [
        ("A", "sub-01"),
        ("B", "sub-01"),
        ("A", "sub-02"),
    ]
    assert all(len(stack.numbers) == 2 for stack in stacks)


def test_reading_a_few_files_is_silent(tmp_path, capsys):
    read(write_bids(tmp_path))
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""


def test_a_range_of_slices_of_pictures(gan_mri_folder):
    with pytest.raises(
        GanMriError, match=r"trainA/a\.png: expected a volume because a range .*3:5"
    ):
        read(gan_mri_folder, contrasts=None, slices=(3, 5))


@pytest.mark.parametrize(
    "option, reason",
    [
        ({"spacing": 2}, r"a voxel size was given \(\(2\.0, 2\.0, 2\.0\)\)"),
        ({"plane": "volume"}, r"a plane was given \(volume\)"),
        ({"plane": "coronal"}, r"a plane was given \(coronal\)"),
        ({"image_size": (20, 20, 20)}, r"volumes were asked for \(\(20, 20, 20\)\)"),
        ({"align": "headers"}, r"contrasts are to be aligned \(headers\)"),
    ],
)
def test_what_pictures_do_not_have(gan_mri_folder, option, reason):
    with pytest.raises(GanMriError, match=rf"a\.png: expected a volume because {reason}"):
        read(gan_mri_folder, contrasts=None, **option)
    assert len(read(gan_mri_folder, contrasts=None, plane="axial")) == 12


def test_mixed_channels_stop_the_reading(gan_mri_folder):
    write_png(gan_mri_folder / "trainB" / "c.png", np.zeros((9, 7, 3), np.uint8) + 9)
    with pytest.raises(
        GanMriError, match=r"trainB/c\.png: expected grey .* like .*trainA/a\.png, received RGB"
    ):
        read(gan_mri_folder, contrasts=None)


def test_a_pair_on_two_grids(bids, caplog):
    moved = LAS.copy()
    moved[0, 3] += 1
    write_nifti(bids / "sub-02" / "anat" / "sub-02_T2w.nii.gz", head(), moved)
    with pytest.raises(
        GanMriError,
        match=r"sub-02_T1w\.nii\.gz and .*sub-02_T2w\.nii\.gz: .*one grid.* against shape",
    ):
        read(bids, AB)
    stacks = read(bids)
    with caplog.at_level(logging.WARNING, "gan_mri"):
        assert unpairable(stacks, AB) == {Key("sub-02"): {"A": 0, "B": 1}}
    assert "different grids" in caplog.text and "sub-02" in caplog.text
    with pytest.raises(GanMriError, match="one grid"):
        unpairable(stacks, AB, refuse=AB)


def test_unmatched():
    found = unmatched(entries(A="abd", B="bc"), AB)
    assert found == {"A": [Key("a"), Key("d")], "B": [Key("c")]}
    found = unmatched(entries(A="abd", B="bc", C="bd"), "ABC")
    assert found == {"A": [Key("a"), Key("d")], "B": [Key("c")], "C": [Key("d")]}
    assert unmatched(entries(A="ab"), "A") == {"A": []}


def test_only_matched_names_what_it_leaves_out(caplog):
    with caplog.at_level(logging.WARNING, "gan_mri"):
        left = only_matched(entries(A="abd", B="bc"), AB, {"A": "CT", "B": "MR"}, "/data")
    assert [(entry.domain, entry.path) for entry in left] == [("A", "b"), ("B", "b")]
    assert [record.getMessage() for record in caplog.records] == [
        "/data: 2 of CT left out, because MR has no partner for them: a, d",
        "/data: 1 of MR left out, because CT has no partner for them: c",
    ]


def test_everything_matched_is_silent(caplog):
    contrasts = {"A": "A", "B": "B"}
    assert len(only_matched(entries(A="ab", B="ab"), AB, contrasts, "/data")) == 4
    assert not caplog.records


def test_only_matched_of_some_domains(caplog):
    contrasts = {"A": "CT", "B": "MR", "C": "PET", "D": "US"}
    found = entries(A="abd", B="bcd", C="xy", D="bde")
    with caplog.at_level(logging.WARNING, "gan_mri"):
        left = only_matched(found, ("A", "B", "D"), contrasts, "/data")
    names = {domain: [one.path for one in left if one.domain == domain] for domain in "ABCD"}
    assert names == {"A": ["b", "d"], "B": ["b", "d"], "C": ["x", "y"], "D": ["b", "d"]}
    assert [record.getMessage() for record in caplog.records] == [
        "/data: 1 of CT left out, because MR or US has no partner for them: a",
        "/data: 1 of MR left out, because CT or US has no partner for them: c",
        "/data: 1 of US left out, because CT or MR has no partner for them: e",
    ]


def test_no_pairs_at_all():
    with pytest.raises(GanMriError, match=r"/data: expected pairs .*CT has a, b; MR has c"):
        only_matched(entries(A="ab", B="c"), AB, {"A": "CT", "B": "MR"}, "/data")


SHAPES = {"T1w": (12, 10, 8), "T2w": (12, 10, 8), "FLAIR": (12, 10, 9), "PDw": (12, 10, 9)}


def stacks_on(*contrasts):
    return [stack_of(head(SHAPES[name]), name=name, domain=name) for name in contrasts]


def test_grids_are_numbered():
    """Of four contrasts two and two lie on one grid: two pairs, though not all four match."""
    found = unpairable(stacks_on(*SHAPES), tuple(SHAPES))
    assert found == {Key("sub-01"): {"T1w": 0, "T2w": 0, "FLAIR": 1, "PDw": 1}}
    split = make_split(stacks_on(*SHAPES), dict.fromkeys(SHAPES, WINDOW), unpairable=found)
    assert len(split.pairs) == len(split.matched(("T1w", "FLAIR"))) == 0
    assert len(split.matched(("T1w", "T2w"))) == len(split.T1w) > 3
    assert len(split.matched(("PDw", "FLAIR"))) == len(split.PDw) > 3


def test_only_paired_domains_must_share_a_grid():
    stacks = stacks_on("T1w", "FLAIR", "PDw")
    assert unpairable(stacks, tuple(SHAPES), refuse=("FLAIR", "PDw"))
    for refuse in (("T1w", "PDw"), ("PDw", "T1w", "FLAIR")):
        with pytest.raises(
            GanMriError, match="(T1w and (PDw|FLAIR)|(PDw|FLAIR) and T1w): .*one grid"
        ):
            unpairable(stacks, tuple(SHAPES), refuse=refuse)
    # The first domain is free: the other two are compared all the same.
    with pytest.raises(GanMriError, match="T1w and FLAIR: expected .*one grid.*--align headers"):
        unpairable(stacks_on("PDw", "T1w", "FLAIR"), tuple(SHAPES), refuse=("T1w", "FLAIR"))
