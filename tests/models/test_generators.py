"""Generators_s and Simple: the update against NumPy, and what they share."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import tiny

import gan_mri
from gan_mri import models, networks
from gan_mri.errors import GanMriError
from gan_mri.networks.inputs import call_by_name
from gan_mri.tasks import Direction, Task, Term

SHAPE = (18, 17, 1)
NAMES = {"G_total", "supervised_A", "supervised_B"}


def simple(dtype="float64", **settings):
    return gan_mri.build(
        "welander/simple", SHAPE, dtype=dtype, seed=3, **{"filters": 6, **settings}
    )


def generators(dtype="float64", **settings):
    settings = {"filters": 2, "residual_blocks": 1, **settings}
    return gan_mri.build("welander/generators_s", SHAPE, dtype=dtype, seed=3, **settings)


def step(model, batch):
    return {name: float(loss) for name, loss in model.train_step(batch).items()}


class NumpySimple:
    """Simple with 1x1 convolutions and its Adam, by hand."""

    def __init__(self, weights):
        first, bias, second, last = (np.array(w) for w in weights)
        self.weights = [first[0, 0], bias, second[0, 0], last]
        self.m = [np.zeros_like(w) for w in self.weights]
        self.v = [np.zeros_like(w) for w in self.weights]
        self.t = 0

    def train(self, source, truth, rate=1e-3, beta_1=0.9, beta_2=0.999):
        """The loss before one step of the update, whose gradients are derived by hand."""
        first, bias, second, last = self.weights
        x, y = source.reshape(-1, 1), truth.reshape(-1, 1)
        before = x @ first + bias
        hidden = np.maximum(before, 0)
        error = hidden @ second + last - y
        slope = np.sign(error) / error.size
        back = (slope @ second.T) * (before > 0)
        gradients = [x.T @ back, back.sum(0), hidden.T @ slope, slope.sum(0)]
        self.t += 1
        correction = np.sqrt(1 - beta_2**self.t) / (1 - beta_1**self.t)
        for k, gradient in enumerate(gradients):
            self.m[k] = beta_1 * self.m[k] + (1 - beta_1) * gradient
            self.v[k] = beta_2 * self.v[k] + (1 - beta_2) * gradient**2
            step = rate * correction * self.m[k] / (np.sqrt(self.v[k]) + 1e-7)
            self.weights[k] = self.weights[k] - step
        return np.abs(error).mean()


def test_update_of_simple_is_that_of_numpy():
    model = simple()
    for index, network in enumerate(model.networks.values()):
        network.set_weights(
            [
                tiny.images(*w.shape, seed=10 * index + k)
                for k, w in enumerate(network.get_weights())
            ]
        )
    by_hand = {name: NumpySimple(network.get_weights()) for name, network in model.networks.items()}
    for seed in range(3):
        A, B = tiny.pair(2, *SHAPE, seed=seed)
        results = step(model, (A, B))
        supervised_A = by_hand["G_B2A"].train(B, A)
        supervised_B = by_hand["G_A2B"].train(A, B)
        np.testing.assert_allclose(results["supervised_A"], supervised_A, rtol=1e-11)
        np.testing.assert_allclose(results["supervised_B"], supervised_B, rtol=1e-11)
        np.testing.assert_allclose(results["G_total"], supervised_A + supervised_B, rtol=1e-11)
    for name, network in model.networks.items():
        for weight, expected in zip(network.get_weights(), by_hand[name].weights, strict=True):
            np.testing.assert_allclose(weight, expected.reshape(weight.shape), rtol=0, atol=1e-11)


@pytest.mark.parametrize("make", [simple, generators])
def test_one_adam_for_each_direction(make):
    model = make()
    before = tiny.weights(model)
    for count in (1, 2):
        results = step(model, tiny.pair(1, *SHAPE))
        assert set(results) == NAMES
        assert [int(o.iterations) for o in model.optimizers_by_name.values()] == [count] * 2
    after = tiny.weights(model)
    assert all(any(np.any(a != b) for a, b in zip(before[n], after[n])) for n in before)


def test_the_directions_know_nothing_of_each_other():
    """The update of A -> B is the same, whatever the other generator is."""
    model, other = generators(), generators()
    other.G_B2A.set_weights([w + 0.1 for w in model.G_B2A.get_weights()])
    other.G_A2B.set_weights(model.G_A2B.get_weights())
    batch = tiny.pair(2, *SHAPE)
    ours, theirs = step(model, batch), step(other, batch)
    assert ours["supervised_B"] == theirs["supervised_B"]
    assert ours["supervised_A"] != theirs["supervised_A"]
    for a, b in zip(model.G_A2B.get_weights(), other.G_A2B.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_losses_are_those_of_the_generators_before_their_update():
    model = generators()
    A, B = tiny.pair(2, *SHAPE)
    expected_A = np.mean(np.abs(model.G_B2A(B) - A))
    expected_B = np.mean(np.abs(model.G_A2B(A) - B))
    results = step(model, (A, B))
    np.testing.assert_allclose(results["supervised_A"], expected_A, rtol=1e-10)
    np.testing.assert_allclose(results["supervised_B"], expected_B, rtol=1e-10)


def test_training_lowers_the_error_of_a_task_that_simple_can_do():
    """B is a curve of A: 60 steps at a high rate find it."""
    model = simple(learning_rate=0.02)
    losses = []
    for seed in range(60):
        A = tiny.images(1, *SHAPE, seed=seed)
        losses.append(step(model, (A, 1 - np.abs(A)))["supervised_B"])
    assert losses[-1] < 0.3 * losses[0]


@pytest.mark.parametrize("make", [simple, generators])
def test_pairs_and_translators(make):
    model = make()
    assert model.needs_pairs
    assert model.translators == {"A2B": model.G_A2B, "B2A": model.G_B2A}
    assert list(model.networks) == ["G_A2B", "G_B2A"]
    assert model.random_streams == [] and model.pools == {}
    A, B = tiny.pair(1, *SHAPE)
    as_A, as_B = model((A, B))
    np.testing.assert_array_equal(as_A, model.G_B2A(B))
    np.testing.assert_array_equal(as_B, model.G_A2B(A))


def test_what_simple_returns_is_not_clipped():
    model = simple()
    kernel, *others = model.G_A2B.get_weights()
    model.G_A2B.set_weights([np.full_like(kernel, 5.0), *(np.full_like(w, 1.0) for w in others)])
    translated = model.translators["A2B"](np.ones((1, *SHAPE)))
    # Six channels of relu(5 + 1), and 1.
    np.testing.assert_allclose(translated, np.full((1, *SHAPE), 37.0), rtol=1e-12)
    # The gradient is there too, so that training can bring it back.
    assert np.any(step(model, tiny.pair(1, *SHAPE))["supervised_B"] > 2)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
@pytest.mark.parametrize("make", [simple, generators])
def test_mixed_precision(make, dtype):
    model = make(dtype)
    for seed in range(2):
        results = model.train_step(tiny.pair(1, *SHAPE, seed=seed, dtype="float32"))
        assert all(v.dtype == tf.float32 and np.isfinite(v) for v in results.values())
    for network in model.networks.values():
        assert all(tf.as_dtype(weight.dtype) == tf.float32 for weight in network.weights)
        assert all(np.isfinite(weight).all() for weight in network.get_weights())
        assert network(tiny.images(1, *SHAPE, dtype="float32")).dtype == tf.float32


def test_any_two_generators_make_a_system():
    system = models.Generators(
        networks.simple_generator((None, None, 1), output_channels=3, filters=2),
        networks.resnet_generator((None, None, 3), output_channels=1, filters=2, residual_blocks=0),
    )
    system.compile(learning_rate=1e-3)
    gray = tiny.images(1, *SHAPE, dtype="float32")
    color = tiny.images(1, *SHAPE[:-1], 3, dtype="float32")
    assert set(step(system, (gray, color))) == NAMES


@pytest.mark.parametrize("make", [simple, generators])
def test_fit(make):
    model = make("float32")
    A, B = tiny.pair(3, *SHAPE, dtype="float32")
    data = tf.data.Dataset.from_tensor_slices((A, B)).batch(1)
    history = model.fit(data, epochs=2, verbose=0).history
    assert set(history) == NAMES
    assert np.all(np.isfinite(history["G_total"]))
    assert int(model.optimizers_by_name["A2B"].iterations) == 6


def test_cyclegan_s_adds_the_supervised_losses():
    settings = {**tiny.SETTINGS, "pool_size": 0}
    model, plain = (
        gan_mri.build(f"welander/{name}", SHAPE, dtype="float64", seed=3, **settings)
        for name in ("cyclegan_s", "cyclegan")
    )
    A, B = tiny.pair(2, *SHAPE)
    expected_A = np.mean(np.abs(model.G_B2A(B) - A))
    expected_B = np.mean(np.abs(model.G_A2B(A) - B))
    results, without = step(model, (A, B)), step(plain, (A, B))
    assert set(results) - set(without) == {"supervised_A", "supervised_B"}
    np.testing.assert_allclose(results["supervised_A"], expected_A, rtol=1e-10)
    np.testing.assert_allclose(results["supervised_B"], expected_B, rtol=1e-10)
    # The weight of 10 is that of the paper's supervised method.
    np.testing.assert_allclose(
        results["G_total"], without["G_total"] + 10 * (expected_A + expected_B), rtol=1e-10
    )
    assert model.needs_pairs and not plain.needs_pairs


ONE_WAY = Task.between("A", "B", paired=True, both_ways=False)
DOMAINS = ("T1w", "b0", "clean")
TWO_SOURCES = Task(DOMAINS, (Direction("clean", ("T1w", "b0"), "clean"),), paired=DOMAINS)


def of_two_sources():
    """A 1x1 convolution of both, with its inputs in another order than the direction's."""
    b0 = keras.Input((None, None, 1), name="b0")
    T1w = keras.Input((None, None, 1), name="T1w")
    both = keras.layers.Concatenate()([T1w, b0])
    return keras.Model([b0, T1w], keras.layers.Conv2D(1, 1, use_bias=False)(both))


