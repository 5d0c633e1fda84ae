"""Against the equations of paper 000, section 3.2, in NumPy and SciPy's float64."""

import math
import pathlib
import re
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from scipy.special import expit

from gan_mri.errors import GanMriError
from gan_mri.histogram import color_histogram, reference_color_histogram

SCRIPT = pathlib.Path(__file__).with_name("histogram_elsewhere.py")


def equations(images, bins, bandwidth, upstream, weights=None):
    """Equation 5, its mean over pixels, and the gradient given that of the bins."""
    images = np.asarray(images, np.float64)
    count, channels = images.shape[0], images.shape[-1]
    pixels = images.reshape(count, -1, channels, 1)
    weights = np.ones_like(pixels) if weights is None else weights.reshape(count, -1, 1, 1)
    weights = weights / weights.sum(1, keepdims=True)
    width = 2 / bins
    centers = -1 + width * (np.arange(bins) + 0.5)
    lower = (pixels - centers + width / 2) / bandwidth
    upper = (pixels - centers - width / 2) / bandwidth
    shares = expit(lower) - expit(upper)
    density = expit(lower) * expit(-lower) - expit(upper) * expit(-upper)
    slopes = (upstream[:, None] * weights * density / bandwidth).sum(-1)
    return (weights * shares).sum(1), slopes.reshape(images.shape)


def value_and_gradient(images, bins, bandwidth, upstream, **options):
    with tf.GradientTape() as tape:
        tape.watch(images)
        histogram = color_histogram(images, bins, bandwidth, **options)
    gradient = tape.gradient(histogram, images, tf.cast(upstream, histogram.dtype))
    return histogram, gradient


def random_images(*shape, dtype="float32", seed=0):
    """From well below -1 to well above 1."""
    values = np.random.default_rng(seed).uniform(-1.3, 1.3, shape)
    return tf.cast(tf.constant(values, tf.float64), dtype)


def random_upstream(images, bins):
    shape = (images.shape[0], images.shape[-1], bins)
    return np.random.default_rng(9).normal(size=shape)


def assert_as_the_equations(images, bins, bandwidth, mask=None, **options):
    upstream = random_upstream(images, bins)
    value, gradient = value_and_gradient(images, bins, bandwidth, upstream, mask=mask, **options)
    exact = equations(tf.cast(images, tf.float64), bins, bandwidth, upstream.astype("f4"), mask)
    assert value.dtype == tf.float32 and gradient.dtype == images.dtype
    np.testing.assert_allclose(value, exact[0], rtol=0, atol=1e-7)
    # bfloat16 rounds to 8 bits.
    rounding = 2.0**-8 if images.dtype == tf.bfloat16 else 0
    largest = np.abs(exact[1]).max()
    np.testing.assert_allclose(
        tf.cast(gradient, tf.float64), exact[1], rtol=rounding, atol=1e-6 * largest
    )


@pytest.mark.parametrize("widths", [0.1, 0.4, 1, 2])
@pytest.mark.parametrize("bins", [8, 37, 256, 512])
def test_value_and_gradient(bins, widths):
    images = random_images(2, 13, 11, 3)
    assert_as_the_equations(images, bins, widths * 2 / bins, compiled=False)


@pytest.mark.parametrize("widths", [1 / 64, 32])
def test_smallest_and_largest_bandwidth(widths):
    images = random_images(1, 9, 8, 1)
    assert_as_the_equations(images, 16, widths * 2 / 16, compiled=False)


@pytest.mark.parametrize(
    "bins, widths, dtype",
    [(32, 0.4, "float32"), (512, 0.1, "float32"), (100, 2, "bfloat16")],
)
def test_compiled(bins, widths, dtype):
    images = random_images(2, 13, 11, 3, dtype=dtype)
    assert_as_the_equations(images, bins, widths * 2 / bins)


@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (3, 7, 2), (2, 3, 4, 5, 2)])
def test_any_shape(shape):
    assert_as_the_equations(random_images(*shape), 16, 0.05, compiled=False)


