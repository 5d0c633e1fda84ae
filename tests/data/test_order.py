from collections import Counter

import numpy as np
import pytest

from gan_mri.data.order import epoch_order, steps_of_epoch


class Counted(dict):
    """A split of which only the numbers of images and the matching ones are known."""

    def __init__(self, counts, matches):
        super().__init__({domain: range(count) for domain, count in counts.items()})
        self._matches = matches

    @property
    def domains(self):
        return tuple(self)

    def matched(self, domains):
        return np.array(self._matches[tuple(domains)], int).reshape(-1, len(domains))


def split(images_A, images_B, pairs=()):
    return Counted({"A": images_A, "B": images_B}, {("A", "B"): pairs})


def order(data, *, batch_size=1, paired=False, seed=0, epoch=0):
    paired = ("A", "B") if paired is True else paired or ()
    return epoch_order(data, batch_size=batch_size, paired=paired, seed=seed, epoch=epoch)


@pytest.mark.parametrize("images_A, images_B", [(5, 3), (3, 5), (4, 4), (7, 1), (1, 1), (9, 2)])
def test_the_larger_domain_comes_once_and_the_smaller_in_rounds(images_A, images_B):
    steps = order(split(images_A, images_B))
    larger = max(images_A, images_B)
    assert steps.shape == (larger, 1, 2)
    for column, images in enumerate((images_A, images_B)):
        seen = steps[:, 0, column].tolist()
        whole_rounds = len(seen) // images
        for number in range(whole_rounds):
            assert sorted(seen[number * images :][:images]) == list(range(images))
        rest = seen[whole_rounds * images :]
        assert len(set(rest)) == len(rest) and set(rest) <= set(range(images))


@pytest.mark.parametrize("paired", [False, True])
@pytest.mark.parametrize("batch_size", [2, 3, 4, 5])
def test_the_last_batch_is_filled_from_a_second_round(batch_size, paired):
    data = split(7, 7, [(i, 6 - i) for i in range(7)])
    steps = order(data, batch_size=batch_size, paired=paired)
    assert steps.shape == (int(np.ceil(7 / batch_size)), batch_size, 2)
    for column in range(2):
        counts = Counter(steps[..., column].ravel().tolist())
        assert set(counts) == set(range(7)) and set(counts.values()) <= {1, 2}


def test_a_batch_larger_than_the_data_is_filled():
    steps = order(split(2, 3), batch_size=8)
    assert steps.shape == (1, 8, 2)
    assert set(Counter(steps[..., 0].ravel().tolist()).values()) == {4}


def test_pairs_stay_pairs_and_come_once():
    pairs = [(0, 4), (2, 1), (3, 3), (5, 0)]
    steps = order(split(6, 5, pairs), paired=True)
    assert sorted(map(tuple, steps.reshape(-1, 2).tolist())) == pairs


def test_without_pairing_the_domains_are_shuffled_apart():
    steps = order(split(30, 30, [(i, i) for i in range(30)]))
    together = np.mean(steps[..., 0] == steps[..., 1])
    assert together < 0.3
    assert (steps[..., 0].ravel() != np.arange(30)).any()


@pytest.mark.parametrize("paired", [False, True])
def test_seed_and_epoch_alone_decide(paired):
    data = split(12, 12, [(i, i) for i in range(12)])
    np.random.seed(1)
    first = order(data, paired=paired, seed=5, epoch=3)
    np.random.seed(2)
    np.testing.assert_array_equal(order(data, paired=paired, seed=5, epoch=3), first)
    for other in ({"seed": 5, "epoch": 4}, {"seed": 6, "epoch": 3}):
        assert (order(data, paired=paired, **other) != first).any()


@pytest.mark.parametrize("images", [(5, 3), (1, 8), (6, 6)])
@pytest.mark.parametrize("batch_size", [1, 2, 4])
@pytest.mark.parametrize("paired", [False, True])
def test_steps_of_epoch_is_the_length_of_the_order(images, batch_size, paired):
    data = split(*images, [(0, 0), (0, 2), (0, 1)])
    steps = steps_of_epoch(data, batch_size=batch_size, paired=("A", "B") if paired else ())
    assert steps == len(order(data, batch_size=batch_size, paired=paired))
    assert steps == int(np.ceil((3 if paired else max(images)) / batch_size))


