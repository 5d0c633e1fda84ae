"""Against the same layers one after the other, with TensorFlow's own gradient."""

import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
import tiny

from gan_mri.backend import addons_instance_normalization, precision, tf_variables
from gan_mri.layers import (
    BatchStatistics,
    Dropout,
    GaussianNoise,
    InstanceNormalization,
    RandomStream,
    Recomputed,
    SpectralNormalization,
    innermost_layers,
    one_power_iteration,
    random_streams,
)

SHAPE = (2, 6, 5, 3)


def convolution(spectral=False):
    layer = keras.layers.Conv2D(3, 3, padding="same")
    return SpectralNormalization(layer) if spectral else layer


CHAINS = {
    "instance": lambda: [convolution(), InstanceNormalization(), keras.layers.Activation("relu")],
    "addons": lambda: [convolution(), addons_instance_normalization(), convolution()],
    "batch, dropout": lambda: [convolution(), BatchStatistics(), Dropout(0.4, RandomStream(3))],
    "noise": lambda: [convolution(), GaussianNoise(0.3, RandomStream(3)), convolution()],
    "spectral": lambda: [convolution(True), keras.layers.Activation("tanh"), convolution(True)],
    "all": lambda: [
        convolution(True),
        InstanceNormalization(),
        Dropout(0.4, RandomStream(3)),
        convolution(True),
        Dropout(0.4, RandomStream(4)),
    ],
}


def block_of(name, dtype="float64", residual=True):
    """A block with weights between -1 and 1."""
    with precision(dtype):
        block = Recomputed(CHAINS[name](), residual=residual)
        block.build((None, None, None, 3))
    random = np.random.default_rng(2)
    block.set_weights([random.uniform(-1, 1, w.shape) for w in block.get_weights()])
    return block


def chain(block, x, training):
    """What the block must compute, without it."""
    y = x
    for layer in block.inner_layers:
        y = layer(y, training=training) if takes_training(layer) else layer(y)
    return y + x if block.residual else y


def takes_training(layer):
    return isinstance(layer, (BatchStatistics, Dropout, GaussianNoise, SpectralNormalization))


def state(block):
    """Weights, and how far the random streams are."""
    streams = [layer.stream for layer in block.inner_layers if hasattr(layer, "stream")]
    return [np.array(w) for w in block.get_weights()], [int(s.count) for s in streams], streams


def step(block, call, calls=2, training=True):
    """Loss and gradients of some calls in one step, as the systems here take them, from one state.

    Returns also the state after it, and puts back the one before.
    """
    weights, counts, streams = state(block)
    variables = tf_variables(block.trainable_weights)
    x = tf.constant(tiny.images(*SHAPE))

    @tf.function
    def compute():
        with one_power_iteration(), tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([x, *variables])
            y = tf.cast(x, block.compute_dtype)
            for _ in range(calls):
                y = call(y, training=training)
            loss = tf.reduce_sum(tf.cast(y, tf.float64) * tiny.images(*y.shape, seed=1))
        return loss, tape.gradient(loss, [x, *variables])

    found = compute()
    after = state(block)[:2]
    block.set_weights(weights)
    for stream, count in zip(streams, counts):
        stream.count.assign(count)
    return found, after


@pytest.mark.parametrize(
    ("name", "residual", "training"),
    [*((name, True, True) for name in CHAINS), ("all", False, False)],
)
def test_loss_gradients_and_state_are_those_of_the_chain(name, residual, training):
    block = block_of(name, residual=residual)
    (loss, gradients), (weights, counts) = step(block, block, training=training)
    (expected, slopes), after = step(
        block, lambda x, training: chain(block, x, training), training=training
    )
    np.testing.assert_allclose(loss, expected, rtol=1e-12)
    for ours, theirs in zip(gradients, slopes, strict=True):
        scale = np.abs(theirs).max()
        assert scale > 0
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12 * scale)
    assert counts == after[1] == [2 * training for _ in counts]
    for ours, theirs in zip(weights, after[0], strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_the_chain_has_state_that_moves():
    """Or the test above would show nothing."""
    block = block_of("all")
    before, _, streams = state(block)
    _, (after, counts) = step(block, block)
    assert sum(not np.array_equal(*pair) for pair in zip(before, after)) == 2
    assert counts == [2, 2] and len(streams) == 2


@pytest.mark.parametrize("name", ["instance", "spectral", "batch, dropout"])
def test_mixed_precision(name):
    block = block_of(name, "bfloat16")
    (loss, gradients), _ = step(block, block)
    (expected, slopes), _ = step(block, lambda x, training: chain(block, x, training))
    np.testing.assert_allclose(loss, expected, rtol=1e-6)
    for ours, theirs in zip(gradients, slopes, strict=True):
        assert ours.dtype == theirs.dtype
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6 * np.abs(theirs).max())


