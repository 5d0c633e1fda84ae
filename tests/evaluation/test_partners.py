import pytest

from gan_mri.evaluation.partners import partners


def subjects_and_slices(**counts):
    """{(subject, slice): (subject, slice)} of the partners of subjects with so many slices."""
    keys = [(subject, number) for subject, count in counts.items() for number in range(count)]
    # The second domain holds them in the opposite order.
    rows = [(i, len(keys) - 1 - i) for i in range(len(keys))]
    chosen = partners(rows, [subject for subject, _ in keys])
    assert sorted(chosen) == sorted(rows) and set(chosen.values()) <= set(rows)
    return {keys[own[0]]: keys[other[0]] for own, other in chosen.items()}


def test_the_next_subject_and_the_last_has_the_first():
    assert subjects_and_slices(c=1, a=1, b=1) == {
        ("a", 0): ("b", 0), ("b", 0): ("c", 0), ("c", 0): ("a", 0),
    }  # fmt: skip


def test_the_same_height_in_a_stack_of_another_number_of_slices():
    found = subjects_and_slices(a=4, b=8)
    assert [found["a", n] for n in range(4)] == [("b", n) for n in (0, 2, 4, 6)]
    assert [found["b", n] for n in range(8)] == [("a", n) for n in (0, 0, 1, 1, 2, 2, 3, 3)]


@pytest.mark.parametrize(
    "count, slices", [(6, [3, 4, 5, 0, 1, 2]), (3, [1, 2, 0]), (2, [1, 0]), (1, [0])]
)
def test_one_subject_has_its_own_slice_half_the_stack_away(count, slices):
    found = subjects_and_slices(a=count)
    assert [found["a", n] for n in range(count)] == [("a", n) for n in slices]
