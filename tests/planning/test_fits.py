import logging
from types import SimpleNamespace

import pytest

from gan_mri.errors import GanMriError
from gan_mri.planning import fits
from gan_mri.planning.step_memory import StepMemory

_GIB = 2**30


@pytest.fixture
def machine(monkeypatch):
    """A machine with 8 GiB, and a step of stated bytes."""

    def make(alive, total, *, swap=0, bound=2**40):
        monkeypatch.setattr(fits, "available_memory", lambda: 8 * _GIB)
        monkeypatch.setattr(fits, "free_swap", lambda: swap)
        monkeypatch.setattr(fits, "bound", lambda *_: bound)
        monkeypatch.setattr(fits, "traced", lambda *_: StepMemory(alive, total))

    return make


def _check(*, batch_size=1, replicas=1, precision="float32", **settings):
    recipe = SimpleNamespace(**settings)
    fits.check_training(
        None,
        recipe,
        (96, 96, 96, 1),
        batch_size=batch_size,
        replicas=replicas,
        precision=precision,
    )


def test_plenty_is_not_looked_at(machine, monkeypatch):
    machine(0, 0, bound=3 * _GIB)
    monkeypatch.setattr(fits, "traced", lambda *_: pytest.fail("was traced"))
    _check()


def test_what_fits_passes_in_silence(machine, caplog):
    machine(4 * _GIB, 6 * _GIB)
    _check()
    assert not caplog.records


def test_what_is_close_is_warned_of(machine, caplog):
    machine(5 * _GIB, 7 * _GIB)
    with caplog.at_level(logging.WARNING, "gan_mri"):
        _check(filters=32, recompute=False)
    (record,) = caplog.records
    said = record.getMessage()
    assert "96 x 96 x 96 takes about 7.00 GiB of memory, of the 8.00 GiB that are free" in said
    assert "--set recompute=true" in said


def test_what_cannot_fit_is_refused_with_what_helps(machine):
    machine(9 * _GIB, 12 * _GIB)
    with pytest.raises(GanMriError) as caught:
        _check(filters=32, recompute=False, batch_size=4)
    said = str(caught.value)
    assert "12.00 GiB of memory, 9.00 GiB at the very least. Received: 8.00 GiB" in said
    for word in ("--image-size", "recompute=true", "now 4", "filters=N, now 32", "bfloat16"):
        assert word in said


def test_what_does_not_help_is_not_advised(machine):
    machine(9 * _GIB, 12 * _GIB)
    with pytest.raises(GanMriError) as caught:
        _check(recompute=True, precision="bfloat16")
    for word in ("recompute", "batch", "filters", "bfloat16"):
        assert word not in str(caught.value)


def test_replicas_take_their_share_each(machine):
    machine(5 * _GIB, 6 * _GIB)
    _check()
    with pytest.raises(GanMriError, match=r"12\.00 GiB"):
        _check(replicas=2)


def test_swap_makes_it_uncertain(machine, caplog):
    machine(9 * _GIB, 12 * _GIB, swap=2 * _GIB)
    _check()
    assert "may not fit" in caplog.text
