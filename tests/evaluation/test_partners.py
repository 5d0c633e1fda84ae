from typing import NamedTuple

import numpy as np
import pytest

from gan_mri.data.slices import SliceKey
from gan_mri.evaluation.partners import partners


class Domain(NamedTuple):
    keys: list


class Split(NamedTuple):
    A: Domain
    B: Domain
    pairs: np.ndarray


def split(**counts):
    """Subjects with so many slices; B in the opposite order of A."""
    keys = [SliceKey(subject, "", n) for subject, count in counts.items() for n in range(count)]
    rows = [(i, len(keys) - 1 - i) for i in range(len(keys))]
    return Split(Domain(keys), Domain(keys[::-1]), np.array(rows))


def subjects_and_slices(data):
    """{(subject, slice): (subject, slice)} of the partners."""
    chosen = partners(data)
    for a, b in [*chosen, *chosen.values()]:
        assert data.A.keys[a] == data.B.keys[b]
    assert sorted(chosen) == sorted(tuple(pair) for pair in data.pairs.tolist())
    return {
        (data.A.keys[own[0]].subject, data.A.keys[own[0]].number):
        (data.A.keys[other[0]].subject, data.A.keys[other[0]].number)
        for own, other in chosen.items()
    }  # fmt: skip


def test_the_next_subject_and_the_last_has_the_first():
    assert subjects_and_slices(split(c=1, a=1, b=1)) == {
        ("a", 0): ("b", 0), ("b", 0): ("c", 0), ("c", 0): ("a", 0),
    }  # fmt: skip


def test_the_same_height_in_a_stack_of_another_number_of_slices():
    found = subjects_and_slices(split(a=4, b=8))
    assert [found["a", n] for n in range(4)] == [("b", n) for n in (0, 2, 4, 6)]
    assert [found["b", n] for n in range(8)] == [("a", n) for n in (0, 0, 1, 1, 2, 2, 3, 3)]


@pytest.mark.parametrize(
    "count, slices", [(6, [3, 4, 5, 0, 1, 2]), (3, [1, 2, 0]), (2, [1, 0]), (1, [0])]
)
def test_one_subject_has_its_own_slice_half_the_stack_away(count, slices):
    found = subjects_and_slices(split(a=count))
    assert [found["a", n] for n in range(count)] == [("a", n) for n in slices]