@pytest.mark.parametrize("bins, widths", [(256, 0.4), (500, 0.1)])
def test_many_equal_pixels(bins, widths):
    """Where float32 sums drift and the rounding of one place counts for all."""
    values = np.float32([-1, 0.3, -1e-3, 1])
    images = tf.constant(np.broadcast_to(values, (1, 600, 700, 4)))
    value = color_histogram(images, bins, widths * 2 / bins, compiled=False)
    one = values.reshape(1, 1, 1, 4)
    exact, _ = equations(one, bins, widths * 2 / bins, np.zeros((1, 4, 1)))
    np.testing.assert_allclose(value, exact, rtol=0, atol=1e-7)


def test_float64():
    images = random_images(2, 8, 9, 2, dtype="float64")
    upstream = random_upstream(images, 64)
    value, gradient = value_and_gradient(images, 64, 0.02, upstream, compiled=False)
    exact = equations(images, 64, 0.02, upstream)
    assert value.dtype == gradient.dtype == tf.float64
    np.testing.assert_allclose(value, exact[0], rtol=0, atol=1e-14)
    np.testing.assert_allclose(gradient, exact[1], rtol=0, atol=1e-11)


def test_gradient_by_finite_differences():
    images = random_images(1, 2, 3, 2, dtype="float64")
    upstream = random_upstream(images, 16)
    _, gradient = value_and_gradient(images, 16, 0.05, upstream, compiled=False)
    for index in np.ndindex(*images.shape):
        step = np.zeros(images.shape)
        step[index] = 1e-5
        ends = [
            np.sum(upstream * color_histogram(end, 16, 0.05, compiled=False))
            for end in (images + step, images - step)
        ]
        slope = (ends[0] - ends[1]) / 2e-5
        np.testing.assert_allclose(gradient[index], slope, rtol=1e-6, atol=1e-7)


def test_density_beyond_the_ends_is_lost():
    values = tf.constant([[[-1.0], [1.0], [0.0], [5.0]]])
    images = tf.transpose(values, (1, 0, 2))[..., tf.newaxis, :]
    sums = tf.reduce_sum(color_histogram(images, 64, 0.01, compiled=False), -1)
    np.testing.assert_allclose(sums[:, 0], [0.5, 0.5, 1, 0], atol=1e-7)


def test_mask():
    images = random_images(2, 9, 8, 3)
    mask = np.random.default_rng(2).uniform(size=(2, 9, 8))
    half = mask > 0.5
    assert_as_the_equations(images, 32, 0.05, mask=mask, compiled=False)
    assert_as_the_equations(images, 32, 0.05, mask=half)
    # A mask is as good as the image of the pixels it leaves.
    alone = tf.boolean_mask(images[1], half[1])[tf.newaxis]
    np.testing.assert_allclose(
        color_histogram(images, 32, 0.05, mask=half, compiled=False)[1],
        color_histogram(alone, 32, 0.05, compiled=False)[0],
        atol=1e-7,
    )


def test_masked_pixels_may_be_nan_and_all_may_be_masked():
    images = random_images(2, 4, 5, 1).numpy()
    mask = np.ones((2, 4, 5), bool)
    mask[0, 1, 2] = False
    mask[1] = False
    with_nan = np.where(mask[..., None], images, np.nan)
    upstream = random_upstream(images, 8)
    for compiled in (True, False):
        value, gradient = value_and_gradient(
            tf.constant(with_nan), 8, 0.2, upstream, mask=mask, compiled=compiled
        )
        exact = equations(images[:1], 8, 0.2, upstream[:1], mask[:1].astype(float))
        np.testing.assert_allclose(value[:1], exact[0], atol=1e-7)
        np.testing.assert_allclose(gradient[:1], exact[1], atol=1e-6)
        assert not np.any(value[1]) and not np.any(gradient[1])


def test_nan_shows():
    images = np.zeros((2, 4, 4, 1), "float32")
    images[1, 2, 2] = np.nan
    for compiled in (True, False):
        sums = np.sum(color_histogram(images, 8, 0.1, compiled=compiled), -1)
        assert np.isfinite(sums[0]) and np.isnan(sums[1])


