import pytest

from gan_mri.recipes.schedules import linear_decay


def factor(step, steps_per_epoch=10, epochs=200, decay_epoch=101):
    return linear_decay(
        step, steps_per_epoch=steps_per_epoch, epochs=epochs, decay_epoch=decay_epoch
    )


def test_the_2018_schedule():
    """Full for 101 epochs, then equal decrements, one a step, over 99 epochs."""
    steps = 900
    decrement = 1 / (99 * steps)
    for step in (0, 1, 100 * steps, 101 * steps):
        assert factor(step, steps) == 1
    for done in (1, 2, 500, 98 * steps, 99 * steps - 1):
        assert factor(101 * steps + done, steps) == pytest.approx(1 - done * decrement, abs=1e-12)


def test_it_ends_at_zero_after_the_last_step_and_stays_there():
    assert factor(1999) == pytest.approx(1 / 990)
    assert factor(2000) == 0
    assert factor(2500) == 0


def test_it_never_rises():
    factors = [factor(step, steps_per_epoch=3, epochs=10, decay_epoch=4) for step in range(31)]
    assert factors == sorted(factors, reverse=True)
    assert factors[12] == 1 and factors[13] < 1


@pytest.mark.parametrize("epochs, decay_epoch", [(1, 1), (5, 101), (20, 20)])
def test_a_run_no_longer_than_the_decay_is_constant(epochs, decay_epoch):
    assert {factor(step, 3, epochs, decay_epoch) for step in range(3 * epochs + 1)} == {1.0}


def test_a_decay_from_the_start():
    assert [factor(step, 1, 4, 0) for step in range(5)] == [1, 0.75, 0.5, 0.25, 0]
