import pretended

from gan_mri.evaluation.ways import by_target, made_by, ways_of
from gan_mri.tasks import TWO_DOMAINS, Direction, Task


def test_two_domains_both_ways():
    ways = ways_of(TWO_DOMAINS, {"A": "T1w", "B": "T2w"})
    assert list(ways) == ["A2B", "B2A"]
    assert [str(way) for way in ways.values()] == ["T1w to T2w", "T2w to T1w"]
    assert [way.cycle for way in ways.values()] == ["A2B2A", "B2A2B"]
    assert [way.back for way in ways.values()] == ["B2A", "A2B"]
    # The first contrast is drawn first, as in paper 001.
    assert [way.contrast for way in by_target(ways)] == ["T1w", "T2w"]


def test_one_way_and_several_sources_have_no_cycle():
    one = ways_of(Task.between("A", "B", both_ways=False), {"A": "T1w", "B": "T2w"})["A2B"]
    assert (one.back, one.cycle) == (None, None)
    task = Task.each_from_the_others(("T1w", "T2w", "PDw"))
    ways = ways_of(task, dict(zip(task.domains, task.domains)))
    assert [way.source for way in by_target(ways)] == ["T2w + PDw", "T1w + PDw", "T1w + T2w"]
    assert all(way.cycle is None for way in ways.values())


def test_cycles_are_named_by_domains_whatever_directions_are_called():
    directions = (Direction("CT", ("MR",), "CT"), Direction("MR", ("CT",), "MR"))
    ways = ways_of(Task(("MR", "CT"), directions), {"MR": "T1w", "CT": "ct"})
    assert {way.name: way.cycle for way in ways.values()} == {"CT": "MR2CT2MR", "MR": "CT2MR2CT"}


def test_what_is_made_of_noise_is_left_out():
    directions = (Direction("mask", (), "mask"), Direction("T1w", ("mask",), "T1w"))
    task = Task(("mask", "T1w"), directions)
    assert list(ways_of(task, {"mask": "mask", "T1w": "T1w"})) == ["T1w"]


def test_ways_to_one_contrast_are_told_apart():
    assert made_by(pretended.WAYS) == {"A2B": "T2w", "B2A": "T1w"}
    directions = (Direction("a", ("T1w",), "CT"), Direction("b", ("T2w",), "CT"))
    task = Task(("T1w", "T2w", "CT"), directions)
    ways = ways_of(task, dict(zip(task.domains, task.domains)))
    assert made_by(ways) == {"a": "CT from T1w", "b": "CT from T2w"}