def test_a_persistent_tape_moves_nothing_either():
    block = block_of("all")
    x = tf.constant(tiny.images(*SHAPE))

    @tf.function
    def compute():
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            y = block(x, training=True)
        return [tape.gradient(y, x) for _ in range(2)]

    first, second = compute()
    np.testing.assert_array_equal(first, second)
    assert state(block)[1] == [1, 1]


def test_each_step_draws_anew():
    block = block_of("batch, dropout")
    x = tf.constant(tiny.images(*SHAPE))
    call = tf.function(lambda: block(x, training=True))
    assert np.abs(call() - call()).max() > 0.1


def test_activations_are_computed_twice_and_late():
    """The convolutions of the backward pass are there, and wait for the gradient from above."""
    block = block_of("instance")
    variables = tf_variables(block.trainable_weights)
    x = tf.constant(tiny.images(*SHAPE))

    @tf.function
    def compute():
        with tf.GradientTape() as tape:
            y = block(block(x))
        return tape.gradient(y, variables)

    graph = compute.get_concrete_function().graph
    convolutions = [op for op in graph.get_operations() if op.type == "Conv2D"]
    assert len(convolutions) == 4
    late = [any(op.control_inputs for op in ancestors(op)) for op in convolutions]
    assert late == [False, False, True, True]


def ancestors(operation):
    """An operation and what its result depends on."""
    found, open_ = set(), [operation]
    while open_:
        one = open_.pop()
        if one not in found:
            found.add(one)
            open_ += [tensor.op for tensor in one.inputs]
    return found


def test_eager_calls_are_plain():
    block = block_of("all")
    x = tf.constant(tiny.images(*SHAPE))
    np.testing.assert_array_equal(block(x), chain(block, x, False))


def test_a_block_in_a_block():
    inner = block_of("all")
    with precision("float64"):
        outer = Recomputed([inner, convolution()])
        outer.build((None, None, None, 3))
    (loss, gradients), (weights, _) = step(outer, outer)
    counts = [
        int(layer.stream.count) for layer in innermost_layers(outer) if hasattr(layer, "stream")
    ]
    assert counts == [2, 2]
    for layer in innermost_layers(outer):
        if hasattr(layer, "stream"):
            layer.stream.count.assign(0)
    (expected, slopes), (after, _) = step(
        outer, lambda x, training: outer.inner_layers[1](chain(inner, x, training))
    )
    np.testing.assert_allclose(loss, expected, rtol=1e-12)
    for ours, theirs in zip([*gradients, *weights], [*slopes, *after], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12 * np.abs(theirs).max())


def test_weights_are_in_the_order_of_the_layers():
    block = block_of("all")
    expected = [w for layer in block.inner_layers for w in layer.get_weights()]
    for ours, theirs in zip(block.get_weights(), expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_inner_layers_and_streams_of_a_network_are_found():
    image = keras.Input((6, 5, 3))
    block = Recomputed(CHAINS["all"]())
    network = keras.Model(image, keras.layers.ReLU()(block(image)))
    found = list(innermost_layers(network))
    assert found[1:6] == list(block.inner_layers)
    assert isinstance(found[6], keras.layers.ReLU)
    assert [stream.seed for stream in random_streams(network)] == [3, 4]


def test_checkpoint(tmp_path):
    one, two = block_of("all"), block_of("all")
    two.set_weights([w + 1 for w in two.get_weights()])
    image = keras.Input((None, None, 3), dtype="float64")
    one_in, two_in = (keras.Model(image, block(image)) for block in (one, two))
    path = tf.train.Checkpoint(network=one_in).write(str(tmp_path / "block"))
    tf.train.Checkpoint(network=two_in).read(path).assert_existing_objects_matched()
    for ours, theirs in zip(one.get_weights(), two.get_weights()):
        np.testing.assert_array_equal(ours, theirs)


def test_a_saved_model_needs_no_gan_mri(tmp_path):
    image = keras.Input((None, None, 3))
    block = block_of("all", "float32")
    network = keras.Model(image, block(image))
    module = tf.Module()
    module.kept = tf_variables(network.variables)
    module.serve = tf.function(
        network, input_signature=[tf.TensorSpec((None, None, None, 3), tf.float32)]
    )
    tf.saved_model.save(module, str(tmp_path / "saved"))
    images = tiny.images(*SHAPE, dtype="float32")
    np.save(tmp_path / "in.npy", images)
    script = (
        "import sys; sys.modules['gan_mri'] = sys.modules['keras'] = None\n"
        "import numpy as np, tensorflow as tf\n"
        f"images = np.load({str(tmp_path / 'in.npy')!r})\n"
        f"loaded = tf.saved_model.load({str(tmp_path / 'saved')!r})\n"
        f"np.save({str(tmp_path / 'out.npy')!r}, loaded.serve(tf.constant(images)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    np.testing.assert_allclose(np.load(tmp_path / "out.npy"), network(images), rtol=0, atol=1e-5)
