import keras
import numpy as np
import pytest
import tensorflow as tf
import tiny

from gan_mri.backend import tf_variables
from gan_mri.errors import GanMriError
from gan_mri.losses import gradient_penalty
from gan_mri.networks.conditional_discriminator import conditional_discriminator


def test_parameters_are_the_papers():
    """2.77 million for RGB, here with a bias and a gain everywhere but in the ends."""
    widths = [3 + 3, 64, 128, 256, 512, 1]
    expected = sum(16 * before * after + after for before, after in zip(widths, widths[1:]))
    expected += 2 * sum(widths[2:5])
    model = conditional_discriminator((None, None, 3))
    assert model.count_params() == expected
    assert round(expected / 1e6, 2) == 2.77


@pytest.mark.parametrize("shape", [(2, 18, 21, 3), (1, 17, 18, 19, 1)])
@pytest.mark.parametrize("scales", [1, 2])
def test_sizes_and_gradients_of_both_inputs(shape, scales):
    model = conditional_discriminator(
        (*[None] * (len(shape) - 2), shape[-1]), source_channels=2, filters=2, scales=scales
    )
    assert [tensor.name.split(":")[0] for tensor in model.inputs] == ["image", "source"]
    image = tf.constant(tiny.images(*shape, dtype="float32"))
    source = tf.constant(tiny.images(*shape[:-1], 2, seed=1, dtype="float32"))
    with tf.GradientTape() as tape:
        tape.watch([image, source])
        judged = tf.nest.flatten(model([image, source], training=True))
        loss = tf.add_n([tf.reduce_sum(y * tiny.images(*y.shape, dtype="float32")) for y in judged])
    sizes = [[-(-(length // 2**s) // 8) for length in shape[1:-1]] for s in range(scales)]
    assert [list(y.shape) for y in judged] == [[shape[0], *size, 1] for size in sizes]
    assert all(y.dtype == tf.float32 for y in judged)
    gradients = tape.gradient(loss, [image, source, *tf_variables(model.trainable_variables)])
    assert all(np.all(np.isfinite(gradient)) for gradient in gradients)
    assert np.any(gradients[0]) and np.any(gradients[1])


def test_its_judge_sees_image_and_source_in_this_order():
    model = conditional_discriminator((None, None, 3), source_channels=1, filters=2)
    image = tiny.images(2, 16, 18, 3, dtype="float32")
    source = tiny.images(2, 16, 18, 1, seed=1, dtype="float32")
    judge = model.get_layer("judge")
    expected = judge(np.concatenate([image, source], axis=-1))
    np.testing.assert_array_equal(model([image, source]), expected)


@pytest.mark.parametrize("dtype", ["bfloat16", "float64"])
def test_precision(dtype):
    wide = "float64" if dtype == "float64" else "float32"
    model = conditional_discriminator(filters=2, dtype=dtype)
    judged = model([*tiny.pair(1, 18, 21, 1, dtype=wide)])
    assert judged.dtype == wide
    assert np.all(np.isfinite(judged))
    assert all(tf.as_dtype(weight.dtype) == wide for weight in model.weights)


def test_options_reach_the_judge():
    dense = conditional_discriminator((16, 16, 1), filters=2, patch=False)
    assert dense.output_shape == (None, 1)
    spectral = conditional_discriminator(filters=2, spectral_normalization=True)
    kinds = [type(layer).__name__ for layer in spectral.get_layer("judge").layers]
    assert kinds.count("SpectralNormalization") == 5
    with pytest.raises(GanMriError, match="patch=False needs a fixed image size"):
        conditional_discriminator(patch=False)


def test_gradient_penalty_of_an_image_beside_its_source():
    model = conditional_discriminator(filters=2, dtype="float64")
    real, fake = tiny.pair(2, 16, 16, 1)
    source = tf.constant(tiny.images(2, 16, 16, 1, seed=3))
    seed = tf.constant([1, 2], tf.int64)
    variables = tf_variables(model.trainable_variables)
    with tf.GradientTape() as tape:
        penalty = gradient_penalty(lambda image: model([image, source]), real, fake, seed)
    gradients = tape.gradient(penalty, variables, unconnected_gradients="zero")
    assert all(np.all(np.isfinite(gradient)) for gradient in gradients)
    assert np.any(gradients[0])


def test_keras_file_round_trip(tmp_path):
    model = conditional_discriminator((18, 21, 1), filters=2, scales=2)
    model.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras", safe_mode=True)
    inputs = [*tiny.pair(1, 18, 21, 1, dtype="float32")]
    for ours, theirs in zip(model(inputs), loaded(inputs)):
        np.testing.assert_array_equal(ours, theirs)
