import numpy as np
import pytest
from data_samples import head, picture_of, stack_of

from gan_mri.data.images.scaling import IntensityScaling
from gan_mri.data.samples import SampleKey, Samples, SliceKey, Slices, make_split
from gan_mri.data.stacks import Key
from gan_mri.errors import GanMriError

WINDOW = IntensityScaling.from_text("window:0:1000")


def volume(domain, subject, slices, *, entities="", seed=0):
    return stack_of(
        head(seed=seed),
        name=f"{subject}_{domain}.nii",
        domain=domain,
        subject=subject,
        entities=entities,
        slices=slices,
    )


def test_items():
    stack = volume("A", "sub-01", (3, 5))
    slices = Slices([stack, volume("A", "sub-02", (2, 4), entities="ses-1_run-2", seed=1)], WINDOW)
    assert len(slices) == 4 and len(list(slices)) == 4
    assert slices[1].shape == (10, 12, 1) and slices[1].dtype == np.float32
    np.testing.assert_allclose(slices[1][..., 0], stack.array[1] / 500 - 1, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(slices.mask(1), stack.array[1] > 0)
    assert (
        slices.shape(1) == (10, 12)
        and slices.window(1) == (0, 1000)
        and slices.path(3) == "sub-02_A.nii"
    )
    assert slices.keys == [
        SliceKey("sub-01", "", 3),
        SliceKey("sub-01", "", 4),
        SliceKey("sub-02", "ses-1_run-2", 2),
        SliceKey("sub-02", "ses-1_run-2", 3),
    ]
    assert [slices.label(i) for i in (0, 3)] == ["sub-01 slice 3", "sub-02 ses-1 run-2 slice 3"]
    assert slices.subjects == ["sub-01", "sub-02"]
    with pytest.raises(IndexError):
        slices[4]


def test_every_file_has_its_own_window():
    stacks = [volume("A", "sub-01", (3, 5)), volume("A", "sub-02", (3, 5), seed=1)]
    slices = Slices(stacks, IntensityScaling.from_text("volume"))
    assert slices.window(0) == (stacks[0].statistics.low, stacks[0].statistics.high)
    assert slices.window(2) == (stacks[1].statistics.low, stacks[1].statistics.high)


def test_color():
    picture = np.random.default_rng(0).integers(0, 255, (5, 6, 3), dtype=np.uint8)
    slices = Slices([picture_of(picture, "p")], IntensityScaling.from_text("uint8"))
    np.testing.assert_allclose(slices[0], picture / 127.5 - 1, atol=1e-6)
    assert slices.mask(0).shape == (5, 6) and slices.label(0) == "p"


def test_an_item_is_a_copy():
    stack = volume("A", "sub-01", (3, 4))
    before = stack.array.copy()
    Slices([stack], WINDOW)[0][:] = 0
    np.testing.assert_array_equal(stack.array, before)


def test_pairs_are_found_by_subject_entities_and_number():
    stacks = [
        volume("A", "sub-01", (2, 5)),
        volume("A", "sub-02", (2, 4)),
        volume("A", "sub-03", (2, 4), entities="run-1"),
        volume("B", "sub-02", (3, 6)),
        volume("B", "sub-03", (2, 4), entities="run-2"),
        volume("B", "sub-01", (4, 6)),
    ]
    split = make_split(stacks, {"A": WINDOW, "B": WINDOW})
    assert split.pairs.tolist() == [[2, 5], [4, 0]]
    assert all(split.A.keys[i] == split.B.keys[j] for i, j in split.pairs)
    assert split.subjects == ["sub-01", "sub-02", "sub-03"]


def test_paired_only_leaves_nothing_without_a_partner():
    stacks = [
        volume("A", "sub-01", (2, 5)),
        volume("B", "sub-01", (4, 6)),
        volume("A", "sub-02", (2, 5)),
    ]
    split = make_split(stacks, {"A": WINDOW, "B": WINDOW}, paired=("A", "B"))
    assert split.A.keys == split.B.keys == [SliceKey("sub-01", "", 4)]
    assert split.pairs.tolist() == [[0, 0]] and split.subjects == ["sub-01"]
    np.testing.assert_array_equal(split.A[0][..., 0], WINDOW.scale(stacks[0].array[2]))


def test_different_grids_make_no_pairs():
    stacks = [volume("A", "sub-01", (2, 5)), volume("B", "sub-01", (2, 5))]
    split = make_split(
        stacks, {"A": WINDOW, "B": WINDOW}, unpairable={Key("sub-01"): {"A": 0, "B": 1}}
    )
    assert len(split.A) == len(split.B) == 3 and split.pairs.shape == (0, 2)


def test_empty_split():
    split = make_split([], {"A": WINDOW, "B": WINDOW})
    assert (
        len(split.A) == len(split.B) == 0 and split.pairs.shape == (0, 2) and split.subjects == []
    )


def test_a_window_that_cannot_be_had_names_the_file():
    blocks = (head() > 0).astype(np.int16)
    with pytest.raises(GanMriError, match=r"mask\.nii: scaling zscore"):
        Slices([stack_of(blocks, name="mask.nii")], IntensityScaling.from_text("zscore"))


def test_their_names_before_there_were_volumes():
    assert Slices is Samples and SliceKey is SampleKey
    assert SampleKey("sub-01", "", 3) == ("sub-01", "", 3, "")


GRIDS = {Key("sub-01"): {"A": 0, "B": 1, "C": 0}}


def test_domains_on_one_grid_match_though_a_third_is_on_another():
    stacks = [volume(domain, "sub-01", (2, 5)) for domain in "ABC"]
    split = make_split(stacks, dict.fromkeys("ABC", WINDOW), unpairable=GRIDS)
    assert split.pairs.shape == (0, 3) and split.matched("AB").shape == (0, 2)
    assert split.matched("CA").tolist() == [[i, i] for i in range(3)]
    assert split.anatomies("A") == split.anatomies("C") != split.anatomies("B")


def test_only_paired_domains_are_cut_to_what_all_have():
    stacks = [
        volume("A", "sub-01", (2, 6)),
        volume("B", "sub-01", (3, 5)),
        volume("C", "sub-01", (4, 6)),
        volume("A", "sub-02", (2, 5)),
    ]
    split = make_split(stacks, dict.fromkeys("ABC", WINDOW), paired=("A", "C"))
    numbers = {domain: [key.number for key in split[domain].keys] for domain in "ABC"}
    assert numbers == {"A": [4, 5], "B": [3, 4], "C": [4, 5]}
    assert split.matched(("A", "C")).tolist() == [[0, 0], [1, 1]]
    assert split.pairs.tolist() == [[0, 1, 0]]


def test_a_split_knows_its_domains_by_name():
    split = make_split([volume("T1w", "sub-01", (2, 5))], {"T1w": WINDOW, "T2w": WINDOW})
    assert split.domains == ("T1w", "T2w") and split["T1w"] is split.T1w
    assert not split.complete and split.subjects == ["sub-01"]
    with pytest.raises(AttributeError, match="'Split' object has no attribute|no attribute 'CT'"):
        split.CT
    with pytest.raises(KeyError):
        split["CT"]
