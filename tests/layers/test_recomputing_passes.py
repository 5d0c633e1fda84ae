import threading

import pytest

from gan_mri.layers.passes import Passes, taken_once


class Counter:
    """Counts its calls, and gives the number of each."""

    def __init__(self):
        self.calls = 0

    def __call__(self):
        self.calls += 1
        return self.calls


def taken(passes, counter, times):
    with passes.another():
        return [taken_once(counter) for _ in range(times)]


def test_without_passes_every_value_is_new():
    counter = Counter()
    assert [taken_once(counter) for _ in range(3)] == [1, 2, 3]


def test_later_passes_take_what_the_first_took():
    counter, passes = Counter(), Passes()
    assert [taken(passes, counter, 3) for _ in range(3)] == [[1, 2, 3]] * 3
    assert counter.calls == 3
    # Another call of the block begins with a first pass of its own.
    assert taken(Passes(), counter, 2) == [4, 5]
    assert taken_once(counter) == 6


def test_passes_within_a_pass():
    """Block within block: the inner one's second pass is within no outer one, and within one."""
    counter, outer = Counter(), Passes()

    def run():
        inner = Passes()
        with outer.another():
            return [taken_once(counter), taken(inner, counter, 2), taken_once(counter)], inner

    found, inner = run()
    assert found == [1, [2, 3], 4]
    assert taken(inner, counter, 2) == [2, 3]
    again, inner = run()
    assert again == found
    assert taken(inner, counter, 2) == [2, 3]
    assert counter.calls == 4


def test_a_pass_that_fails_leaves_nothing_behind():
    counter = Counter()
    with pytest.raises(RuntimeError), Passes().another():
        raise RuntimeError
    assert [taken_once(counter) for _ in range(2)] == [1, 2]


def test_threads_have_passes_of_their_own():
    """Replicas of a strategy are traced in threads."""
    counter, passes, found = Counter(), Passes(), []
    taken(passes, counter, 2)
    with passes.another():
        thread = threading.Thread(target=lambda: found.append(taken_once(counter)))
        thread.start()
        thread.join()
    assert found == [3]
