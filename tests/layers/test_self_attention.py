"""Against the equations of SAGAN in NumPy."""

import h5py
import keras
import numpy as np
import pytest
import tensorflow as tf
import tiny

from gan_mri.backend import tf_variables
from gan_mri.errors import GanMriError
from gan_mri.layers import SelfAttention, SpectralNormalization, attention

CHANNELS = 6
SHAPES = {2: (2, 5, 4, CHANNELS), 3: (2, 3, 4, 5, CHANNELS)}


@pytest.fixture(params=SHAPES)
def problem(request, monkeypatch):
    """(inputs, layer with weights that are not 0), several blocks for an image."""
    monkeypatch.setattr(attention, "SCORES_AT_ONCE", 300)
    inputs = tiny.images(*SHAPES[request.param])
    return inputs, layer_for(inputs)


def layer_for(inputs, **options):
    options = {"reduction": 3, "dtype": "float64", **options}
    layer = SelfAttention(**options)
    layer.build(inputs.shape)
    random = np.random.default_rng(3)
    layer.set_weights([random.uniform(-1, 1, w.shape) for w in layer.get_weights()])
    return layer


def project(inputs, convolution):
    """A 1x1 convolution, positions in a row."""
    if isinstance(convolution, SpectralNormalization):
        kernel, bias = convolution.normalized_kernel(), convolution.layer.bias
    else:
        kernel, bias = convolution.kernel, convolution.bias
    kernel = np.array(kernel).reshape(inputs.shape[-1], -1)
    return inputs.reshape(len(inputs), -1, inputs.shape[-1]) @ kernel + np.array(bias)


def beta(inputs, layer):
    """beta[n, j, i]: how much of position i goes to position j of image n."""
    f, g = project(inputs, layer.key), project(inputs, layer.query)
    powers = np.exp(np.einsum("njc,nic->nji", g, f))
    return powers / powers.sum(-1, keepdims=True)


def formula(inputs, layer):
    o = np.einsum("nji,nic->njc", beta(inputs, layer), project(inputs, layer.value))
    return float(np.array(layer.gamma)) * o.reshape(inputs.shape) + inputs


def test_values(problem):
    inputs, layer = problem
    np.testing.assert_allclose(layer(inputs), formula(inputs, layer), rtol=0, atol=1e-12)


def test_values_in_float32(problem):
    inputs, layer = problem
    single = layer_for(inputs, dtype="float32")
    output = single(inputs.astype("float32"))
    np.testing.assert_allclose(output, formula(inputs, layer), rtol=0, atol=1e-5)


def test_channels_of_the_convolutions(problem):
    inputs, layer = problem
    rank = inputs.ndim - 2
    convolutions = (layer.query, layer.key, layer.value)
    kernels = [tuple(convolution.kernel.shape) for convolution in convolutions]
    assert kernels == [(*[1] * rank, CHANNELS, filters) for filters in (2, 2, 6)]
    assert layer_for(inputs, reduction=8).query.filters == 1


def test_identity_at_first(problem):
    inputs, _ = problem
    np.testing.assert_array_equal(SelfAttention(dtype="float64")(inputs), inputs)


