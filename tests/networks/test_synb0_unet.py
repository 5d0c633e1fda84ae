import keras
import numpy as np
import pytest
import tensorflow as tf
import tiny

from gan_mri.backend import tf_variables
from gan_mri.errors import GanMriError
from gan_mri.inference.volumes import apply_exactly
from gan_mri.networks.inputs import input_names
from gan_mri.networks.synb0_unet import synb0_unet


@pytest.fixture(autouse=True)
def seed():
    keras.utils.set_random_seed(1)


def parameters(rank, filters=32, levels=4):
    """Kernels of the published network, and one bias a convolution, which it has at 1x1 only."""
    widths = [(2, filters, 2 * filters)] + [
        (filters * 2**k, filters * 2**k, filters * 2 ** (k + 1)) for k in range(1, levels)
    ]
    count = sum(3**rank * (a * b + b * c) + b + c for a, b, c in widths)
    bottom = widths[-1][2]
    count += bottom * bottom + bottom
    for width in (c for _, _, c in widths[-2::-1]):
        above = 2 * width
        count += 2**rank * above * above + above
        count += 3**rank * ((above + width) * width + width * width) + 2 * width
    return count + 2 * filters + 1 + 2


@pytest.mark.parametrize("rank", [2, 3])
def test_parameters_are_those_of_the_published_network(rank):
    shape = (*[None] * rank, 1)
    weights = synb0_unet(shape).trainable_weights
    assert sum(int(np.prod(w.shape)) for w in weights) == parameters(rank)
    small = synb0_unet(shape, filters=3, levels=3).trainable_weights
    assert sum(int(np.prod(w.shape)) for w in small) == parameters(rank, 3, 3)
    # As the recipe's docstring says.
    assert parameters(3) == 19_332_515 and parameters(2) == 7_080_227


def test_inputs_are_called_as_the_sources():
    model = synb0_unet((None, None, 2), sources=("a", "b", "c"), output_channels=1, filters=1)
    assert input_names(model) == ["a", "b", "c"]
    images = [tiny.images(2, 17, 22, 2, seed=k, dtype="float32") for k in range(3)]
    made = model(images).numpy()
    assert made.shape == (2, 17, 22, 1) and np.abs(made).max() <= 1
    # Each of them counts.
    for k in range(3):
        others = [image if i != k else image[::-1] for i, image in enumerate(images)]
        assert np.abs(model(others).numpy() - made).max() > 1e-4


def test_layers_in_their_order():
    """Down, bottom and up as the paper draws it; the map is halved three times by its maximum."""
    model = synb0_unet((16, 24, 1))
    widths = [
        layer.filters if hasattr(layer, "filters") else 0
        for layer in model.layers
        if "conv" in type(layer).__name__.lower() or "Pooling" in type(layer).__name__
    ]
    down = [32, 64, 0, 64, 128, 0, 128, 256, 0, 256, 512, 512]
    assert widths == down + [512, 256, 256, 256, 128, 128, 128, 64, 64, 1, 1]
    slopes = {layer.negative_slope for layer in model.layers if hasattr(layer, "negative_slope")}
    assert slopes == {0.01}


def test_normalisation_learns_nothing_and_ends_before_the_last_convolution():
    model = synb0_unet((16, 16, 1), filters=2, levels=2)
    norms = [one for one in model.layers if type(one).__name__ == "InstanceNormalization"]
    assert all(not one.trainable_weights for one in norms)
    last = norms[-1]
    inputs = [tiny.images(3, 16, 16, 1, seed=k, dtype="float32") for k in range(2)]
    inner = keras.Model(model.inputs, last.output)(inputs).numpy()
    assert inner.shape == (3, 16, 16, 1)
    np.testing.assert_allclose(inner.mean(axis=(1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(inner.std(axis=(1, 2)), 1, atol=1e-3)
    (kernel,), (bias,) = (np.ravel(w) for w in model.layers[-4].get_weights())
    assert 0.5 <= kernel <= 1
    expected = np.tanh(kernel * np.where(inner > 0, inner, 0.01 * inner) + bias - 2)
    np.testing.assert_allclose(model(inputs), expected, atol=1e-6)


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [
        ((17, 22, 1), "bfloat16"),
        ((17, 22, 1), "float64"),
        ((9, 10, 12, 1), "float32"),
        ((9, 10, 12, 1), "bfloat16"),
    ],
)
def test_any_size_learns_in_any_precision(shape, dtype):
    wide = "float64" if dtype == "float64" else "float32"
    model = synb0_unet((*[None] * (len(shape) - 1), 1), filters=2, dtype=dtype)
    images = [tiny.images(1, *shape, seed=k, dtype=wide) for k in range(2)]
    with tf.GradientTape() as tape:
        made = model(images, training=True)
        loss = tf.reduce_mean(tf.square(made - images[0]))
    assert made.shape == (1, *shape) and made.dtype == wide
    variables = tf_variables(model.trainable_variables)
    gradients = tape.gradient(loss, variables)
    assert all(np.isfinite(gradient).all() for gradient in gradients)


def test_a_volume_in_slabs_is_that_of_one_pass():
    model = synb0_unet((None, None, None, 1), filters=2, levels=3)
    images = {
        name: tiny.images(21, 10, 11, 1, seed=k, dtype="float32")
        for k, name in enumerate(("T1w", "distorted"))
    }
    whole = model([image[None] for image in images.values()])[0]
    np.testing.assert_allclose(apply_exactly(model, images), whole, rtol=0, atol=1e-4)


def test_files_keep_what_is_fixed(tmp_path):
    model = synb0_unet((16, 16, 1), filters=1, levels=2)
    model.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras", safe_mode=True)
    assert len(loaded.trainable_weights) == len(model.trainable_weights)
    images = [tiny.images(1, 16, 16, 1, seed=k, dtype="float32") for k in range(2)]
    np.testing.assert_array_equal(loaded(images), model(images))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"sources": ("T1w",)}, "sources: expected two"),
        ({"sources": ("a", "a")}, "sources: .*different"),
        ({"levels": 0}, "levels: expected from 1"),
        ({"dtype": "float64"}, "dtype: expected float32"),
        ({"levels": 5, "input_shape": (16, 40, 1)}, "levels: expected from 1 to 4"),
    ],
)
def test_what_is_refused(options, words):
    with pytest.raises(GanMriError, match=words):
        synb0_unet(**options)


def test_convolutions_between_the_smallest_maps_are_never_of_16_bits():
    model = synb0_unet((8, 16, 16, 1), filters=2, levels=3, dtype="bfloat16")
    found = {}
    for layer in model.layers:
        if type(layer).__name__ == "Conv3D" and layer.kernel_size == (3, 3, 3):
            found.setdefault(layer.output.shape[1], set()).add(layer.compute_dtype)
    assert found == {8: {"bfloat16"}, 4: {"bfloat16"}, 2: {"float32"}}
