"""Batches of volumes: whole ones, and windows that lie mostly where there is tissue."""

import dataclasses
import tracemalloc

import numpy as np
import pytest
from data_samples import stack_of, write_nifti

from gan_mri.data import load
from gan_mri.data.images import scaling
from gan_mri.data.images.geometry import Geometry
from gan_mri.data.images.scaling import IntensityScaling
from gan_mri.data.order import epoch_order
from gan_mri.data.pipeline import batches
from gan_mri.data.samples import make_split
from gan_mri.prepare import prepare

SIZE = (20, 18, 22)
WINDOW = IntensityScaling.from_text("window:0:1000")


def steps_of(split, geometry, order, **options):
    options = {"channels": 1, "seed": 0, "epoch": 0} | options
    return [
        {domain: images.numpy() for domain, images in batch.items()}
        for batch in batches(split, geometry, order, **options)
    ]


def block_in_air(seed=0, shape=(72, 64, 80)):
    """A block of tissue, 2 % of a volume of air."""
    volume = np.zeros(shape, np.int16)
    inside = volume[44:64, 8:26, 40:60]
    inside[:] = np.random.default_rng(seed).integers(500, 900, inside.shape)
    return volume


@pytest.fixture
def split():
    stacks = [
        stack_of(block_in_air(i), domain=domain, subject=f"s{i}", affine=np.eye(4), plane="volume")
        for i in range(2)
        for domain in "AB"
    ]
    return make_split(stacks, {"A": WINDOW, "B": WINDOW})


def test_windows_lie_mostly_where_there_is_tissue(split):
    order = np.zeros((100, 2, 2), int)
    order[:, 1] = 1
    steps = steps_of(split, Geometry(SIZE, "crop"), order)
    centers = [step["A"][row, 10, 9, 11, 0] for step in steps for row in range(2)]
    # Drawn from 100 voxels, of which one at least is tissue with 1 - 0.98^100 = 0.87.
    share = (block_in_air() > 0).mean()
    expected = 0.9 * (1 - (1 - share) ** 100)
    found = np.mean(np.greater(centers, -1))
    assert abs(found - expected) < 4 * np.sqrt(expected * (1 - expected) / 200)
    for step in steps[:10]:  # one anatomy, one window
        np.testing.assert_array_equal(step["A"] > -1, step["B"] > -1)


def test_every_window_is_a_piece_of_its_volume(split):
    """The block's values differ everywhere: a window that holds some of it is found by them."""
    order = np.arange(12)[:, None, None] % 2 * np.ones((1, 1, 2), int)
    for step, (index, _) in zip(steps_of(split, Geometry(SIZE, "crop"), order), order[:, 0]):
        window, whole = step["A"][0, ..., 0], split.A[index][..., 0]
        assert window.shape == SIZE
        places = np.argwhere(window > -1)
        if len(places):
            first = places[0]
            candidates = np.argwhere(whole == window[tuple(first)]) - first
            cuts = [
                whole[tuple(slice(begin, begin + n) for begin, n in zip(start, SIZE))]
                for start in candidates
                if (start >= 0).all()
            ]
            assert any(np.array_equal(cut, window) for cut in cuts)


class Counting:
    """An array that counts the values that are asked of it."""

    def __init__(self, array):
        self.array, self.shape, self.dtype, self.read = array, array.shape, array.dtype, 0

    def __getitem__(self, place):
        values = self.array[place]
        self.read += values.size
        return values


def test_a_window_reads_no_more_than_itself_and_a_hundred_voxels():
    stack = stack_of(block_in_air(), affine=np.eye(4), plane="volume")
    watched = dataclasses.replace(stack, array=Counting(stack.array))
    split = make_split([watched], {"A": WINDOW})
    steps_of(split, Geometry(SIZE, "crop"), np.zeros((10, 1, 1), int))
    assert watched.array.read <= 10 * (np.prod(SIZE) + 100) < stack.array.size


@pytest.mark.parametrize("fit", ["resize", "crop"])
def test_volumes_of_the_size_come_as_they_are(tmp_path, fit):
    for subject in ("sub-01", "sub-02"):
        for contrast in ("T1w", "T2w"):
            path = tmp_path / "in" / subject / "anat" / f"{subject}_{contrast}.nii.gz"
            write_nifti(path, block_in_air(len(path.name))[44:64, 8:26, 40:62])
    data = load(tmp_path / "in", contrasts=("T1w", "T2w"), plane="volume", split=(1, 0, 0))
    order = epoch_order(data.train, batch_size=2, paired=("A", "B"), seed=0, epoch=0)
    (step,) = steps_of(data.train, Geometry(SIZE, fit), order)
    for domain, indices in zip("AB", order[0].T):
        for image, index in zip(step[domain], indices):
            np.testing.assert_array_equal(image, data.train[domain][index])


def test_resized_volumes_are_the_geometrys(split):
    geometry = Geometry((24, 32, 24))
    (step,) = steps_of(split, geometry, np.array([[[0, 1], [1, 0]]]))
    assert step["A"].shape == (2, 24, 32, 24, 1)
    np.testing.assert_array_equal(step["B"][0], geometry.whole(split.B[1]))


def test_windows_of_a_prepared_file_are_those_of_its_source(tmp_path):
    for number in range(3):
        for contrast in ("T1w", "T2w"):
            path = tmp_path / "in" / f"sub-{number}" / "anat" / f"sub-{number}_{contrast}.nii.gz"
            write_nifti(path, block_in_air(number))
    options = {"contrasts": ("T1w", "T2w"), "plane": "volume", "split": (1, 0, 0)}
    stored = load(prepare(tmp_path / "in", tmp_path / "v.h5", **options))
    order = np.tile([[[0, 2]], [[1, 1]]], (3, 1, 1))
    for one, other in zip(
        steps_of(load(tmp_path / "in", **options).train, Geometry(SIZE, "crop"), order),
        steps_of(stored.train, Geometry(SIZE, "crop"), order),
        strict=True,
    ):
        for domain in "AB":
            np.testing.assert_array_equal(one[domain], other[domain])


@pytest.mark.parametrize("text", ["volume", "percentile"])
def test_preparing_holds_one_volume(tmp_path, monkeypatch, text):
    """Eight volumes on disk; while one is read, the one before it is gone."""
    monkeypatch.setattr(scaling, "_SAMPLE", 2**14)  # else so few are taken whole
    volume = np.zeros((80, 80, 80), np.float32)
    volume[8:-8, 8:-8, 8:-8] = np.random.default_rng(0).normal(500, 50, (64, 64, 64))
    for number in range(4):
        for contrast in ("T1w", "T2w"):
            path = tmp_path / "in" / f"sub-{number}" / "anat" / f"sub-{number}_{contrast}.nii.gz"
            write_nifti(path, volume)
    options = {"contrasts": ("T1w", "T2w"), "plane": "volume", "scaling": text}
    prepare(tmp_path / "in", tmp_path / "first.h5", **options)  # imports and caches
    tracemalloc.start()
    prepare(tmp_path / "in", tmp_path / "second.h5", **options)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # The file's array, and its copy in C order or those that percentiles sort.
    assert peak < 2.5 * volume.nbytes + 2**20