ROWS = [(0, 4, 1), (2, 1, 3), (3, 3, 0), (5, 0, 2)]


def test_rows_of_many_domains_stay_rows():
    data = Counted({"T1w": 6, "T2w": 5, "FLAIR": 4}, {("T1w", "T2w", "FLAIR"): ROWS})
    steps = order(data, batch_size=2, paired=("T1w", "T2w", "FLAIR"))
    assert steps.shape == (2, 2, 3)
    assert sorted(map(tuple, steps.reshape(-1, 3).tolist())) == ROWS


@pytest.mark.parametrize("free", [3, 9])
def test_some_domains_are_paired_and_others_free(free):
    """Columns are in the order of the domains, wherever the paired ones stand among them."""
    counts = {"CT": 6, "free": free, "MR": 5}
    pairs = [(i, j) for i, j, _ in ROWS]
    steps = order(
        Counted(counts, {("MR", "CT"): [pair[::-1] for pair in pairs]}), paired=("MR", "CT")
    )
    longest = max(len(pairs), free)
    assert steps.shape == (longest, 1, 3)
    rows = [tuple(row) for row in steps[:, 0, ::2].tolist()]
    for column, kinds in ((rows, pairs), (steps[:, 0, 1].tolist(), range(free))):
        whole, rest = divmod(longest, len(kinds))
        for number in range(whole):
            assert sorted(column[number * len(kinds) :][: len(kinds)]) == sorted(kinds)
        assert len(set(column[longest - rest :])) == rest


def test_free_domains_are_shuffled_apart_from_the_paired_and_from_each_other():
    counts = dict.fromkeys("ABCD", 40)
    steps = order(Counted(counts, {("A", "B"): [(i, i) for i in range(40)]}), paired=("A", "B"))
    columns = steps[:, 0].T
    np.testing.assert_array_equal(columns[0], columns[1])
    for one, other in ((0, 2), (0, 3), (2, 3)):
        assert np.mean(columns[one] == columns[other]) < 0.3


@pytest.mark.parametrize("batch_size", [1, 2, 3])
@pytest.mark.parametrize("paired, longest", [((), 7), (("A", "C"), 5), (("A", "B", "C"), 4)])
def test_steps_of_many_domains(paired, longest, batch_size):
    matches = {("A", "C"): [(i, i) for i in range(3)], ("A", "B", "C"): ROWS}
    data = Counted({"A": 7, "B": 5, "C": 4}, matches)
    steps = steps_of_epoch(data, batch_size=batch_size, paired=paired)
    assert (
        steps == -(-longest // batch_size) == len(order(data, batch_size=batch_size, paired=paired))
    )


def test_one_domain_alone():
    data = Counted({"masks": 5}, {})
    steps = order(data, batch_size=2)
    assert steps.shape == (3, 2, 1) and set(steps.ravel().tolist()) == set(range(5))


def test_the_order_of_two_domains_never_changes_between_versions():
    """A resumed run goes on with the images that it has not seen: written out, draw by draw."""
    rng = np.random.default_rng([3, 1])
    a = np.concatenate([rng.permutation(5), rng.permutation(5)])[:6]
    b = np.concatenate([rng.permutation(4), rng.permutation(4)])[:6]
    expected = np.stack([a, b], axis=-1).reshape(3, 2, 2)
    found = order(split(5, 4), batch_size=2, seed=3, epoch=1)
    np.testing.assert_array_equal(found, expected)
    pairs = [(0, 4), (2, 1), (3, 3), (5, 0)]
    expected = np.array(pairs)[np.random.default_rng([3, 2]).permutation(4)]
    found = order(split(6, 5, pairs), paired=True, seed=3, epoch=2)
    np.testing.assert_array_equal(found[:, 0], expected)