def test_one_direction():
    network = networks.simple_generator((None, None, 1), filters=3, dtype="float64")
    model = models.Generators(network, task=ONE_WAY)
    model.compile(learning_rate=1e-3, beta_1=0.9)
    assert list(model.translators) == ["A2B"] and list(model.networks) == ["G_A2B"]
    assert model.terms == {"G_total": Term("total"), "supervised_B": Term("image", 1.0, "A2B")}
    by_hand = NumpySimple(network.get_weights())
    for seed in range(3):
        A, B = tiny.pair(2, *SHAPE, seed=seed)
        results, expected = step(model, {"B": B, "A": A}), by_hand.train(A, B)
        assert set(results) == {"G_total", "supervised_B"}
        np.testing.assert_allclose(list(results.values()), expected, rtol=1e-11)
    for weight, expected in zip(network.get_weights(), by_hand.weights, strict=True):
        np.testing.assert_allclose(weight, expected.reshape(weight.shape), rtol=0, atol=1e-11)
    (made,) = model((A, B))
    np.testing.assert_allclose(made, network(A), atol=1e-6)
    assert list(model({"A": A, "B": B})) == ["B"]


def test_one_generator_means_one_direction():
    model = models.Generators(networks.simple_generator((None, None, 1), filters=3))
    assert model.task == ONE_WAY


