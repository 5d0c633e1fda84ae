"""Against its formula in NumPy."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import tiny

from gan_mri.backend import precision, tf_variables
from gan_mri.layers.channel_attention import ChannelAttention

CHANNELS, TARGETS = 6, 3
SHAPES = {2: (2, 5, 4, CHANNELS), 3: (2, 3, 4, 5, CHANNELS)}


def planes_for(features, targets):
    """Constant planes of another size than the features."""
    shape = (len(features), *[7] * (features.ndim - 2), TARGETS)
    return np.broadcast_to(
        np.eye(TARGETS)[targets].reshape(-1, *[1] * (features.ndim - 2), 3), shape
    )


def layer_for(features, planes, **options):
    layer = ChannelAttention(**{"reduction": 2, "dtype": "float64", **options})
    layer.build([features.shape, planes.shape])
    random = np.random.default_rng(3)
    layer.set_weights([random.normal(0, 1, weight.shape) for weight in layer.get_weights()])
    return layer


def formula(features, targets, weights):
    space = tuple(range(1, features.ndim - 1))
    x = np.concatenate([np.eye(TARGETS)[targets], features.mean(space)], axis=-1)
    first, bias_1, second, bias_2, third, bias_3 = weights
    for kernel, bias in ((first, bias_1), (second, bias_2)):
        x = x @ kernel + bias
        x = np.where(x > 0, x, 0.2 * x)
    scales = 1 / (1 + np.exp(-(x @ third + bias_3)))
    return features * scales.reshape(len(x), *[1] * len(space), -1)


@pytest.mark.parametrize("rank", SHAPES)
def test_values(rank):
    features, targets = tiny.images(*SHAPES[rank]), [2, 0]
    planes = planes_for(features, targets)
    layer = layer_for(features, planes)
    shapes = [weight.shape for weight in layer.get_weights()]
    assert shapes == [(9, 3), (3,), (3, 3), (3,), (3, 6), (6,)]
    expected = formula(features, targets, layer.get_weights())
    np.testing.assert_allclose(layer([features, planes]), expected, rtol=0, atol=1e-13)


def test_gradients_are_those_of_differences():
    features = tf.constant(tiny.images(*SHAPES[2]))
    planes = tf.constant(planes_for(features.numpy(), [1, 2]))
    layer = layer_for(features, planes)
    slopes = tiny.images(*SHAPES[2], seed=5)

    def loss(moved):
        return tf.reduce_sum(layer([moved, planes]) * slopes)

    with tf.GradientTape() as tape:
        tape.watch(features)
        value = loss(features)
    gradients = tape.gradient(value, [features, *tf_variables(layer.trainable_variables)])
    assert all(np.any(gradient) for gradient in gradients)
    step = 1e-6 * tiny.images(*SHAPES[2], seed=6)
    difference = (loss(features + step) - loss(features - step)) / 2
    np.testing.assert_allclose(np.sum(gradients[0] * step), difference, rtol=1e-7)


def test_the_target_decides():
    """Two targets scale the same features differently."""
    features = np.repeat(tiny.images(1, 5, 4, CHANNELS), 2, axis=0)
    planes = planes_for(features, [0, 1])
    first, second = np.array(layer_for(features, planes)([features, planes]))
    assert np.abs(first - second).max() > 0.01


def test_mixed_precision_keeps_weights_and_means_wide():
    with precision("bfloat16"):
        layer = ChannelAttention(2)
        features = tf.cast(tiny.images(*SHAPES[2]), tf.bfloat16)
        planes = tf.cast(planes_for(features.numpy(), [2, 1]), tf.bfloat16)
        output = layer([features, planes])
    assert output.dtype == tf.bfloat16
    assert {tf.as_dtype(weight.dtype) for weight in layer.weights} == {tf.float32}
    wide = tf.cast(features, tf.float64).numpy()
    expected = formula(wide, [2, 1], [weight.astype(float) for weight in layer.get_weights()])
    # The rounding of the factors and of the products, 2^-9 each.
    np.testing.assert_allclose(tf.cast(output, tf.float64), expected, rtol=2**-7, atol=1e-6)


def test_narrow_features_have_one_hidden_unit():
    layer = layer_for(np.zeros((1, 2, 2, 2)), np.zeros((1, 2, 2, 3)), reduction=4)
    assert layer.get_weights()[0].shape == (5, 1)


def test_keras_file_round_trip(tmp_path):
    inputs = [keras.Input((None, None, 4)), keras.Input((None, None, 3))]
    model = keras.Model(inputs, ChannelAttention(reduction=2)(inputs))
    model.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras", safe_mode=True)
    arrays = [tiny.images(1, 5, 4, channels, dtype="float32") for channels in (4, 3)]
    np.testing.assert_array_equal(model(arrays), loaded(arrays))


def test_reduction_below_1():
    with pytest.raises(ValueError, match="reduction must be 1 or more. Received: 0"):
        ChannelAttention(0)
