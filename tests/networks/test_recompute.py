"""Networks with `recompute`: the weights, losses, gradients and state of those without."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import tiny

from gan_mri import networks
from gan_mri.backend import tf_variables
from gan_mri.layers import RandomStream, Recomputed, one_power_iteration, random_streams

GENERATOR = {"filters": 2, "residual_blocks": 1}
BUILDERS = {
    "2D": lambda **options: networks.resnet_generator((None, None, 1), **GENERATOR, **options),
    "3D": lambda **options: networks.resnet_generator(
        (None, None, None, 1), **GENERATOR, **options
    ),
    "spectral, resize": lambda **options: networks.resnet_generator(
        (None, None, 1),
        spectral_normalization=True,
        resize_convolution=True,
        residual_padding="reflect",
        **GENERATOR,
        **options,
    ),
    "addons": lambda **options: networks.resnet_generator(
        (None, None, 1), normalization="addons", **GENERATOR, **options
    ),
    "encoder": lambda **options: networks.unit_encoder(
        (None, None, 1), stream=RandomStream(5), **GENERATOR, **options
    ),
    "shared encoder": lambda **options: networks.unit_shared_encoder(
        (None, None, 8), spectral_normalization=True, stream=RandomStream(5), **options
    ),
    "generator": lambda **options: networks.unit_generator(
        (None, None, 8), residual_blocks=1, attention=True, stream=RandomStream(5), **options
    ),
}
SHAPES = {"3D": (1, 17, 18, 19, 1), "shared encoder": (2, 5, 4, 8), "generator": (2, 5, 4, 8)}


def both(name, dtype):
    """The network without and with recomputed blocks, made with the same seed."""
    found = []
    for recompute in (False, True):
        keras.utils.set_random_seed(4)
        found.append(BUILDERS[name](recompute=recompute, dtype=dtype))
    return found


def train(network, images, steps=2):
    """Outputs and gradients of some steps of gradient descent, two calls in each."""
    variables = tf_variables(network.trainable_variables)

    @tf.function
    def step():
        with one_power_iteration(), tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(variables)
            outputs = [network(images, training=True), network(-images, training=True)]
            loss = tf.add_n(
                [
                    tf.reduce_mean(tf.cast(y, images.dtype) * tiny.images(*y.shape, seed=k))
                    for k, y in enumerate(outputs)
                ]
            )
        gradients = tape.gradient(loss, variables)
        for variable, gradient in zip(variables, gradients):
            variable.assign_sub(0.1 * gradient)
        return outputs, gradients

    return [step() for _ in range(steps)]


def agree(name, dtype, tolerance, steps=2):
    plain, again = both(name, dtype)
    assert sum(isinstance(layer, Recomputed) for layer in again.layers) >= 1
    for ours, theirs in zip(again.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    wide = "float64" if dtype == "float64" else "float32"
    images = tf.constant(tiny.images(*SHAPES.get(name, (2, 18, 21, 1)), dtype=wide))
    for step, expected in zip(train(again, images, steps), train(plain, images, steps)):
        for ours, theirs in zip(step, expected):
            # Some gradients are 0 (of a bias before a normalisation) but for rounding.
            scale = max(np.abs(np.asarray(tensor, wide)).max() for tensor in theirs)
            for one, other in zip(ours, theirs, strict=True):
                np.testing.assert_allclose(
                    np.asarray(one, wide), np.asarray(other, wide), rtol=0, atol=tolerance * scale
                )
    # What the optimizer does not change: u of the power iterations.
    for ours, theirs in zip(again.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance)
    counts = [[int(s.count) for s in random_streams(network)] for network in (again, plain)]
    assert counts[0] == counts[1]
    return counts[0]


@pytest.mark.parametrize("name", BUILDERS)
def test_training_in_float64(name):
    counts = agree(name, "float64", 1e-12)
    # Draws of a stream: layers, times two calls, times two steps.
    assert counts == {"encoder": [4], "shared encoder": [8], "generator": [4]}.get(name, [])


@pytest.mark.parametrize("name", ["2D", "encoder"])
def test_training_in_bfloat16(name):
    """To rounding: TensorFlow fuses other operations, which then round less often."""
    agree(name, "bfloat16", 2**-6, steps=1)


def test_histogram_generator():
    options = {"bins": 8, "spectral_normalization": True, "dtype": "float64", **GENERATOR}
    given = [tf.constant(tiny.images(1, *shape)) for shape in ((18, 21, 3), (3, 8))]
    found = []
    for recompute in (False, True):
        keras.utils.set_random_seed(4)
        network = networks.histogram_generator(recompute=recompute, **options)
        variables = tf_variables(network.trainable_variables)

        @tf.function
        def step(network=network, variables=variables):
            with tf.GradientTape() as tape:
                outputs = network(given, training=True)
                loss = tf.reduce_sum(outputs * tiny.images(*outputs.shape))
            return [outputs, *tape.gradient(loss, variables)]

        found.append(step())
    scale = max(np.abs(tensor).max() for tensor in found[0])
    for theirs, ours in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12 * scale)


def test_encoder_blocks_and_decoder_are_recomputed():
    kinds = [type(layer).__name__ for layer in BUILDERS["2D"](recompute=True).layers]
    assert kinds == ["InputLayer", "PadToMultiple", *["Recomputed"] * 3, "CropLike"]
    encoder, *residual, decoder = BUILDERS["2D"](recompute=True).layers[2:-1]
    assert [block.residual for block in (encoder, *residual, decoder)] == [False, True, False]
    assert [type(layer).__name__ for layer in residual[0].inner_layers] == [
        "Conv2D",
        "InstanceNormalization",
        "Activation",
        "Conv2D",
        "InstanceNormalization",
    ]


def test_nothing_is_recomputed_by_default():
    for build in BUILDERS.values():
        assert not any(isinstance(layer, Recomputed) for layer in build().layers)


def test_an_optimizer_finds_the_variables_in_the_same_order():
    plain, again = both("spectral, resize", "float32")
    shapes = [[tuple(v.shape) for v in network.trainable_variables] for network in (plain, again)]
    assert shapes[0] == shapes[1]
