"""What every layer must do, whatever it computes."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import tiny

from gan_mri import layers
from gan_mri.backend import precision, tf_variables

# Layer, and shapes of its inputs without the batch axis.
CASES = {
    "ReflectionPadding2D": (lambda: layers.ReflectionPadding2D((1, 2)), [(5, 6, 2)]),
    "ReflectionPadding3D": (
        lambda: layers.ReflectionPadding3D((1, 2, 0)),
        [(4, 5, 6, 2)],
    ),
    "InstanceNormalization, 2D": (
        lambda: layers.InstanceNormalization(epsilon=1e-3),
        [(5, 6, 2)],
    ),
    "InstanceNormalization, 3D": (layers.InstanceNormalization, [(4, 5, 6, 2)]),
    "LeakyReLU, 2D": (lambda: layers.LeakyReLU(0.1), [(5, 6, 2)]),
    "LeakyReLU, 3D": (layers.LeakyReLU, [(4, 5, 6, 2)]),
    "PadToMultiple, 2D": (lambda: layers.PadToMultiple(4), [(5, 8, 2)]),
    "PadToMultiple, 3D": (lambda: layers.PadToMultiple(4), [(5, 8, 6, 2)]),
    "CropLike, 2D": (layers.CropLike, [(8, 8, 2), (5, 8, 1)]),
    "CropLike, 3D": (layers.CropLike, [(8, 8, 8, 2), (5, 8, 6, 1)]),
    "BatchNormalization, 2D": (layers.BatchNormalization, [(5, 6, 2)]),
    "BatchNormalization, 3D": (lambda: layers.BatchNormalization(0.5, 1e-3), [(4, 5, 6, 2)]),
    "BatchStatistics, 2D": (lambda: layers.BatchStatistics(1e-3), [(5, 6, 2)]),
    "BatchStatistics, 3D": (layers.BatchStatistics, [(4, 5, 6, 2)]),
    "ColorHistogram, 2D": (lambda: layers.ColorHistogram(8, 0.1), [(5, 6, 2)]),
    "ColorHistogram, 3D": (lambda: layers.ColorHistogram(8, 0.1), [(4, 5, 6, 2)]),
    "GaussianNoise": (lambda: layers.GaussianNoise(0.1), [(5, 6, 2)]),
    "Dropout": (lambda: layers.Dropout(0.25), [(5, 6, 2)]),
    "ToChannels, 2D": (lambda: layers.ToChannels(3), [(5, 6, 1)]),
    "ToChannels, 3D": (lambda: layers.ToChannels(1), [(4, 5, 6, 3)]),
    "SelfAttention, 2D": (layers.SelfAttention, [(5, 6, 2)]),
    "SelfAttention, 3D": (lambda: layers.SelfAttention(reduction=2), [(4, 5, 6, 4)]),
    "SelfAttention, spectral normalisation": (
        lambda: layers.SelfAttention(2, True, "he_normal"),
        [(5, 6, 4)],
    ),
    "Recomputed, 2D": (
        lambda: layers.Recomputed(
            [
                layers.ReflectionPadding2D(1),
                keras.layers.Conv2D(3, 3),
                layers.InstanceNormalization(),
                keras.layers.Activation("tanh"),
            ]
        ),
        [(5, 6, 2)],
    ),
    "Recomputed, 3D, residual": (
        lambda: layers.Recomputed(
            [
                layers.SpectralNormalization(keras.layers.Conv3D(2, 3, padding="same")),
                layers.BatchStatistics(),
                layers.Dropout(0.25),
            ],
            residual=True,
        ),
        [(4, 5, 6, 2)],
    ),
    "SpectralNormalization, Conv2D": (
        lambda: layers.SpectralNormalization(keras.layers.Conv2D(3, 3), power_iterations=2),
        [(5, 6, 2)],
    ),
    "SpectralNormalization, Conv2DTranspose": (
        lambda: layers.SpectralNormalization(
            keras.layers.Conv2DTranspose(3, 3, strides=2, padding="same")
        ),
        [(5, 6, 2)],
    ),
    "SpectralNormalization, Conv3D": (
        lambda: layers.SpectralNormalization(keras.layers.Conv3D(3, 3)),
        [(4, 5, 6, 2)],
    ),
    "SpectralNormalization, Conv3DTranspose": (
        lambda: layers.SpectralNormalization(
            keras.layers.Conv3DTranspose(3, 3, strides=2, padding="same")
        ),
        [(4, 5, 6, 2)],
    ),
    "SpectralNormalization, Dense": (
        lambda: layers.SpectralNormalization(keras.layers.Dense(3)),
        [(4,)],
    ),
}


@pytest.fixture(params=CASES)
def case(request):
    return CASES[request.param]


def data(shapes, dtype="float32"):
    arrays = [tiny.images(2, *shape, seed=i) for i, shape in enumerate(shapes)]
    return [tf.constant(array, dtype) for array in arrays]


def call(layer, inputs, **options):
    return layer(inputs if len(inputs) > 1 else inputs[0], **options)


def functional(make, shapes, free=False):
    """The layer as a functional model, of free spatial size if asked."""
    inputs = [
        keras.Input((*[None] * (len(shape) - 1), shape[-1]) if free else shape) for shape in shapes
    ]
    model = keras.Model(inputs, call(make(), inputs))
    random = np.random.default_rng(5)
    model.set_weights([random.uniform(0.5, 1, w.shape) for w in model.get_weights()])
    return model


def predicted_shape(layer, shapes):
    shapes = [tuple(shape) for shape in shapes]
    return tuple(layer.compute_output_shape(shapes if len(shapes) > 1 else shapes[0]))


@pytest.mark.parametrize("free", [False, True])
def test_shapes(case, free):
    make, shapes = case
    model = functional(make, shapes, free)
    layer, inputs = model.layers[-1], data(shapes)
    promised = predicted_shape(layer, [tensor.shape for tensor in model.inputs])
    assert promised == tuple(model.output_shape)
    output = call(model, inputs)
    assert predicted_shape(layer, [tensor.shape for tensor in inputs]) == output.shape
    for length, actual in zip(promised, output.shape):
        assert length in (None, actual)


def test_config_round_trip(case):
    make, shapes = case
    layer = make()
    twin = type(layer).from_config(layer.get_config())
    assert twin is not layer
    assert twin.get_config() == layer.get_config()


def test_keras_file_round_trip(case, tmp_path):
    make, shapes = case
    model = functional(make, shapes)
    model.save(tmp_path / "layer.keras")
    loaded = keras.models.load_model(tmp_path / "layer.keras", safe_mode=True)
    inputs = data(shapes)
    assert len(loaded.get_weights()) == len(model.get_weights())
    np.testing.assert_array_equal(call(loaded, inputs), call(model, inputs))


def test_gradients(case):
    make, shapes = case
    model, inputs = functional(make, shapes), data(shapes)
    variables = tf_variables(model.trainable_variables)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            # Not the mean square: normalisations hold that constant.
            output = call(model, inputs, training=True)
            loss = tf.reduce_sum(output * tiny.images(*output.shape, dtype="float32"))
        return tape.gradient(loss, [inputs[0], *variables])

    gradients = step()
    assert all(np.all(np.isfinite(gradient)) for gradient in gradients)
    assert all(np.any(gradient != 0) for gradient in gradients)


def test_mixed_precision(case):
    make, shapes = case
    with precision("bfloat16"):
        layer = make()
    output = call(layer, data(shapes))
    assert output.dtype == tf.bfloat16
    assert all(weight.dtype in ("float32", tf.float32) for weight in layer.weights)


def test_float64(case):
    make, shapes = case
    with precision("float64"):
        layer = make()
        output = call(layer, data(shapes, "float64"))
    assert output.dtype == tf.float64
    assert all(weight.dtype in ("float64", tf.float64) for weight in layer.weights)
