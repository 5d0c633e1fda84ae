"""Signals raise where nothing has to be finished, and wait elsewhere."""

import signal

import pytest

from gan_mri.training.stopping import Interrupted, StopNow, StopSignals, by_signal

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)


@pytest.mark.parametrize("number", SIGNALS)
def test_at_once_or_when_asked(number):
    before = [signal.getsignal(one) for one in SIGNALS]
    with StopSignals() as stops:
        with pytest.raises(StopNow):
            signal.raise_signal(number)
        assert stops.asked == number
    assert [signal.getsignal(one) for one in SIGNALS] == before

    with StopSignals() as stops:
        with stops.noted():
            signal.raise_signal(number)
            assert stops.asked == number
            with pytest.raises(StopNow), stops.obeyed():
                raise AssertionError("entered though somebody had asked")
            with stops.obeyed(at_once=False):
                pass
    assert [signal.getsignal(one) for one in SIGNALS] == before


def test_inside_what_may_be_left_at_once():
    with StopSignals() as stops, stops.noted():
        with pytest.raises(StopNow), stops.obeyed():
            signal.raise_signal(signal.SIGTERM)
        # Outside it again: noted, as before.
        signal.raise_signal(signal.SIGTERM)


def test_the_first_signal_counts():
    with StopSignals() as stops, stops.noted():
        signal.raise_signal(signal.SIGUSR1)
        signal.raise_signal(signal.SIGTERM)
    assert stops.asked == signal.SIGUSR1


@pytest.mark.parametrize(
    "asked, status, named",
    [
        (signal.SIGINT, 130, ""),
        (signal.SIGTERM, 75, " (SIGTERM)"),
        (signal.SIGUSR1, 75, " (SIGUSR1)"),
        (None, 75, ""),
    ],
)
def test_what_a_command_ends_with(asked, status, named):
    assert Interrupted("text", asked).status == status
    assert by_signal(asked) == named
