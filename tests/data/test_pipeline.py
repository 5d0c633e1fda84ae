from itertools import combinations

import numpy as np
import pytest
from data_samples import write_bids

from gan_mri.data import SampleKey, Split, load
from gan_mri.data.images.geometry import Geometry
from gan_mri.data.images.windows import random_window
from gan_mri.data.order import epoch_order
from gan_mri.data.pipeline import batches
from gan_mri.data.stacks import Key

ROWS, COLUMNS = 26, 31


class Rulers:
    """Images in which a pixel's channels tell its row, its column and the image."""

    neighbours = 0

    def __init__(self, names):
        self.keys = [SampleKey(name, "", 0) for name in names]

    def __len__(self):
        return len(self.keys)

    def shape(self, index):
        return ROWS, COLUMNS

    def plane(self, index):
        return None

    def spacing(self, index):
        return None

    def part(self, index, start, size):
        return self[index][start[0] : start[0] + size[0], start[1] : start[1] + size[1]]

    def __getitem__(self, index):
        rows, columns = np.meshgrid(np.arange(ROWS), np.arange(COLUMNS), indexing="ij")
        image = np.stack([rows, columns, np.full_like(rows, index)], axis=-1)
        return (image / 50 - 1).astype(np.float32)


def read_window(image):
    """Index, first row and first column of a cropped ruler."""
    first = np.rint((image[0, 0] + 1) * 50).astype(int)
    return int(first[2]), int(first[0]), int(first[1])


def rulers(pairs=()):
    """Six images of A and of B each, of which some show one anatomy."""
    names = {domain: [f"{domain}{i}" for i in range(6)] for domain in "AB"}
    for a, b in pairs:
        names["B"][b] = names["A"][a]
    return Split({domain: Rulers(keys) for domain, keys in names.items()})


def collect(split, geometry, order, *, channels=3, first_step=0, seed=4, epoch=2, **options):
    """The batches of an epoch, as tuples in the order of the domains."""
    dataset = batches(
        split,
        geometry,
        order,
        channels=channels,
        seed=seed,
        epoch=epoch,
        first_step=first_step,
        **options,
    )
    return [tuple(batch[domain].numpy() for domain in split.domains) for batch in dataset]


ORDER = np.array([[[0, 3], [1, 1]], [[2, 2], [5, 0]], [[4, 4], [3, 5]], [[0, 0], [1, 2]]])


def test_every_image_is_the_right_one_cut_at_one_window():
    geometry = Geometry((17, 20), "crop")
    for (A, B), wanted in zip(collect(rulers(), geometry, ORDER), ORDER, strict=True):
        assert A.shape == B.shape == (2, 17, 20, 3) and A.dtype == B.dtype == np.float32
        for position, indices in enumerate(wanted):
            for image, index in zip((A[position], B[position]), indices):
                number, top, left = read_window(image)
                assert number == index
                expected = rulers().A[index][top : top + 17, left : left + 20]
                np.testing.assert_array_equal(image, expected)


def test_a_pair_shares_its_window_and_others_do_not():
    pairs = [(1, 1), (2, 2), (4, 4), (0, 0)]
    same = {}
    for epoch in range(8):
        steps = collect(rulers(pairs), Geometry((17, 20), "crop"), ORDER, epoch=epoch)
        for (A, B), wanted in zip(steps, ORDER):
            for a, b, indices in zip(A, B, wanted.tolist()):
                equal = read_window(a)[1:] == read_window(b)[1:]
                same.setdefault(tuple(indices) in pairs, []).append(equal)
    assert all(same[True])
    assert np.mean(same[False]) < 0.2  # by chance, 1 in 120


def test_windows_differ_between_steps_epochs_and_seeds():
    order = np.zeros((20, 1, 2), int)
    geometry = Geometry((17, 20), "crop")
    drawn = [
        [read_window(A[0]) for A, _ in collect(rulers(), geometry, order, seed=seed, epoch=epoch)]
        for seed, epoch in ((0, 0), (0, 1), (1, 0))
    ]
    assert len(set(drawn[0])) > 10
    assert drawn[0] != drawn[1] and drawn[0] != drawn[2] and drawn[1] != drawn[2]


