"""Against Adam written out in NumPy."""

import numpy as np
import pytest
import tensorflow as tf

from gan_mri.optimizers import Adam


class Reference:
    """Kingma and Ba's Adam with one counter for all groups."""

    def __init__(self, rate, beta_1=0.5, beta_2=0.999, epsilon=1e-7):
        self.rate, self.betas, self.epsilon = rate, (beta_1, beta_2), epsilon
        self.t, self.moments = 0, {}

    def apply(self, name, variables, gradients):
        self.t += 1
        b1, b2 = self.betas
        alpha = self.rate * np.sqrt(1 - b2**self.t) / (1 - b1**self.t)
        moments = self.moments.setdefault(name, [(0.0, 0.0)] * len(variables))
        for index, (m, v) in enumerate(moments):
            m = b1 * m + (1 - b1) * gradients[index]
            v = b2 * v + (1 - b2) * gradients[index] ** 2
            moments[index] = (m, v)
            variables[index] -= alpha * m / (np.sqrt(v) + self.epsilon)


def values(seed=0, dtype="float64"):
    random = np.random.default_rng(seed)
    return [random.normal(size=shape).astype(dtype) for shape in ((3, 2), (4,))]


def two_groups(dtype="float64", **options):
    """An Adam with groups "a" and "b" of two variables each."""
    adam = Adam(0.01, dtype=dtype, **options)
    for seed, name in enumerate("ab"):
        adam.add_group(name, [tf.Variable(value) for value in values(seed, dtype)])
    return adam


def snapshot(adam):
    return [np.array(variable) for variable in adam.variables] + [
        np.array(variable) for name in "ab" for variable in adam.variables_of(name)
    ]


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-13), ("float32", 1e-6)])
def test_groups_share_the_counter(dtype, tolerance):
    adam, reference = two_groups(dtype), Reference(0.01)
    expected = {name: values(seed) for seed, name in enumerate("ab")}
    if dtype == "float32":
        expected = {
            name: [value.astype("float32").astype("float64") for value in group]
            for name, group in expected.items()
        }
    for step, name in enumerate("abbaab"):
        gradients = values(seed=10 + step, dtype=dtype)
        adam.apply(name, [tf.constant(gradient) for gradient in gradients])
        reference.apply(name, expected[name], gradients)
    assert int(adam.iterations) == 6
    for name in "ab":
        for variable, value in zip(adam.variables_of(name), expected[name]):
            np.testing.assert_allclose(variable, value, rtol=tolerance, atol=tolerance)


def test_betas_and_epsilon():
    adam = Adam(0.1, beta_1=0.9, beta_2=0.99, epsilon=0.5, dtype="float64")
    adam.add_group("a", [tf.Variable(value) for value in values()])
    reference, expected = Reference(0.1, 0.9, 0.99, 0.5), values()
    for step in range(3):
        gradients = values(seed=20 + step)
        adam.apply("a", [tf.constant(gradient) for gradient in gradients])
        reference.apply("a", expected, gradients)
    for variable, value in zip(adam.variables_of("a"), expected):
        np.testing.assert_allclose(variable, value, rtol=1e-13)


def test_learning_rate():
    adam, reference = two_groups(), Reference(0.01)
    expected = values()
    for step, rate in enumerate((0.01, 0.005, 0.0)):
        adam.learning_rate.assign(rate)
        reference.rate = rate
        gradients = values(seed=30 + step)
        adam.apply("a", [tf.constant(gradient) for gradient in gradients])
        reference.apply("a", expected, gradients)
    assert adam.initial_learning_rate == 0.01
    for variable, value in zip(adam.variables_of("a"), expected):
        np.testing.assert_allclose(variable, value, rtol=1e-13)


@pytest.mark.parametrize("started", [False, True])
def test_when_false_nothing_changes(started):
    adam = two_groups()
    if started:
        adam.apply("a", [tf.constant(gradient) for gradient in values(5)])
    before = snapshot(adam)
    apply = tf.function(lambda gradients, when: adam.apply("a", gradients, when=when))
    gradients = [tf.constant(gradient) for gradient in values(6)]
    apply(gradients, tf.constant(False))
    for ours, theirs in zip(snapshot(adam), before):
        np.testing.assert_array_equal(ours, theirs)
    apply(gradients, tf.constant(True))
    assert int(adam.iterations) == started + 1
    assert not np.array_equal(snapshot(adam)[-4], before[-4])


def test_scaled_loss_gives_the_same_step():
    plain, scaled = two_groups("float32"), two_groups("float32", loss_scaling=True)
    assert float(scaled.scale_loss(tf.constant(2.0))) == 2.0 * 2**15
    assert float(plain.scale_loss(tf.constant(2.0))) == 2.0
    for step in range(3):
        gradients = [tf.constant(gradient) for gradient in values(step, "float32")]
        plain.apply("a", gradients)
        # A power of two: the same digits.
        scaled.apply("a", [gradient * 2**15 for gradient in gradients])
    for ours, theirs in zip(scaled.variables_of("a"), plain.variables_of("a")):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_step_that_is_not_finite_is_left_out(bad):
    adam = two_groups("float32", loss_scaling=True)
    good = [tf.constant(gradient) for gradient in values(1, "float32")]
    adam.apply("a", good)
    before = [np.array(v) for v in (*adam.variables_of("a"), *adam.moments["a"])]
    adam.apply("a", [good[0], good[1] * bad])
    after = [*adam.variables_of("a"), *adam.moments["a"]]
    for ours, theirs in zip(after, before):
        np.testing.assert_array_equal(ours, theirs)
    assert int(adam.iterations) == 1
    assert float(adam.loss_scale) == 2.0**14
    adam.apply("a", good)
    assert int(adam.iterations) == 2
    assert np.all(np.isfinite(adam.variables_of("a")[1]))


def test_loss_scale_never_below_1_and_doubles_after_2000_good_steps():
    adam = two_groups("float32", loss_scaling=True)
    adam.loss_scale.assign(1.0)
    good = [tf.constant(gradient) for gradient in values(1, "float32")]
    adam.apply("a", [gradient * np.nan for gradient in good])
    assert float(adam.loss_scale) == 1.0
    adam.good_steps.assign(1998)
    adam.apply("a", good)
    assert float(adam.loss_scale) == 1.0
    adam.apply("b", good)
    assert float(adam.loss_scale) == 2.0
    assert int(adam.good_steps) == 0


def test_checkpoint_restores_moments_counter_and_rate(tmp_path):
    adam, other = two_groups(), two_groups()
    for step in range(2):
        adam.apply("a", [tf.constant(gradient) for gradient in values(step)])
    adam.learning_rate.assign(0.003)
    path = tf.train.Checkpoint(adam=adam).write(str(tmp_path / "adam"))
    tf.train.Checkpoint(adam=other).read(path).assert_consumed()
    for optimizer in (adam, other):
        for variable, value in zip(optimizer.variables_of("a"), values()):
            variable.assign(value)
        optimizer.apply("a", [tf.constant(gradient) for gradient in values(7)])
    for ours, theirs in zip(other.variables_of("a"), adam.variables_of("a")):
        np.testing.assert_array_equal(ours, theirs)
