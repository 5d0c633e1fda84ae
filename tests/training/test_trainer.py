"""The loop, on a model so simple that NumPy says what must come out."""

import itertools
import math
import signal
import time
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest
import tensorflow as tf

from gan_mri import backend
from gan_mri.data.images.geometry import Geometry
from gan_mri.data.order import epoch_order
from gan_mri.data.samples import Split
from gan_mri.data.stacks import SampleKey
from gan_mri.errors import GanMriError
from gan_mri.tasks import Task, Term
from gan_mri.training import trainer as loop_module
from gan_mri.training.checkpoints import Checkpoints
from gan_mri.training.stopping import Interrupted, StopSignals
from gan_mri.training.trainer import Trainer, awaits_measuring


class Flat:
    """Images of one value each: that of image `i` is `i / 10 - sign`."""

    neighbours = 0

    def __init__(self, count, offset=0.0, pairs=()):
        self.values = np.arange(count, dtype=np.float32) / 10 - np.float32(offset)
        names = dict(zip(pairs, ("pair 0", "pair 1")))
        self.keys = [SampleKey(names.get(i, f"{offset} {i}"), "", 0) for i in range(count)]

    def __len__(self):
        return len(self.values)

    def shape(self, index):
        return 17, 17

    def part(self, index, start, size):
        return np.full((*size, 1), self.values[index])


class Data:
    """A data set of five images of A and three of B."""

    channels = 1
    train = Split({"A": Flat(5, pairs=(0, 4)), "B": Flat(3, 0.5, pairs=(1, 2))})


class Network(NamedTuple):
    """A network of one variable."""

    variable: tf.Variable

    @property
    def variables(self):
        return [self.variable if not backend.KERAS_3 else Kept(self.variable)]


class Kept(NamedTuple):
    """A variable as Keras 3 holds it."""

    value: tf.Variable


class Summing(tf.Module):
    """Adds up rate times mean of A, and notes what it was given."""

    terms = {"D_A_real": Term("discriminator"), "G_total": Term("total")}

    def __init__(self, needs_pairs=False, nan_at=None, bad_update=None):
        super().__init__()
        self.task = Task.between("A", "B", paired=needs_pairs)
        self.weight = tf.Variable([1.0, 2.0])
        self.networks = {"D_A": Network(tf.Variable([3])), "G_A2B": Network(self.weight)}
        self._bad_update = bad_update
        self.total = tf.Variable(0.0, dtype=tf.float64)
        self.steps = tf.Variable(0, dtype=tf.int64)
        self.rate = tf.Variable(1.0, dtype=tf.float64)
        self._nan_at = nan_at

    def set_learning_rate(self, factor):
        self.rate.assign(factor)

    def state(self):
        return {"model": self}

    def train_step(self, batch):
        A, B = (tf.reduce_mean(tf.cast(batch[domain], tf.float64)) for domain in "AB")
        loss = A
        if self._nan_at is not None:
            loss = tf.where(tf.equal(self.steps, self._nan_at), tf.cast(math.nan, A.dtype), A)
        self.total.assign_add(self.rate * loss)
        if self._bad_update is not None:
            bad = tf.equal(self.steps, self._bad_update)
            self.weight.assign(tf.where(bad, [math.inf, 2.0], self.weight))
        self.steps.assign_add(1)
        return {"D_A_real": loss, "G_total": B}


def expected_means(epoch, *, batch_size=1, paired=False, seed=3):
    """Means of A and of B in every step of an epoch, by NumPy."""
    pairs = ("A", "B") if paired else ()
    order = epoch_order(Data.train, batch_size=batch_size, paired=pairs, seed=seed, epoch=epoch)
    return [
        domain.values.astype(np.float64)[order[..., column]].mean(axis=1)
        for column, domain in enumerate((Data.train.A, Data.train.B))
    ]


class Watched(Trainer):
    """Takes signals while it runs, as a session does."""

    def run(self, state):
        with self._stops:
            return super().run(state)


def trainer(folder, model, after_epoch=lambda epoch, row: False, **changes):
    options = {
        "epochs": 4,
        # Two epochs of four, then down to nothing.
        "learning_rate_factor": lambda step, steps: min(1, 2 - step / (2 * steps)),
        "batch_size": 1,
        "steps_per_epoch": None,
        "seed": 3,
        "shows_progress": False,
        **changes,
    }
    return Watched(
        model,
        stops=StopSignals(),
        strategy=tf.distribute.get_strategy(),
        data=Data,
        geometry=Geometry((17, 17), "crop"),
        checkpoints=Checkpoints(folder, model),
        after_epoch=after_epoch,
        resume_command="python -m gan_mri.train --resume --out here",
        **options,
    )


NEW = {"step": 0, "sums": {}}