def test_free_sizes_in_a_graph():
    spec = tf.TensorSpec((None, None, None, 3), tf.float32)

    @tf.function(input_signature=[spec, tf.TensorSpec((None, 3, 16), tf.float32)])
    def both(images, upstream):
        return value_and_gradient(images, 16, 0.05, upstream)

    for shape in ((1, 6, 7, 3), (2, 5, 4, 3)):
        images = random_images(*shape)
        upstream = random_upstream(images, 16).astype("float32")
        value, gradient = both(images, upstream)
        exact = equations(images, 16, 0.05, upstream)
        np.testing.assert_allclose(value, exact[0], atol=1e-7)
        np.testing.assert_allclose(gradient, exact[1], atol=1e-6)


def test_memory_does_not_hold_pixels_times_bins():
    @tf.function(jit_compile=True)
    def gradient(images, upstream):
        return value_and_gradient(images, 512, 2 / 512 / 2.5, upstream)[1]

    pixels = 64 * 64
    arguments = tf.zeros((1, 64, 64, 1)), tf.zeros((1, 1, 512))
    program = gradient.experimental_get_compiler_ir(*arguments)("optimized_hlo")
    shapes = re.findall(r"[a-z]+\d+\[([\d,]+)\]", program)
    largest = max(math.prod(map(int, shape.split(","))) for shape in shapes)
    assert pixels <= largest <= 16 * pixels


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_reference(dtype):
    images = random_images(2, 7, 6, 3, dtype=dtype)
    mask = np.random.default_rng(2).uniform(size=(2, 7, 6))
    for weights in (None, mask):
        value = reference_color_histogram(images, 32, 0.05, mask=weights)
        exact, _ = equations(
            tf.cast(images, tf.float64), 32, 0.05, random_upstream(images, 32), weights
        )
        np.testing.assert_allclose(value, exact, rtol=0, atol=1e-6)


def test_replicas_and_a_saved_model_without_gan_mri(tmp_path):
    """In another process: the files of `export`, and two devices."""
    spec = tf.TensorSpec((None, None, None, 3), tf.float32)
    images = random_images(2, 5, 6, 3)
    upstream = random_upstream(images, 32)
    for name, compiled in (("compiled", True), ("plain", False)):
        module = tf.Module()
        module.histogram = tf.function(
            lambda images, compiled=compiled: color_histogram(images, 32, 0.05, compiled=compiled),
            input_signature=[spec],
        )
        tf.saved_model.save(module, str(tmp_path / name))
    np.savez(tmp_path / "given.npz", images=images, upstream=upstream)
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path)],
        cwd=SCRIPT.parents[2],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    value, gradient = equations(images, 32, 0.05, upstream)
    with np.load(tmp_path / "done.npz") as found:
        for name in ("compiled", "plain", "replicas"):
            np.testing.assert_allclose(found[name], value, atol=1e-7, err_msg=name)
        np.testing.assert_allclose(found["gradient"], gradient, atol=1e-6)


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"images": tf.zeros((1, 4, 4, 1), tf.uint8)}, "images must be .* uint8"),
        ({"images": tf.zeros((4, 4))}, r"images must be .* shape \(4, 4\)"),
        ({"bins": 1}, "bins must be .* Received: 1"),
        ({"bins": 8.5}, "bins must be .* Received: 8.5"),
        ({"bins": "many"}, "bins must be .* Received: 'many'"),
        ({"bandwidth": None}, "bandwidth must be .* Received: None"),
        ({"bandwidth": 0.0}, "bandwidth must be .* Received: 0.0"),
        ({"bandwidth": 100.0}, "bandwidth must be .* Received: 100.0"),
        ({"bandwidth": float("nan")}, "bandwidth must be .* Received: nan"),
        ({"mask": tf.ones((1, 4, 4, 1))}, r"mask must .* shape \(1, 4, 4, 1\)"),
        ({"mask": tf.ones((1, 4, 5))}, r"mask must .* shape \(1, 4, 5\)"),
    ],
)
@pytest.mark.parametrize("function", [color_histogram, reference_color_histogram])
def test_errors(function, changes, message):
    arguments = {"images": tf.zeros((1, 4, 4, 1)), "bins": 8, "bandwidth": 0.1, **changes}
    with pytest.raises(GanMriError, match=message):
        function(**arguments)