def test_two_sources():
    network = of_two_sources()
    model = models.Generators(network, task=TWO_SOURCES)
    model.compile(learning_rate=0.05)
    network.set_weights([np.array([2.0, -1.0]).reshape(1, 1, 2, 1)])
    batch = tiny.by_domain(TWO_SOURCES, 2, *SHAPE)
    T1w, b0, clean = (batch[name].astype("float64") for name in DOMAINS)
    made = 2 * T1w - b0
    direction = TWO_SOURCES.direction()
    inputs = direction.inputs(batch)
    np.testing.assert_allclose(call_by_name(model.translators["clean"], inputs), made, atol=1e-5)
    results = step(model, batch)
    assert set(results) == {"G_total", "supervised_clean"}
    np.testing.assert_allclose(results["supervised_clean"], np.abs(made - clean).mean(), rtol=1e-5)
    # The first step of Adam is its rate, against the sign of the gradient.
    slopes = [np.mean(np.sign(made - clean) * source) for source in (T1w, b0)]
    expected = np.array([2.0, -1.0]) - 0.05 * np.sign(slopes)
    np.testing.assert_allclose(np.ravel(network.get_weights()[0]), expected, atol=1e-4)
    # What can be learned is learned.
    for seed in range(60):
        batch = tiny.by_domain(TWO_SOURCES, 1, *SHAPE, seed=seed)
        batch["clean"] = 0.5 * batch["T1w"] + 0.5 * batch["b0"]
        last = step(model, (batch["T1w"], batch["b0"], batch["clean"]))
    assert last["G_total"] < 0.1 < results["G_total"]
    made = model(batch)
    assert list(made) == ["clean"]
    np.testing.assert_allclose(made["clean"], batch["clean"], atol=0.3)


