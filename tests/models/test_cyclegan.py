"""The update of CycleGAN in its options; `test_golden_training` has its numbers."""

import numpy as np
import pytest
import tensorflow as tf
import tiny

SHAPE = (20, 18, 1)
ALWAYS = {
    "D_A_real",
    "D_B_real",
    "D_A_fake",
    "D_B_fake",
    "G_total",
    "cycle_A",
    "cycle_B",
    "adversarial_A",
    "adversarial_B",
}
OPTIONS = {
    "default": {},
    "supervised": {"supervised_weight": 2.0},
    "identity": {"identity_modulus": 2},
    "both": {"supervised_weight": 2.0, "identity_modulus": 1},
    "multiscale": {"multiscale": True},
    "dense": {"patch": False},
    "iterations": {"discriminator_iterations": 2, "generator_iterations": 2},
    "pool": {"pool_size": 3},
    "spectral": {"spectral_normalization": True},
}


def batch(seed=0, count=2, dtype="float64", shape=SHAPE):
    return tiny.pair(count, *shape, seed=seed, dtype=dtype)


def step(model, *arguments):
    return {name: float(loss) for name, loss in model.train_step(*arguments).items()}


def copy(model, **settings):
    """Another system with the weights, moments and counters of this one."""
    twin = tiny.cyclegan(SHAPE, **settings)
    for name, network in model.networks.items():
        twin.networks[name].set_weights(network.get_weights())
    for name, optimizer in model.optimizers_by_name.items():
        other = twin.optimizers_by_name[name]
        other.iterations.assign(optimizer.iterations)
        for group in set(optimizer.moments) & set(other.moments):
            for ours, theirs in zip(optimizer.moments[group], other.moments[group]):
                theirs.assign(ours)
    return twin


def assert_same(model, other, names=("G_A2B", "G_B2A", "D_A", "D_B"), tolerance=1e-12):
    ours, theirs = tiny.weights(model), tiny.weights(other)
    for name in names:
        for a, b in zip(ours[name], theirs[name], strict=True):
            np.testing.assert_allclose(a, b, rtol=0, atol=tolerance, err_msg=name)


def moved(before, after, name):
    return any(not np.array_equal(a, b) for a, b in zip(before[name], after[name]))


@pytest.mark.parametrize("option", OPTIONS)
def test_losses_and_their_names(option):
    settings = OPTIONS[option]
    model = tiny.cyclegan(SHAPE, cycle_weight=3.0, **settings)
    before = tiny.weights(model)
    results = step(model, batch())
    expected = set(ALWAYS)
    if settings.get("supervised_weight"):
        expected |= {"supervised_A", "supervised_B"}
    if settings.get("identity_modulus"):
        expected |= {"identity_A", "identity_B"}
    assert set(results) == expected
    total = 3.0 * (results["cycle_A"] + results["cycle_B"])
    total += results["adversarial_A"] + results["adversarial_B"]
    total += 2.0 * (results.get("supervised_A", 0) + results.get("supervised_B", 0))
    np.testing.assert_allclose(results["G_total"], total, rtol=1e-12)
    after = tiny.weights(model)
    assert all(moved(before, after, name) for name in model.networks)
    assert all(np.isfinite(w).all() for ws in after.values() for w in ws)


def test_losses_are_those_of_the_networks_before_their_update():
    model = tiny.cyclegan(SHAPE, supervised_weight=2.0, real_label=0.9)
    A, B = batch()
    fake_A, fake_B = model.G_B2A(B).numpy(), model.G_A2B(A).numpy()
    expected = {
        "D_A_real": 0.5 * np.mean((model.D_A(A) - 0.9) ** 2),
        "D_B_real": 0.5 * np.mean((model.D_B(B) - 0.9) ** 2),
        "cycle_A": np.mean(np.abs(model.G_B2A(fake_B) - A)),
        "cycle_B": np.mean(np.abs(model.G_A2B(fake_A) - B)),
        "supervised_A": np.mean(np.abs(fake_A - A)),
        "supervised_B": np.mean(np.abs(fake_B - B)),
    }
    results = step(model, (A, B))
    for name, value in expected.items():
        np.testing.assert_allclose(results[name], value, rtol=1e-10, err_msg=name)


def test_counters():
    model = tiny.cyclegan(
        SHAPE,
        discriminator_iterations=2,
        generator_iterations=3,
        identity_modulus=2,
    )
    # Four discriminator steps an iteration; identity learning at every second
    # training step adds two to the generators' counter.
    for D, G in ((8, 5), (16, 8), (24, 13)):
        step(model, batch())
        assert int(model.D_optimizer.iterations) == D
        assert int(model.G_optimizer.iterations) == G


def test_identity_only_at_every_second_step():
    model = tiny.cyclegan(SHAPE, identity_modulus=2)
    always = copy(model, identity_modulus=1)
    for system in (model, always):
        step(system, batch(0))
    assert_same(model, always)
    never = copy(model, identity_modulus=0)
    results = step(model, batch(1))
    step(never, batch(1))
    step(always, batch(1))
    assert_same(model, never)
    with pytest.raises(AssertionError):
        assert_same(model, always, names=["G_A2B"])
    assert results["identity_A"] > 0
    # The third is due again.
    always = copy(model, identity_modulus=1)
    for system in (model, always):
        step(system, batch(2))
    assert_same(model, always)


