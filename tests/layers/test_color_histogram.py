import keras
import numpy as np
import pytest
import tensorflow as tf
import tiny
from scipy.special import expit

from gan_mri.backend import precision
from gan_mri.errors import GanMriError
from gan_mri.layers import ColorHistogram


def shares(images, bins, bandwidth):
    """Equation 5 of paper 000, `(N, pixels, C, bins)`."""
    pixels = images.reshape(images.shape[0], -1, images.shape[-1], 1)
    above = expit((pixels - np.linspace(-1, 1, bins + 1)) / bandwidth)
    return above[..., :-1] - above[..., 1:]


def test_values():
    images = tiny.images(2, 9, 7, 3)
    histogram = ColorHistogram(20, 0.03)(tf.constant(images, tf.float32))
    assert histogram.dtype == tf.float32
    np.testing.assert_allclose(histogram, shares(images, 20, 0.03).mean(1), atol=1e-7)


def test_mixed_precision_sees_the_images_as_they_come():
    """Values between those of bfloat16, which are 1/128 apart above 1/2."""
    images = np.full((1, 4, 4, 1), 0.5 + 1 / 300, "float32")
    inputs = keras.Input((None, None, 1))
    with precision("bfloat16"):
        model = keras.Model(inputs, ColorHistogram(256, 0.003)(inputs))
    exact = shares(images.astype("float64"), 256, 0.003).mean(1)
    np.testing.assert_allclose(tf.cast(model(images), tf.float32), exact, rtol=2**-8, atol=1e-7)


def test_of_any_size_in_a_saved_model_without_xla(tmp_path):
    inputs = keras.Input((None, None, 3))
    model = keras.Model(inputs, ColorHistogram(16, 0.05)(inputs))
    module = tf.Module()
    spec = tf.TensorSpec((None, None, None, 3), tf.float32)
    module.serve = tf.function(lambda images: model(images), input_signature=[spec])
    graph = module.serve.get_concrete_function().graph.as_graph_def()
    assert b"XlaMustCompile" not in graph.SerializeToString()
    tf.saved_model.save(module, str(tmp_path))
    loaded = tf.saved_model.load(str(tmp_path))
    for shape in ((1, 5, 6, 3), (2, 9, 4, 3)):
        images = tiny.images(*shape, dtype="float32")
        expected = shares(images.astype("float64"), 16, 0.05).mean(1)
        np.testing.assert_allclose(loaded.serve(images), expected, atol=1e-7)


@pytest.mark.parametrize("bins, bandwidth", [(0, 0.1), (16, 0), (16, -1.0)])
def test_errors(bins, bandwidth):
    with pytest.raises(GanMriError, match="Received: "):
        ColorHistogram(bins, bandwidth)
