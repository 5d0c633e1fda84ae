"""Whole volumes as samples: orientation, names, windows, masks."""

import dataclasses
import tracemalloc

import nibabel as nib
import numpy as np
import pytest
from data_samples import head, stack_of, write_nifti

from gan_mri.data import load
from gan_mri.data.images.scaling import IntensityScaling
from gan_mri.data.samples import SampleKey, Samples
from gan_mri.data.sources.hdf5 import read_collection
from gan_mri.prepare import prepare

WINDOW = IntensityScaling.from_text("window:0:1000")
CODES = ("RAS", "LPI", "PSR", "IRA")


def stored_as(code, volume, sizes=(2.0, 1.0, 3.0)):
    """A RAS+ volume and its affine as a file of another orientation holds them."""
    image = nib.Nifti1Image(volume, np.diag([*sizes, 1.0]))
    ras, wanted = nib.orientations.axcodes2ornt("RAS"), nib.orientations.axcodes2ornt(code)
    image = image.as_reoriented(nib.orientations.ornt_transform(ras, wanted))
    return np.asarray(image.dataobj), image.affine


@pytest.fixture
def folder(tmp_path):
    """The same two heads in four orientations, as four subjects."""
    for number, code in enumerate(CODES):
        for contrast, seed in (("T1w", 0), ("T2w", 1)):
            path = tmp_path / "bids" / f"sub-{code}" / "anat" / f"sub-{code}_{contrast}.nii.gz"
            write_nifti(path, *stored_as(code, head(seed=seed)))
    return tmp_path / "bids"


def load_volumes(folder, **options):
    options = {"contrasts": ("T1w", "T2w"), "plane": "volume", "split": (1, 0, 0)} | options
    return load(folder, **options)


@pytest.mark.parametrize("prepared", [False, True])
def test_volumes_lie_along_ras_whatever_is_stored(folder, tmp_path, prepared):
    data = load_volumes(folder)
    if prepared:
        path = prepare(
            folder, tmp_path / "v.h5", contrasts=("T1w", "T2w"), plane="volume", split=(1, 0, 0)
        )
        data = load(path)
    assert (data.plane, data.rank, data.channels) == ("volume", 3, 1)
    for domain, seed in (("A", 0), ("B", 1)):
        volume = head(seed=seed).astype(np.float64)
        high = np.percentile(volume[volume > 0], 99.5)
        expected = np.clip(2 * volume / high - 1, -1, 1)
        samples = data.train[domain]
        assert len(samples) == len(CODES)
        for index, sample in enumerate(samples):
            assert sample.shape == (12, 10, 8, 1) and sample.dtype == np.float32
            np.testing.assert_allclose(sample[..., 0], expected, atol=1e-6)
            np.testing.assert_array_equal(samples.mask(index), volume > 0)
            np.testing.assert_allclose(samples.spacing(index), (2, 1, 3))
            assert samples.window(index) == (0, pytest.approx(high))


def test_names_of_volumes(folder):
    samples = load_volumes(folder).train.A
    codes = sorted(CODES)
    assert samples.keys == [SampleKey(f"sub-{code}", "", 0) for code in codes]
    assert [samples.label(i) for i in range(4)] == [f"sub-{code}" for code in codes]
    assert samples.shape(0) == (12, 10, 8) and samples.plane(0) == "volume"
    assert samples.path(1).endswith(f"sub-{codes[1]}_T1w.nii.gz")
    stack = stack_of(head(), plane="volume", entities="ses-1_run-2")
    assert Samples([stack], WINDOW).label(0) == "sub-01 ses-1 run-2"


def test_a_record_of_volumes(folder):
    data = load_volumes(folder)
    record = data.describe()
    assert (record["plane"], record["spacing"], record["align"]) == ("volume", None, "none")
    assert record["counts"]["train"] == {"A": 4, "B": 4, "pairs": 4}
    assert record["empty_slices"]["dropped"] == {"A": 0, "B": 0}
    assert data.train.pairs.tolist() == [[i, i] for i in range(4)]


def test_three_sizes_ask_for_volumes(folder):
    by_size = load_volumes(folder, plane=None, image_size=(20, 20, 20))
    assert by_size.describe() == load_volumes(folder).describe()
    assert by_size.train.A[0].shape == (12, 10, 8, 1)  # sizes are a matter of training