def test_discriminator_iterations():
    """Twice is what two steps do whose first leaves the generators alone."""
    twice = tiny.cyclegan(SHAPE, discriminator_iterations=2)
    once = copy(twice)
    step(twice, batch())
    once.G_optimizer.learning_rate.assign(0.0)
    step(once, batch())
    step(once, batch())
    assert_same(twice, once, names=["D_A", "D_B"])


def test_generator_iterations():
    """Twice is what two steps do whose second leaves the discriminators alone."""
    twice = tiny.cyclegan(SHAPE, generator_iterations=2)
    once = copy(twice)
    step(twice, batch())
    step(once, batch())
    once.D_optimizer.learning_rate.assign(0.0)
    step(once, batch())
    assert_same(twice, once)


def test_pool_feeds_the_discriminators_only():
    # A pool of 1 returns its old image as often as not: after a few steps the
    # discriminators have seen other images than without.
    pooled, plain = tiny.cyclegan(SHAPE, pool_size=1), tiny.cyclegan(SHAPE)
    first, second = (step(model, batch(count=1)) for model in (pooled, plain))
    assert first == pytest.approx(second, rel=1e-12)
    assert_same(pooled, plain)
    pooled.D_optimizer.learning_rate.assign(0.0)
    plain.D_optimizer.learning_rate.assign(0.0)
    differ = []
    for seed in range(1, 9):
        ours, theirs = (step(m, batch(seed, count=1)) for m in (pooled, plain))
        differ.append(abs(ours["D_A_fake"] - theirs["D_A_fake"]) > 1e-9)
        # The generators are trained on their new images in either case.
        assert ours["G_total"] == pytest.approx(theirs["G_total"], rel=1e-9)
    assert 0 < sum(differ) < len(differ)


@pytest.mark.parametrize("name", ["D_A", "G_A2B"])
def test_power_iteration_moves_once_a_step(name):
    model = tiny.cyclegan(
        SHAPE,
        spectral_normalization=True,
        identity_modulus=1,
        discriminator_iterations=2,
        generator_iterations=2,
    )
    layer = next(
        layer
        for layer in model.networks[name].layers
        if type(layer).__name__ == "SpectralNormalization"
    )
    kernel, u = np.array(layer.layer.kernel), np.array(layer.u)
    matrix = kernel.reshape(-1, kernel.shape[-1])
    step(model, batch())
    v = matrix @ u.ravel()
    expected = matrix.T @ v / np.linalg.norm(matrix.T @ v)
    np.testing.assert_allclose(np.ravel(layer.u), expected, atol=1e-9)


def test_black_images_do_not_make_nan():
    model = tiny.cyclegan(SHAPE, dtype="float32", identity_modulus=1)
    black = np.full((1, *SHAPE), -1, "float32")
    for _ in range(2):
        assert all(np.isfinite(loss) for loss in step(model, (black, black)).values())
    assert all(np.isfinite(w).all() for ws in tiny.weights(model).values() for w in ws)


def test_images_of_any_number_type():
    A, B = batch(dtype="float64")
    expected = step(tiny.cyclegan(SHAPE, dtype="float32"), (A, B))
    given = step(tiny.cyclegan(SHAPE, dtype="float32"), (A.astype("float32"), B.astype("float32")))
    assert given == pytest.approx(expected, rel=1e-6)


def test_volumes():
    model = tiny.cyclegan((8, 9, 10, 1), dtype="float32")
    results = step(model, batch(dtype="float32", count=1, shape=(8, 9, 10, 1)))
    assert all(np.isfinite(loss) for loss in results.values())


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_mixed_precision(dtype):
    model = tiny.cyclegan(SHAPE, dtype=dtype, pool_size=2, identity_modulus=1)
    exact = tiny.cyclegan(SHAPE, dtype="float32")
    for name, network in model.networks.items():
        network.set_weights(exact.networks[name].get_weights())
    before, images = tiny.weights(model), batch(dtype="float32")
    results, expected = step(model, images), step(exact, images)
    for name in ("D_A_real", "D_B_real", "cycle_A", "cycle_B"):
        np.testing.assert_allclose(results[name], expected[name], rtol=0.05)
    assert all(np.isfinite(loss) for loss in step(model, images).values())
    # Float16 starts with a loss scale that may be too large: then a step is
    # left out and the scale halved, one for one.
    for optimizer, steps in ((model.D_optimizer, 8), (model.G_optimizer, 6)):
        skipped = steps - int(optimizer.iterations)
        if dtype == "float16":
            assert float(optimizer.loss_scale) == 2.0 ** (15 - skipped)
            assert skipped < steps
        else:
            assert skipped == 0
    after = tiny.weights(model)
    assert all(moved(before, after, name) for name in model.networks)
    assert all(np.isfinite(w).all() for ws in after.values() for w in ws)
    assert all(w.dtype == np.float32 for ws in after.values() for w in ws)


@pytest.mark.parametrize("run_eagerly", [False, True])
def test_fit(run_eagerly):
    model, other = tiny.cyclegan(SHAPE), tiny.cyclegan(SHAPE)
    if run_eagerly:
        model.compile(run_eagerly=True)
    A, B = batch(count=4)
    data = tf.data.Dataset.from_tensor_slices((A, B)).batch(2)
    history = model.fit(data, epochs=2, verbose=0).history
    for start in (0, 2, 0, 2):
        step(other, (A[start : start + 2], B[start : start + 2]))
    assert_same(model, other)
    assert set(history) == ALWAYS