@pytest.mark.parametrize("batch_size, steps", [(1, 5), (2, 3)])
def test_every_step_counts_at_its_learning_rate(tmp_path, batch_size, steps):
    model, rows = Summing(), []
    loop = trainer(
        tmp_path, model, lambda epoch, row: rows.append((epoch, row)), batch_size=batch_size
    )
    assert loop.steps_per_epoch == steps
    loop.run(NEW)
    factors = [1.0] * 2 * steps + [1 - step / (2 * steps) for step in range(2 * steps)]
    means = [expected_means(epoch, batch_size=batch_size) for epoch in range(4)]
    total = sum(f * a for f, a in zip(factors, np.concatenate([A for A, _ in means])))
    assert model.total.numpy() == pytest.approx(total, rel=1e-6)
    assert model.steps.numpy() == 4 * steps
    assert [epoch for epoch, _ in rows] == [1, 2, 3, 4]
    for (epoch, row), (A, B) in zip(rows, means):
        assert row["step"] == epoch * steps
        assert row["D_A_real"] == pytest.approx(A.mean(), rel=1e-6)
        assert row["G_total"] == pytest.approx(B.mean(), rel=1e-6)
        assert row["learning_rate_factor"] == pytest.approx(factors[epoch * steps - 1])
        assert row["images_per_second"] > 0


def test_pairs_where_the_model_needs_them(tmp_path):
    rows = []
    loop = trainer(tmp_path, Summing(needs_pairs=True), lambda epoch, row: rows.append(row))
    assert loop.steps_per_epoch == 2
    loop.run(NEW)
    for epoch, row in enumerate(rows):
        assert row["D_A_real"] == pytest.approx(np.mean(expected_means(epoch, paired=True)[0]))
        assert row["D_A_real"] == pytest.approx((0 + 0.4) / 2, rel=1e-6)


@pytest.mark.parametrize("steps_per_epoch", [2, 5, 12])
def test_steps_per_epoch_may_be_fewer_or_more_than_one_round(tmp_path, steps_per_epoch):
    model, rows = Summing(), []
    trainer(
        tmp_path,
        model,
        lambda epoch, row: rows.append(row),
        steps_per_epoch=steps_per_epoch,
        epochs=2,
    ).run(NEW)
    assert model.steps.numpy() == 2 * steps_per_epoch
    for epoch, row in enumerate(rows):
        A = np.tile(expected_means(epoch)[0], 3)[:steps_per_epoch]
        assert row["D_A_real"] == pytest.approx(A.mean(), rel=1e-6)


def run_whole(folder):
    model, rows = Summing(), []
    trainer(folder, model, lambda epoch, row: rows.append(row)).run(NEW)
    return model.total.numpy(), without_time(rows)


def without_time(rows):
    return [{name: row[name] for name in row if name != "images_per_second"} for row in rows]


def interrupt(number=signal.SIGINT):
    # Not os.kill: the system may hand that to another of TensorFlow's threads,
    # and two of them would count as one.
    signal.raise_signal(number)


