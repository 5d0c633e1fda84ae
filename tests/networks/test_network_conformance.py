"""What every network must do: any size, save, export, mixed precision."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import tiny

from gan_mri.backend import tf_variables
from gan_mri.models.unit import compose_translator
from gan_mri.networks import (
    patch_discriminator,
    resnet_generator,
    simple_generator,
    unit_discriminator,
    unit_encoder,
    unit_generator,
    unit_shared_decoder,
    unit_shared_encoder,
)

SMALL_G = {"filters": 2, "residual_blocks": 1}
SMALL_D = {"filters": 2}


def unit_translator(input_shape, *, dtype=None, attention=False, **style):
    """UNIT from image to image: networks in a network, with noise and dropout."""
    input_shape = (*[None] * (len(input_shape) - 1), input_shape[-1])
    code = (*input_shape[:-1], 8)
    style = {"dtype": dtype, **style}
    return compose_translator(
        unit_encoder(input_shape, filters=2, residual_blocks=1, attention=attention, **style),
        unit_shared_encoder(code, **style),
        unit_shared_decoder(code, **style),
        unit_generator(
            code,
            output_channels=input_shape[-1],
            residual_blocks=1,
            attention=attention,
            **style,
        ),
        name="unit_translator",
    )


NETWORKS = {
    "generator": (resnet_generator, SMALL_G),
    "generator, resize": (resnet_generator, {**SMALL_G, "resize_convolution": True}),
    "generator, reflect": (
        resnet_generator,
        {**SMALL_G, "residual_padding": "reflect"},
    ),
    "generator, 3 levels": (resnet_generator, {**SMALL_G, "downsamplings": 3}),
    "generator, addons": (resnet_generator, {**SMALL_G, "normalization": "addons"}),
    "generator, none": (resnet_generator, {**SMALL_G, "normalization": "none"}),
    "generator, spectral": (
        resnet_generator,
        {**SMALL_G, "spectral_normalization": True},
    ),
    "generator, recomputed": (
        resnet_generator,
        {**SMALL_G, "recompute": True, "spectral_normalization": True},
    ),
    "discriminator": (patch_discriminator, SMALL_D),
    "discriminator, 2 scales": (patch_discriminator, {**SMALL_D, "scales": 2}),
    "discriminator, addons": (patch_discriminator, {**SMALL_D, "normalization": "addons"}),
    "discriminator, none": (patch_discriminator, {**SMALL_D, "normalization": "none"}),
    "discriminator, spectral": (
        patch_discriminator,
        {**SMALL_D, "spectral_normalization": True, "scales": 2},
    ),
    "unit": (unit_translator, {}),
    "unit, attention": (
        unit_translator,
        {"attention": True, "spectral_normalization": True},
    ),
    "unit, recomputed": (unit_translator, {"recompute": True}),
    "unit discriminator": (unit_discriminator, SMALL_D),
    "simple": (simple_generator, {**SMALL_D, "kernel_size": 5}),
}
# Every kind of layer and of nesting once, for the slower tests.
REPRESENTATIVE = [
    "generator, resize",
    "generator, addons",
    "generator, spectral",
    "generator, recomputed",
    "discriminator, spectral",
    "unit",
    "unit, attention",
    "unit, recomputed",
    "unit discriminator",
]


@pytest.fixture(params=NETWORKS)
def network(request):
    return NETWORKS[request.param]


def outputs(model, images):
    return tf.nest.flatten(model(images))


@pytest.mark.parametrize("shape", [(1, 18, 21, 3), (1, 17, 18, 19, 1)])
def test_rank_channels_and_gradient(network, shape):
    """2D and 3D with free sizes, one and three channels; gradients are finite."""
    build, options = network
    model = build((*[None] * (len(shape) - 2), shape[-1]), **options)
    images = tf.constant(tiny.images(*shape, dtype="float32"))
    with tf.GradientTape() as tape:
        judged = tf.nest.flatten(model(images, training=True))
        # Random weights: the mean square of a normalised map is constant.
        loss = tf.add_n([tf.reduce_sum(y * tiny.images(*y.shape, dtype="float32")) for y in judged])
    gradients = tape.gradient(loss, tf_variables(model.trainable_variables))
    assert all(np.all(np.isfinite(gradient)) for gradient in gradients)
    assert all(y.dtype == tf.float32 for y in judged)
    if build in (resnet_generator, unit_translator, simple_generator):
        assert judged[0].shape == images.shape
    elif build is unit_discriminator:
        sizes = [
            tuple(-(-(length // 2**scale) // 16) for length in shape[1:-1]) for scale in range(3)
        ]
        assert [y.shape for y in judged] == [(1, *size, 1) for size in sizes]
    else:
        sizes = [tuple(-(-length // 8) for length in shape[1:-1])]
        if len(judged) == 2:
            sizes.append(tuple(-(-(length // 2) // 8) for length in shape[1:-1]))
        assert [y.shape for y in judged] == [(1, *size, 1) for size in sizes]


@pytest.mark.parametrize("name", REPRESENTATIVE)
def test_weights_file_round_trip(name, tmp_path):
    build, options = NETWORKS[name]
    images = tiny.images(1, 18, 21, 1, dtype="float32")
    model, other = (build((None, None, 1), **options) for _ in range(2))
    model.save_weights(tmp_path / "network.weights.h5")
    other.load_weights(tmp_path / "network.weights.h5")
    for ours, theirs in zip(outputs(model, images), outputs(other, images)):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("dtype", ["bfloat16", "float64"])
def test_precision(network, dtype):
    build, options = network
    model = build((None, None, 1), dtype=dtype, **options)
    wide = "float64" if dtype == "float64" else "float32"
    images = tiny.images(1, 18, 21, 1, dtype=wide)
    assert all(tf.as_dtype(weight.dtype) == wide for weight in model.weights)
    for output in outputs(model, images):
        assert output.dtype == wide
        assert np.all(np.isfinite(output))


@pytest.mark.parametrize(
    "name",
    [
        "generator",
        "generator, 3 levels",
        "generator, recomputed",
        "discriminator",
        "unit",
        "unit, attention",
        "unit, recomputed",
        "simple",
    ],
)
def test_export_with_free_size(name, tmp_path):
    build, options = NETWORKS[name]
    model = build((None, None, 1), **options)
    model.export(str(tmp_path / "saved"))
    loaded = tf.saved_model.load(str(tmp_path / "saved"))
    for shape in ((1, 17, 30, 1), (3, 24, 20, 1)):
        images = tiny.images(*shape, dtype="float32")
        np.testing.assert_allclose(
            loaded.serve(tf.constant(images)), model(images), rtol=0, atol=1e-5
        )


@pytest.mark.parametrize("name", REPRESENTATIVE)
def test_keras_file_round_trip(name, tmp_path):
    build, options = NETWORKS[name]
    model = build((18, 21, 1), **options)
    model.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras", safe_mode=True)
    images = tiny.images(1, 18, 21, 1, dtype="float32")
    for ours, theirs in zip(outputs(model, images), outputs(loaded, images)):
        np.testing.assert_array_equal(ours, theirs)
