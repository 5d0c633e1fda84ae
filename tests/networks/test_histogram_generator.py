"""The generator that is told colours."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import tiny

from gan_mri import blocks
from gan_mri.backend import precision, tf_variables
from gan_mri.networks import histogram_generator, resnet_generator

SMALL = {"filters": 2, "residual_blocks": 1, "bins": 8}


def inputs(*shape, bins=8, seed=0, dtype="float32"):
    random = np.random.default_rng(seed)
    histogram = random.dirichlet(np.ones(bins), (shape[0], shape[-1]))
    return [tiny.images(*shape, seed=seed, dtype=dtype), histogram.astype(dtype)]


@pytest.mark.parametrize("shape", [(2, 18, 21, 3), (1, 17, 18, 19, 1)])
@pytest.mark.parametrize("spectral", [False, True])
def test_sizes_and_gradients(shape, spectral):
    model = histogram_generator(
        (*[None] * (len(shape) - 2), shape[-1]), spectral_normalization=spectral, **SMALL
    )
    images, histogram = map(tf.constant, inputs(*shape))
    with tf.GradientTape() as tape:
        tape.watch(histogram)
        output = model([images, histogram], training=True)
        loss = tf.reduce_sum(output * tiny.images(*output.shape, dtype="float32"))
    assert output.shape == images.shape and output.dtype == tf.float32
    gradients = tape.gradient(loss, [histogram, *tf_variables(model.trainable_variables)])
    assert all(np.isfinite(gradient).all() for gradient in gradients)
    assert np.any(gradients[0] != 0)


@pytest.mark.parametrize("dtype", ["bfloat16", "float64"])
def test_precision(dtype):
    wide = "float64" if dtype == "float64" else "float32"
    model = histogram_generator(dtype=dtype, **SMALL)
    output = model(inputs(1, 18, 21, 3, dtype=wide))
    assert output.dtype == wide
    assert np.isfinite(output).all()


def test_each_image_follows_its_own_histogram():
    model = histogram_generator(dtype="float64", **SMALL)
    images, histograms = inputs(2, 16, 16, 3, dtype="float64")
    together = model([images, histograms])
    for index in range(2):
        alone = model([images[index : index + 1], histograms[index : index + 1]])
        np.testing.assert_allclose(alone[0], together[index], rtol=0, atol=1e-12)
    other = model([images, histograms[::-1]])
    assert np.abs(other - together).max() > 1e-3


def test_one_join_more_than_the_resnet_generator():
    extra = (
        histogram_generator(**SMALL).count_params()
        - resnet_generator((None, None, 3), filters=2, residual_blocks=1).count_params()
    )
    # Without the scales and offsets of the decoder's two normalisations.
    extra += 2 * (4 + 2)
    # 1x1 convolution of 8 channels, dense layer of 3 x 8 bins, both with biases.
    assert extra == (8 * 8 + 8) + (24 * 8 + 8)


def test_keras_file_round_trip(tmp_path):
    model = histogram_generator(spectral_normalization=True, **SMALL)
    model.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras", safe_mode=True)
    given = inputs(1, 18, 21, 3)
    np.testing.assert_array_equal(loaded(given), model(given))


@pytest.mark.parametrize("space", [(5, 4), (3, 4, 2)])
def test_join_is_a_convolution_of_the_concatenation(space):
    with precision("float64"):
        features, vector = keras.Input((*[None] * len(space), 3)), keras.Input((6,))
        model = keras.Model([features, vector], blocks.join(features, vector))
    random = np.random.default_rng(1)
    model.set_weights([random.normal(size=w.shape) for w in model.get_weights()])
    convolution = next(layer for layer in model.layers if "conv" in layer.name)
    dense = next(layer for layer in model.layers if "dense" in layer.name)
    x, v = random.normal(size=(2, *space, 3)), random.normal(size=(2, 6))
    everywhere = np.broadcast_to(v.reshape(2, *[1] * len(space), 6), (2, *space, 6))
    kernel = np.concatenate(
        [np.reshape(convolution.kernel, (3, 3)), np.reshape(dense.kernel, (6, 3))]
    )
    joined = np.concatenate([x, everywhere], axis=-1) @ kernel
    expected = np.maximum(joined + np.asarray(convolution.bias) + np.asarray(dense.bias), 0)
    np.testing.assert_allclose(model([x, v]), expected, rtol=0, atol=1e-12)