@pytest.fixture
def ordinary_interrupts():
    """Shells start background jobs with SIGINT ignored; here it interrupts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def stopped_by(number, loop, step):
    """The same loop, to which a signal comes while it makes a step."""
    real = loop._step
    loop._step = lambda now, batch: (now == step and interrupt(number), real(now, batch))[1]
    return loop


@pytest.mark.parametrize(
    "number, status", [(signal.SIGINT, 130), (signal.SIGTERM, 75), (signal.SIGUSR1, 75)]
)
@pytest.mark.parametrize("step", [7, 9, 19], ids=["inside", "end of an epoch", "end"])
def test_a_signal_saves_within_a_step_and_the_rest_is_the_same(tmp_path, step, number, status):
    total, rows = run_whole(tmp_path / "whole")
    handler, seen = signal.getsignal(number), []
    loop = trainer(tmp_path / "two", Summing(), lambda epoch, row: seen.append(row))
    with pytest.raises(Interrupted) as caught:
        stopped_by(number, loop, step).run(NEW)
    named = "" if number == signal.SIGINT else f" ({number.name})"
    assert str(caught.value) == (
        f"interrupted after step {step + 1}{named}, everything is saved. "
        "Continue with: python -m gan_mri.train --resume --out here"
    )
    assert caught.value.status == status
    assert signal.getsignal(number) is handler
    # An epoch with all of its steps is not measured before the program ends.
    assert len(seen) == step // 5

    model = Summing()
    state = Checkpoints(tmp_path / "two", model).restore()
    assert state["step"] == step + 1 == model.steps.numpy()
    assert awaits_measuring(state["step"], state["sums"], 5) is (step != 7)
    trainer(tmp_path / "two", model, lambda epoch, row: seen.append(row)).run(state)
    assert model.total.numpy() == total
    assert without_time(seen) == rows


@pytest.mark.parametrize("last", [2, 4])
def test_a_signal_ends_a_measurement_which_is_made_again(tmp_path, last):
    total, rows = run_whole(tmp_path / "whole")
    seen = []

    def after_epoch(epoch, row):
        if epoch == last:
            interrupt(signal.SIGTERM)
        seen.append(row)

    with pytest.raises(Interrupted, match=f"after step {5 * last} "):
        trainer(tmp_path / "two", Summing(), after_epoch).run(NEW)
    assert len(seen) == last - 1
    model = Summing()
    state = Checkpoints(tmp_path / "two", model).restore()
    trainer(tmp_path / "two", model, lambda epoch, row: seen.append(row)).run(state)
    assert model.total.numpy() == total and without_time(seen) == rows
    assert seen[last - 1]["images_per_second"] == state["steps_per_second"] > 0


def test_checkpoints_inside_an_epoch_by_the_clock(tmp_path, monkeypatch):
    """Of a clock that is set by hand: every step and every checkpoint takes 50 seconds."""
    clock = itertools.count(step=50)
    by_hand = SimpleNamespace(monotonic=clock.__next__, perf_counter=time.perf_counter)
    monkeypatch.setattr(loop_module, "time", by_hand)
    loop = trainer(tmp_path, Summing(), checkpoint_every=2, epochs=2)
    saved, save = [], loop._checkpoints.save
    loop._checkpoints.save = lambda state, **best: (
        saved.append(state["step"]),
        save(state, **best),
    )
    loop.run(NEW)
    assert saved == [3, 5, 8, 10]


def test_a_second_ctrl_c_does_not_wait(tmp_path, ordinary_interrupts):
    model = Summing()
    loop = trainer(tmp_path, model)
    real = loop._step

    def step_with_two(step, batch):
        interrupt()
        interrupt()
        return real(step, batch)

    loop._step = step_with_two
    with pytest.raises(KeyboardInterrupt) as caught:
        loop.run(NEW)
    assert not isinstance(caught.value, Interrupted)


@pytest.mark.parametrize("nan_at, last", [(7, "step-00000005"), (2, None)])
def test_a_loss_that_is_not_finite_stops_the_run(tmp_path, nan_at, last):
    loop = trainer(tmp_path, Summing(nan_at=nan_at))
    message = f"training stopped at step {nan_at + 1}: the loss D_A_real is nan"
    with pytest.raises(GanMriError, match=message) as caught:
        loop.run(NEW)
    if last is None:
        assert "there is no checkpoint" in str(caught.value)
        return
    assert str(tmp_path / last) in str(caught.value)
    model = Summing()
    assert Checkpoints(tmp_path, model).restore()["step"] == 5
    assert model.total.numpy() == pytest.approx(expected_means(0)[0].sum(), rel=1e-6)


@pytest.mark.parametrize("bad, last", [(9, "step-00000005"), (4, None)])
def test_weights_that_the_last_update_of_an_epoch_ruined_are_not_saved(tmp_path, bad, last):
    """The loss of a step comes before its update: that of the last step is of good weights."""
    rows = []
    loop = trainer(tmp_path, Summing(bad_update=bad), lambda epoch, row: rows.append(row), epochs=2)
    with pytest.raises(GanMriError) as caught:
        loop.run(NEW)
    message = str(caught.value)
    assert message.startswith(f"training stopped at step {bad + 1}: weights of G_A2B are no finite")
    assert (f"The last good state is {tmp_path / last}" if last else "no checkpoint") in message
    checkpoints = Checkpoints(tmp_path, model := Summing())
    assert checkpoints.index() == ({"last": last} if last else {})
    if last:
        assert checkpoints.restore()["step"] == 5
        np.testing.assert_array_equal(model.weight.numpy(), [1, 2])
    # Nor measured, drawn or written down.
    assert len(rows) == (1 if last else 0)


def test_ruined_weights_are_not_saved_by_ctrl_c_either(tmp_path):
    loop = trainer(tmp_path, Summing(bad_update=6))
    real = loop._step
    loop._step = lambda step, batch: (step == 6 and interrupt(), real(step, batch))[1]
    with pytest.raises(GanMriError, match="stopped at step 7: weights of G_A2B .*step-00000005"):
        loop.run(NEW)
    assert Checkpoints(tmp_path, Summing()).index() == {"last": "step-00000005"}


def test_the_best_epoch_is_kept(tmp_path):
    model = Summing()
    trainer(tmp_path, model, lambda epoch, row: epoch == 2).run(NEW)
    checkpoints = Checkpoints(tmp_path, model)
    assert checkpoints.index() == {"last": "step-00000020", "best": "step-00000010"}


def test_nothing_is_left_to_do(tmp_path):
    model = Summing()
    trainer(tmp_path, model, lambda epoch, row: pytest.fail("no epoch")).run(
        {"step": 20, "sums": {}}
    )
    assert model.steps.numpy() == 0 and not list(tmp_path.iterdir())


def test_more_epochs_go_on(tmp_path):
    model, epochs = Summing(), []
    trainer(tmp_path, model, epochs=2).run(NEW)
    state = Checkpoints(tmp_path, model).restore()
    trainer(tmp_path, model, lambda epoch, row: epochs.append(epoch), epochs=3).run(state)
    assert epochs == [3] and model.steps.numpy() == 15


def test_progress_says_how_far_and_how_fast(tmp_path, capsys):
    trainer(tmp_path, Summing(), shows_progress=True).run(NEW)
    text = capsys.readouterr().err
    assert "epoch 4/4" in text and "20/20" in text and "images/s" in text and "G -" in text
