from collections import Counter

import numpy as np
import pytest

from gan_mri.data import Split
from gan_mri.data.order import epoch_order, steps_of_epoch


def split(images_A, images_B, pairs=()):
    """A split of which only the numbers of images and the pairs are known."""
    pairs = np.array(pairs, int).reshape(-1, 2)
    return Split(range(images_A), range(images_B), pairs, [])


def order(data, *, batch_size=1, paired=False, seed=0, epoch=0):
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
    steps = steps_of_epoch(data, batch_size=batch_size, paired=paired)
    assert steps == len(order(data, batch_size=batch_size, paired=paired))
    assert steps == int(np.ceil((3 if paired else max(images)) / batch_size))