@pytest.mark.parametrize("first_step", [1, 3, 4])
def test_a_later_first_step_continues_exactly(first_step):
    geometry = Geometry((17, 20), "crop")
    whole = collect(rulers(), geometry, ORDER)
    rest = collect(rulers(), geometry, ORDER, first_step=first_step)
    assert len(rest) == len(ORDER) - first_step
    for one, other in zip(whole[first_step:], rest):
        np.testing.assert_array_equal(one[0], other[0])
        np.testing.assert_array_equal(one[1], other[1])


@pytest.mark.parametrize("fit", ["crop", "resize"])
def test_real_slices_come_as_the_data_set_gives_them(tmp_path, fit):
    folder = write_bids(tmp_path / "bids", shape=(20, 24, 8))
    data = load(folder, contrasts=("T1w", "T2w"), split=(1, 0, 0))
    geometry = Geometry((24, 20), fit)
    order = epoch_order(data.train, batch_size=2, paired=("A", "B"), seed=0, epoch=0)
    steps = collect(data.train, geometry, order, channels=1)
    assert len(steps) == len(order) > 3
    for (A, B), wanted in zip(steps, order):
        for domain, images, indices in zip((data.train.A, data.train.B), (A, B), wanted.T):
            assert -1 <= images.min() < images.max() <= 1
            for image, index in zip(images, indices):
                np.testing.assert_array_equal(image, domain[index])


def test_shapes_are_known_before_anything_is_read():
    dataset = batches(rulers(), Geometry((17, 20), "crop"), ORDER, channels=3, seed=0, epoch=0)
    assert set(dataset.element_spec) == {"A", "B"}
    assert [spec.shape.as_list() for spec in dataset.element_spec.values()] == [[2, 17, 20, 3]] * 2


FAMILY = {"T1w": "abcd", "T2w": "bcda", "CT": "wxyz", "FLAIR": "dcba"}


def test_all_images_of_one_anatomy_in_a_row_share_a_window():
    """Also where the first domain of the row shows another one."""
    split = Split({domain: Rulers(names) for domain, names in FAMILY.items()})
    order = np.random.default_rng(0).integers(4, size=(60, 2, 4))
    same = {True: [], False: []}
    for images, rows in zip(collect(split, Geometry((17, 20), "crop"), order), order):
        for position, row in enumerate(rows):
            windows = [read_window(domain[position])[1:] for domain in images]
            names = [FAMILY[domain][index] for domain, index in zip(FAMILY, row)]
            for i, j in combinations(range(4), 2):
                same[names[i] == names[j]].append(windows[i] == windows[j])
    assert len(same[True]) > 60 and all(same[True])
    assert np.mean(same[False]) < 0.05  # by chance, 1 in 120


def test_images_on_two_grids_are_cut_apart():
    """Subjects with the same name, whose images do not lie on one grid, share nothing."""
    names = {"A": "abc", "B": "abc", "C": "abc"}
    grids = {Key(name): {"A": 0, "B": 1, "C": 0} for name in "abc"}
    split = Split({domain: Rulers(keys) for domain, keys in names.items()}, grids)
    order = np.tile(np.arange(3)[:, None], (10, 3)).reshape(30, 1, 3)
    windows = [
        [read_window(domain[0])[1:] for domain in images]
        for images in collect(split, Geometry((17, 20), "crop"), order)
    ]
    assert all(a == c for a, b, c in windows)
    assert np.mean([a == b for a, b, c in windows]) < 0.2


@pytest.mark.parametrize("domains", ["A", "ABC"])
def test_any_number_of_domains(domains):
    split = Split({domain: Rulers(f"{domain}0 {domain}1".split()) for domain in domains})
    order = np.zeros((3, 2, len(domains)), int)
    dataset = batches(split, Geometry((17, 20), "crop"), order, channels=3, seed=0, epoch=0)
    for batch in dataset:
        assert set(batch) == set(domains)
        assert all(images.shape == (2, 17, 20, 3) for images in batch.values())


def test_windows_are_drawn_apart_from_the_order():
    """For NumPy, which fills up with zeros, [seed, epoch] and [seed, epoch, step 0] are one."""
    order = np.zeros((1, 1, 2), int)
    equal = [
        read_window(collect(rulers(), Geometry((17, 20), "crop"), order, seed=s, epoch=2)[0][0][0])[
            1:
        ]
        == random_window((ROWS, COLUMNS), (17, 20), np.random.default_rng([s, 2]))
        for s in range(12)
    ]
    assert np.mean(equal) < 0.5  # by chance, 1 in 120
