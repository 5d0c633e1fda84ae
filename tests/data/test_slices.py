import numpy as np
import pytest
from data_samples import LAS, head

from gan_mri.data.files.readers import ImageFile
from gan_mri.data.images.scaling import IntensityScaling
from gan_mri.data.slices import SliceKey, Slices, make_split
from gan_mri.data.stacks import Key, make_stack
from gan_mri.errors import GanMriError

WINDOW = IntensityScaling.from_text("window:0:1000")


def volume(domain, subject, slices, *, entities="", seed=0):
    image = ImageFile(f"{subject}_{domain}.nii", head(seed=seed), LAS)
    return make_stack(
        image, domain=domain, key=Key(subject, entities), plane="axial", slices=slices
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
    stack = make_stack(
        ImageFile("p.png", picture), domain="A", key=Key("p"), plane="axial", slices=None
    )
    slices = Slices([stack], IntensityScaling.from_text("uint8"))
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
    split = make_split(stacks, {"A": WINDOW, "B": WINDOW}, paired_only=True)
    assert split.A.keys == split.B.keys == [SliceKey("sub-01", "", 4)]
    assert split.pairs.tolist() == [[0, 0]] and split.subjects == ["sub-01"]
    np.testing.assert_array_equal(split.A[0][..., 0], WINDOW.scale(stacks[0].array[2]))


def test_different_grids_make_no_pairs():
    stacks = [volume("A", "sub-01", (2, 5)), volume("B", "sub-01", (2, 5))]
    split = make_split(stacks, {"A": WINDOW, "B": WINDOW}, unpairable={Key("sub-01")})
    assert len(split.A) == len(split.B) == 3 and split.pairs.shape == (0, 2)


def test_empty_split():
    split = make_split([], {"A": WINDOW, "B": WINDOW})
    assert (
        len(split.A) == len(split.B) == 0 and split.pairs.shape == (0, 2) and split.subjects == []
    )


def test_a_window_that_cannot_be_had_names_the_file():
    blocks = (head() > 0).astype(np.int16)
    stack = make_stack(
        ImageFile("mask.nii", blocks, LAS), domain="A", key=Key("s"), plane="axial", slices=None
    )
    with pytest.raises(GanMriError, match=r"mask\.nii: scaling zscore"):
        Slices([stack], IntensityScaling.from_text("zscore"))
