import keras
import numpy as np
import pytest
import tensorflow as tf
import tiny
from scipy.ndimage import zoom
from skimage.transform import resize

from gan_mri.layers.linear_upsampling import LinearUpsampling

SHAPES = [(2, 5, 6, 3), (1, 1, 7, 1), (3, 4, 3, 5, 2), (1, 1, 1, 1, 1)]


def layer(dtype="float64"):
    return LinearUpsampling(dtype=dtype)


def enlarged(images):
    """By SciPy, image by image and channel by channel."""
    factors = (1, *[2] * (images.ndim - 2), 1)
    return zoom(images, factors, order=1, mode="nearest", grid_mode=True)


@pytest.mark.parametrize("shape", SHAPES)
def test_values_are_those_of_scipy(shape):
    images = tiny.images(*shape)
    found = layer()(images)
    assert found.dtype == tf.float64
    assert found.shape == (shape[0], *(2 * length for length in shape[1:-1]), shape[-1])
    np.testing.assert_allclose(found, enlarged(images), rtol=0, atol=1e-15)


@pytest.mark.parametrize("shape", [(5, 6), (4, 3, 5)])
def test_values_are_those_of_scikit_image(shape):
    image = tiny.images(*shape)
    size = [2 * length for length in shape]
    expected = resize(image, size, order=1, mode="edge", anti_aliasing=False)
    found = np.asarray(layer()(image[None, ..., None]))[0, ..., 0]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-14)


def test_three_quarters_and_a_quarter():
    found = layer()(np.array([0.0, 4.0, 16.0]).reshape(1, 1, 3, 1))
    np.testing.assert_array_equal(np.ravel(found), 2 * [0, 1, 3, 7, 13, 16])


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_other_precisions(dtype):
    images = tf.cast(tiny.images(2, 5, 4, 3, 1), dtype)
    found = layer(dtype)(images)
    assert found.dtype == dtype
    eps = {"float16": 2.0**-11, "bfloat16": 2.0**-8, "float32": 2.0**-24}[dtype]
    exact = enlarged(np.asarray(tf.cast(images, "float64")))
    # Three roundings along each of three axes, of numbers below 2.
    np.testing.assert_allclose(tf.cast(found, "float64"), exact, rtol=0, atol=18 * eps)
    constant = tf.fill((1, 3, 3, 1), tf.cast(0.7, dtype))
    np.testing.assert_array_equal(layer(dtype)(constant), tf.fill((1, 6, 6, 1), constant[0, 0, 0]))


@pytest.mark.parametrize("shape", SHAPES[:3])
def test_sizes_that_are_known_when_it_runs(shape):
    upsample = layer()
    free = (None,) * (len(shape) - 1)

    @tf.function(input_signature=[tf.TensorSpec((*free, shape[-1]), tf.float64)])
    def call(images):
        made = upsample(images)
        assert made.shape.as_list() == [*free, shape[-1]]
        return made

    for size in (shape, (2, *(length + 1 for length in shape[1:-1]), shape[-1])):
        images = tiny.images(*size)
        np.testing.assert_allclose(call(images), enlarged(images), rtol=0, atol=1e-15)


def test_shapes_of_a_functional_model():
    for shape in ((5, None, 2), (None, 4, 3, 2)):
        model = keras.Model(image := keras.Input(shape), LinearUpsampling()(image))
        space = tuple(None if length is None else 2 * length for length in shape[:-1])
        assert tuple(model.output_shape) == (None, *space, 2)
        assert layer().compute_output_shape((None, *shape)) == (None, *space, 2)


@pytest.mark.parametrize("graph", [False, True])
@pytest.mark.parametrize("shape", [(1, 3, 4, 2), (1, 1, 2, 1), (1, 2, 3, 3, 1)])
def test_gradients_are_finite_differences(shape, graph):
    """Of every voxel; second derivatives too, of what is not linear in it."""
    images = tiny.images(*shape)
    weights = tiny.images(1, *(2 * length for length in shape[1:-1]), shape[-1], seed=3)
    upsample = layer()

    def value(images):
        return tf.reduce_sum(weights * upsample(images) ** 3)

    def slope(images):
        with tf.GradientTape() as tape:
            tape.watch(images)
            result = value(images)
        return tape.gradient(result, images)

    def curvature(images):
        with tf.GradientTape() as tape:
            tape.watch(images)
            result = tf.reduce_sum(slope(images) ** 2)
        return tape.gradient(result, images)

    for function, derivative in (
        (value, slope),
        (lambda images: tf.reduce_sum(slope(images) ** 2), curvature),
    ):
        derivative = tf.function(derivative) if graph else derivative
        found = np.asarray(derivative(tf.constant(images)))
        assert np.all(found)
        for index in np.ndindex(shape):
            step = np.zeros(shape)
            step[index] = 1e-5
            ends = [float(function(tf.constant(images + side * step))) for side in (1, -1)]
            np.testing.assert_allclose(found[index], (ends[0] - ends[1]) / 2e-5, rtol=1e-6)


def test_a_ramp_stays_a_ramp():
    """What is linear is exact but at the ends: images are not shifted."""
    ramp = np.arange(6.0).reshape(1, 6, 1, 1) * np.ones((1, 6, 5, 1))
    found = np.asarray(layer()(ramp))[0, 1:-1, :, 0]
    centers = (np.arange(1, 11) + 0.5) / 2 - 0.5
    np.testing.assert_allclose(found, np.tile(centers[:, None], 10), rtol=0, atol=1e-14)


def test_files(tmp_path):
    image = keras.Input((4, 5, 2))
    model = keras.Model(image, LinearUpsampling(name="larger")(image))
    model.save(tmp_path / "layer.keras")
    loaded = keras.models.load_model(tmp_path / "layer.keras", safe_mode=True)
    images = tiny.images(2, 4, 5, 2, dtype="float32")
    np.testing.assert_array_equal(loaded(images), model(images))
    config = layer().get_config()
    assert LinearUpsampling.from_config(config).get_config() == config


@pytest.mark.parametrize("shape", [(3, 4), (1, 4, 2), (1, 2, 2, 2, 2, 1)])
def test_other_ranks(shape):
    with pytest.raises(ValueError, match=r"images \(N, H, W, C\) or volumes"):
        layer()(tiny.images(*shape))
