import json

import numpy as np
import pytest

from gan_mri.errors import GanMriError
from gan_mri.tasks import TWO_DOMAINS, Direction, Task

FOUR = Task.each_from_the_others(["T1w", "T2w", "PDw", "FLAIR"])
#: An image is made of noise, of one domain, of two.
MIXED = Task(
    ("mask", "image", "T1w"),
    (
        Direction("mask", (), "mask"),
        Direction("image", ("mask",), "image"),
        Direction("T1w", ("mask", "image"), "T1w"),
    ),
    ("mask", "image"),
)


def test_between_two_domains():
    task = Task.between("A", "B")
    assert task == TWO_DOMAINS
    assert task.directions == (Direction("A2B", ("A",), "B"), Direction("B2A", ("B",), "A"))
    assert task.domains == ("A", "B") and task.paired == ()
    one_way = Task.between("T1w", "CT", paired=True, both_ways=False)
    assert one_way.directions == (Direction("T1w2CT", ("T1w",), "CT"),)
    assert one_way.paired == ("T1w", "CT")


def test_each_from_the_others():
    assert [direction.name for direction in FOUR.directions] == list(FOUR.domains)
    assert FOUR.direction("PDw").sources == ("T1w", "T2w", "FLAIR")
    assert FOUR.direction("PDw").target == "PDw"
    assert FOUR.paired == FOUR.domains


def test_directions_by_name():
    assert TWO_DOMAINS.direction() is TWO_DOMAINS.directions[0]
    assert TWO_DOMAINS.direction("B2A").target == "A"
    with pytest.raises(GanMriError, match="direction: expected A2B or B2A.*Received: 'a2b'"):
        TWO_DOMAINS.direction("a2b")


def test_the_way_back():
    assert TWO_DOMAINS.back("A2B").name == "B2A" and TWO_DOMAINS.back("B2A").name == "A2B"
    assert Task.between("A", "B", both_ways=False).back("A2B") is None
    # From one target to three sources there is none.
    assert FOUR.back("FLAIR") is None
    assert MIXED.back("image") is None and MIXED.back("mask") is None


def test_inputs_of_a_direction():
    images = {"mask": 1, "image": 2, "T1w": 3}
    none, one, two = MIXED.directions
    assert none.inputs(images) == {}
    assert one.inputs(images) == {"image": 1}
    assert two.inputs(images) == {"mask": 1, "image": 2}
    assert one.inputs(images, reference=9) == {"image": 1, "reference": 9}


def test_batches_of_either_form():
    expected = {"A": 1, "B": 2}
    for given in ((1, 2), [1, 2], {"B": 2, "A": 1}, {"B": 2, "A": 1, "C": 3}):
        found = TWO_DOMAINS.batch(given)
        assert found == expected and list(found) == ["A", "B"]


@pytest.mark.parametrize(
    ("given", "received"),
    [
        ({"A": 1}, r"\['A'\]"),
        ({"a": 1, "b": 2}, r"\['a', 'b'\]"),
        ((1,), "1 tensors"),
        ((1, 2, 3), "3 tensors"),
        ((), "0 tensors"),
    ],
)
def test_other_batches_are_refused(given, received):
    with pytest.raises(GanMriError, match=f"batch: expected images of A, B.*Received: {received}"):
        TWO_DOMAINS.batch(given)


BESIDE = Task(("A", "B"), (Direction("B2A", ("B",), "A"),), ("A", "B"), neighbours=2)


@pytest.mark.parametrize("task", [TWO_DOMAINS, FOUR, MIXED, BESIDE])
def test_the_record_is_json_and_comes_back(task):
    record = json.loads(json.dumps(task.to_config()))
    assert Task.from_config(record) == task


def test_a_record_from_before_there_were_neighbours():
    record = BESIDE.to_config()
    del record["neighbours"]
    assert Task.from_config(record) == Task(BESIDE.domains, BESIDE.directions, BESIDE.paired)


def test_sources_alone_bring_neighbours():
    assert BESIDE.contexts == {"B": 2} and TWO_DOMAINS.contexts == {}
    images = {"A": np.arange(12.0).reshape(2, 2, 3), "B": np.arange(60.0).reshape(2, 2, 15)}
    alone = BESIDE.alone(images)
    np.testing.assert_array_equal(alone["A"], images["A"])
    # Five slices of three channels: the third slice.
    np.testing.assert_array_equal(alone["B"], images["B"][..., 6:9])
    np.testing.assert_array_equal(TWO_DOMAINS.alone(images)["B"], images["B"])


@pytest.mark.parametrize("domains", [("A", "B"), ("T1w", "T2w", "FLAIR")])
def test_what_is_made_has_no_neighbours(domains):
    task = Task.each_from_the_others(domains)
    with pytest.raises(GanMriError, match=f"neighbours: expected 0 .*{domains[0]} is source and"):
        Task(task.domains, task.directions, task.paired, neighbours=1)