def test_gradient_is_that_of_differences(problem):
    inputs, layer = problem
    upstream = tiny.images(*inputs.shape, seed=7)
    variables = tf_variables(layer.trainable_variables)
    with tf.GradientTape() as tape:
        tensor = tf.constant(inputs)
        tape.watch(tensor)
        total = tf.reduce_sum(upstream * layer(tensor))
    gradients = tape.gradient(total, [tensor, *variables])
    assert len(variables) == 7
    random = np.random.default_rng(1)

    def difference(move):
        sums = []
        for sign in (1, -1):
            move(sign * 1e-6)
            sums.append((upstream * formula(moved["inputs"], layer)).sum())
            move(-sign * 1e-6)
        return (sums[0] - sums[1]) / 2e-6

    moved = {"inputs": inputs}
    direction = random.normal(size=inputs.shape)

    def move_inputs(by):
        moved["inputs"] = moved["inputs"] + by * direction

    slope = np.sum(gradients[0] * direction)
    np.testing.assert_allclose(slope, difference(move_inputs), rtol=1e-6, atol=1e-6)
    for variable, gradient in zip(variables, gradients[1:]):
        direction = random.normal(size=variable.shape)
        slope = np.sum(gradient * direction)
        expected = difference(lambda by: variable.assign_add(by * direction))
        np.testing.assert_allclose(slope, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("training", [False, True])
def test_spectral_normalization(training):
    inputs = tiny.images(*SHAPES[2])
    layer = layer_for(inputs, spectral_normalization=True)
    before = [np.array(inner.u) for inner in (layer.query, layer.key, layer.value)]
    output = layer(inputs, training=training)
    after = [np.array(inner.u) for inner in (layer.query, layer.key, layer.value)]
    moved = [not np.array_equal(*pair) for pair in zip(before, after)]
    assert moved == [training] * 3
    # The kernels of a training call are not those after it: u has moved.
    if not training:
        np.testing.assert_allclose(output, formula(inputs, layer), rtol=0, atol=1e-6)


def test_attention_map(problem):
    inputs, layer = problem
    space = inputs.shape[1:-1]
    for j in (0, 7, np.prod(space) - 1):
        position = np.unravel_index(j, space)
        row = layer.attention_map(inputs, position)
        assert row.shape == inputs.shape[:-1] and row.dtype == tf.float64
        expected = beta(inputs, layer)[:, j].reshape(inputs.shape[:-1])
        np.testing.assert_allclose(row, expected, rtol=0, atol=1e-13)


def test_attention_map_is_float32_in_mixed_precision():
    inputs = tiny.images(*SHAPES[2])
    layer = layer_for(inputs, dtype="mixed_bfloat16")
    row = layer.attention_map(inputs, (1, 2))
    assert row.dtype == tf.float32
    np.testing.assert_allclose(tf.reduce_sum(row, [1, 2]), [1, 1], rtol=1e-6)


@pytest.mark.parametrize("position", [(1,), (5, 0), (0, -1), (0, 0, 0)])
def test_attention_map_of_a_position_outside(position):
    inputs = tiny.images(*SHAPES[2])
    with pytest.raises(GanMriError, match=r"inside of \(5, 4\). Received: \("):
        layer_for(inputs).attention_map(inputs, position)


def test_mixed_precision_is_near_float32():
    inputs = tiny.images(*SHAPES[2])
    layer = layer_for(inputs, dtype="mixed_bfloat16")
    output = tf.cast(layer(inputs), tf.float64)
    exact = formula(inputs, layer_for(inputs))
    np.testing.assert_allclose(output, exact, rtol=0, atol=0.03)


@pytest.mark.parametrize("spectral_normalization", [False, True])
def test_names_in_a_weights_file(tmp_path, spectral_normalization):
    # Both stacks must write the same, for either to open what the other wrote.
    inputs = keras.Input((None, None, CHANNELS))
    layer = SelfAttention(spectral_normalization=spectral_normalization)
    keras.Model(inputs, layer(inputs)).save_weights(tmp_path / "a.weights.h5")
    found = {}
    with h5py.File(tmp_path / "a.weights.h5") as file:
        file["layers/self_attention"].visititems(
            lambda name, item: (
                found.update({name: item.shape}) if isinstance(item, h5py.Dataset) else None
            )
        )
    inner = "/layer" if spectral_normalization else ""
    expected = {"vars/0": ()}
    for name, filters in (("query", 1), ("key", 1), ("value", CHANNELS)):
        expected[f"{name}{inner}/vars/0"] = (1, 1, CHANNELS, filters)
        expected[f"{name}{inner}/vars/1"] = (filters,)
        if spectral_normalization:
            expected[f"{name}/vars/0"] = (1, filters)
    assert found == expected


def test_saved_model_takes_any_size(tmp_path):
    inputs = keras.Input((None, None, CHANNELS))
    model = keras.Model(inputs, SelfAttention(reduction=2)(inputs))
    model.set_weights([tiny.images(*w.shape, seed=2) for w in model.get_weights()])
    model.export(tmp_path / "saved")
    loaded = tf.saved_model.load(tmp_path / "saved")
    for shape in ((1, 3, 4, CHANNELS), (2, 6, 5, CHANNELS)):
        images = tiny.images(*shape, dtype="float32")
        np.testing.assert_allclose(loaded.serve(images), model(images), rtol=0, atol=1e-6)


@pytest.mark.parametrize("shape", [(None, 8, 4), (None, 8, 8, None)])
def test_wrong_inputs(shape):
    with pytest.raises(ValueError, match="SelfAttention needs"):
        SelfAttention().build(shape)


def test_wrong_reduction():
    with pytest.raises(ValueError, match="reduction must be"):
        SelfAttention(reduction=0)