def test_fit_on_dicts():
    model, other = (models.Generators(of_two_sources(), task=TWO_SOURCES) for _ in range(2))
    for system in (model, other):
        system.compile(learning_rate=0.01)
    other.networks["G_clean"].set_weights(model.networks["G_clean"].get_weights())
    images = tiny.by_domain(TWO_SOURCES, 4, *SHAPE)
    data = tf.data.Dataset.from_tensor_slices(images).batch(2)
    history = model.fit(data, epochs=1, verbose=0).history
    for start in (0, 2):
        step(other, {name: batch[start : start + 2] for name, batch in images.items()})
    assert set(history) == {"G_total", "supervised_clean"}
    for ours, theirs in zip(
        model.networks["G_clean"].get_weights(), other.networks["G_clean"].get_weights()
    ):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6)


def test_weights_of_the_losses():
    network = networks.simple_generator((None, None, 1), filters=3, dtype="float64")
    model = models.Generators(
        network, task=ONE_WAY, supervised_weight=3.0, image_losses={"l2": 7, "total_variation": 2}
    )
    model.compile(learning_rate=0.0)
    A, B = tiny.pair(2, *SHAPE)
    made, results = np.asarray(network(A)), step(model, (A, B))
    slopes = np.concatenate([np.diff(made, axis=axis).ravel() for axis in (1, 2)])
    expected = {
        "supervised_B": np.abs(made - B).mean(),
        "l2_B": np.mean((made - B) ** 2),
        "total_variation_B": np.abs(slopes).mean(),
    }
    for name, value in expected.items():
        np.testing.assert_allclose(results[name], value, rtol=1e-10, err_msg=name)
    total = 3 * expected["supervised_B"] + 7 * expected["l2_B"] + 2 * expected["total_variation_B"]
    np.testing.assert_allclose(results["G_total"], total, rtol=1e-10)


def test_without_the_mean_absolute_error():
    network = networks.simple_generator((None, None, 1), filters=3)
    model = models.Generators(network, task=ONE_WAY, supervised_weight=0.0, image_losses="ssim:1")
    model.compile()
    before = network.get_weights()
    assert set(step(model, tiny.pair(1, *SHAPE, dtype="float32"))) == {"G_total", "ssim_B"}
    assert set(model.terms) == {"G_total", "ssim_B"}
    assert any(np.any(a != b) for a, b in zip(before, network.get_weights()))


def test_what_does_not_fit_is_refused():
    def network():
        return networks.simple_generator((None, None, 1), filters=2)

    with pytest.raises(GanMriError, match="task: expected all domains to be paired.*A, B"):
        models.Generators(network(), network(), task=Task.between("A", "B"))
    with pytest.raises(GanMriError, match="one for each direction, A2B, B2A. Received: 1"):
        models.Generators(network(), task=Task.between("A", "B", paired=True))
    with pytest.raises(GanMriError, match="image_losses: .*'discriminator_features'"):
        models.Generators(network(), task=ONE_WAY, image_losses="discriminator_features:1")