def test_values_are_held_once_in_the_dtype_of_the_file(folder):
    arrays = [stack.array for stack in load_volumes(folder).train.A._stacks]
    for array in arrays:
        assert array.dtype == np.int16 and array.shape == (1, 12, 10, 8)
        assert array.flags.c_contiguous
        owner = array if array.base is None else array.base
        assert owner.nbytes == array.nbytes


RGB = np.random.default_rng(0).integers(0, 255, (12, 10, 8, 3), dtype=np.uint8)
PICTURE = np.random.default_rng(1).integers(0, 255, (9, 14, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    "stack, start, size",
    [
        (stack_of(head(), plane="volume"), (3, 0, 2), (5, 10, 3)),
        (stack_of(head(), plane="volume"), (8, 4, 7), (9, 9, 9)),
        (stack_of(RGB, plane="volume"), (3, 1, 2), (5, 4, 3)),
        (stack_of(head(), slices=(2, 6)), (3, 2), (5, 6)),
        (stack_of(RGB, slices=(2, 6)), (3, 2), (5, 60)),
        (stack_of(PICTURE, affine=None), (1, 2), (8, 3)),
    ],
)
def test_a_part_is_a_window_of_the_whole(stack, start, size):
    samples = Samples([stack], WINDOW)
    index = len(samples) - 1
    window = tuple(slice(first, first + length) for first, length in zip(start, size))
    part = samples.part(index, start, size)
    assert part.dtype == np.float32 and part.shape[-1] == stack.channels
    np.testing.assert_array_equal(part, samples[index][window])
    np.testing.assert_array_equal(samples.part(index), samples[index])


def test_a_part_of_a_prepared_volume(folder, tmp_path):
    path = prepare(folder, tmp_path / "v.h5", contrasts=("T1w", "T2w"), plane="volume")
    samples = load(path).train.A
    np.testing.assert_array_equal(
        samples.part(1, (3, 0, 2), (5, 10, 3)), samples[1][3:8, 0:10, 2:5]
    )


def test_a_part_reads_and_scales_no_more_than_itself():
    volume = np.zeros((160, 160, 160), np.int16)
    volume[40:120, 40:120, 40:120] = 500
    samples = Samples([stack_of(volume, plane="volume")], WINDOW)
    tracemalloc.start()
    samples.part(0, (30, 30, 30), (16, 16, 16))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 4 * 16**3 < volume.nbytes / 50


class Watched:
    """An array that remembers how much was asked of it."""

    def __init__(self, array):
        self.array, self.shape, self.dtype, self.read = array, array.shape, array.dtype, 0

    def __getitem__(self, place):
        values = self.array[place]
        self.read += values.size
        return values


@pytest.mark.parametrize("volume", [head(), RGB])
def test_the_foreground_is_the_mask_voxel_by_voxel(volume):
    stack = stack_of(volume, plane="volume")
    watched = dataclasses.replace(stack, array=Watched(stack.array))
    mask, foreground = Samples([stack], WINDOW).mask(0), Samples([watched], WINDOW).foreground(0)
    places = np.random.default_rng(0).integers((12, 10, 8), size=(50, 3)).tolist()
    assert [foreground[place] for place in places] == [mask[tuple(place)] for place in places]
    assert watched.array.read == 50 * stack.channels


def test_chunks_of_a_prepared_volume_are_cubes(tmp_path):
    big = np.zeros((70, 90, 66), np.int16)
    big[5:60, 10:80, 5:60] = np.random.default_rng(0).integers(100, 900, (55, 70, 55))
    for contrast in ("T1w", "T2w"):
        write_nifti(tmp_path / "in" / "sub-01" / "anat" / f"sub-01_{contrast}.nii.gz", big)
    path = prepare(
        tmp_path / "in",
        tmp_path / "v.h5",
        contrasts=("T1w", "T2w"),
        plane="volume",
        split=(1, 0, 0),
    )
    (stack, _) = read_collection(path)[0].stacks
    assert stack.array.chunks == (1, 64, 64, 64) and stack.rank == 3 and stack.plane == "volume"
    # LAS is stored: the first axis is reversed.
    np.testing.assert_array_equal(stack.array[0], big[::-1])
