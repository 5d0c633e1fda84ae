import numpy as np
import pytest
import slopes
import tensorflow as tf
import tiny
from scipy.ndimage import correlate1d
from skimage.metrics import structural_similarity

from gan_mri import losses
from gan_mri.errors import GanMriError
from gan_mri.metrics import ssim

SHAPES = [(2, 17, 24, 1), (2, 15, 16, 3), (1, 14, 13, 15, 1), (2, 12, 11, 13, 3)]


def similar(*shape, seed=0):
    """A smooth image and one like it, in [-1, 1]."""
    truth, noise = tiny.pair(*shape, seed=seed)
    for axis in range(1, len(shape) - 1):
        truth = correlate1d(truth, np.ones(5) / 5, axis=axis)
    truth = truth / np.abs(truth).max()
    return truth, np.clip(0.8 * truth + 0.3 * noise, -1, 1)


@pytest.mark.parametrize("shape", SHAPES)
def test_ssim_is_scikit_images(shape):
    truth, image = similar(*shape)
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    expected = [
        structural_similarity(one, two, data_range=2, channel_axis=-1, **options)
        for one, two in zip(truth, image)
    ]
    found = losses.structural_dissimilarity(truth, image)
    np.testing.assert_allclose(found, 1 - np.mean(expected), rtol=0, atol=1e-9)
    measured = np.mean([ssim(one, two, data_range=2) for one, two in zip(truth, image)])
    np.testing.assert_allclose(found, 1 - measured, rtol=0, atol=1e-9)
    single = losses.structural_dissimilarity(truth.astype("float32"), image.astype("float32"))
    np.testing.assert_allclose(single, 1 - np.mean(expected), rtol=0, atol=1e-6)


def window_mean(values):
    taps = np.exp(-0.5 * (np.arange(-5, 6) / 1.5) ** 2)
    taps /= taps.sum()
    for axis in range(values.ndim):
        values = correlate1d(values, taps, axis=axis)
    return values[(slice(5, -5),) * values.ndim]


def halved(values):
    """Means over blocks of 2 a side; an odd last plane is left out."""
    values = values[tuple(slice(0, length // 2 * 2) for length in values.shape)]
    for axis in range(values.ndim):
        pairs = values.reshape(*values.shape[:axis], -1, 2, *values.shape[axis + 1 :])
        values = pairs.mean(axis + 1)
    return values


def multiscale(x, y, weights):
    """Wang et al. 2003, equation 7, of one channel."""
    weights = np.array(weights) / np.sum(weights)
    c1, c2 = 0.02**2, 0.06**2
    result = 1
    for scale, weight in enumerate(weights, start=1):
        mx, my = window_mean(x), window_mean(y)
        vx, vy = window_mean(x * x) - mx**2, window_mean(y * y) - my**2
        values = (2 * (window_mean(x * y) - mx * my) + c2) / (vx + vy + c2)
        if scale == len(weights):
            values = values * (2 * mx * my + c1) / (mx**2 + my**2 + c1)
        result *= max(values.mean(), 1e-4) ** weight
        x, y = halved(x), halved(y)
    return result


WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)


@pytest.mark.parametrize(
    ("shape", "scales"),
    [
        ((1, 177, 180, 1), 5),
        ((1, 175, 176, 1), 4),
        ((2, 46, 45, 3), 3),
        ((1, 43, 50, 1), 2),
        ((1, 24, 22, 23, 2), 2),
        ((1, 11, 30, 31, 1), 1),
    ],
)
def test_ms_ssim(shape, scales):
    truth, image = similar(*shape)
    expected = [
        multiscale(truth[n, ..., channel], image[n, ..., channel], WEIGHTS[:scales])
        for n in range(shape[0])
        for channel in range(shape[-1])
    ]
    found = losses.multiscale_dissimilarity(truth, image)
    np.testing.assert_allclose(found, 1 - np.mean(expected), rtol=0, atol=1e-9)
    assert 0.01 < found < 0.9


def test_ms_ssim_is_tensorflows_where_sizes_are_even():
    truth, image = similar(2, 176, 192, 3)
    expected = tf.image.ssim_multiscale(
        tf.cast(truth, tf.float32), tf.cast(image, tf.float32), max_val=2
    )
    found = losses.multiscale_dissimilarity(truth, image)
    np.testing.assert_allclose(found, 1 - np.mean(expected), rtol=0, atol=1e-5)


def test_ms_ssim_of_an_inverted_image_is_at_its_floor():
    truth, _ = similar(1, 44, 44, 1)
    contrast = 0.4 * (truth - truth.mean())
    found = losses.multiscale_dissimilarity(0.5 + contrast, 0.5 - contrast)
    np.testing.assert_allclose(found, 1 - 1e-4, rtol=1e-9)


@pytest.mark.parametrize("shape", [(1, 13, 14, 3), (1, 12, 11, 13, 1)])
def test_gradients_of_ssim(shape):
    slopes.check(losses.structural_dissimilarity, *similar(*shape))


@pytest.mark.parametrize("shape", [(1, 46, 45, 1), (1, 22, 23, 24, 1)])
def test_gradients_of_ms_ssim(shape):
    slopes.check(losses.multiscale_dissimilarity, *similar(*shape), points=5)


def test_free_sizes():
    """SSIM takes them, MS-SSIM needs to know how many scales fit."""
    images = [tf.TensorSpec((None, None, None, 1), tf.float64)] * 2
    options = {"input_signature": images, "autograph": False}
    truth, image = similar(1, 15, 17, 1)
    found = tf.function(losses.structural_dissimilarity, **options)(truth, image)
    np.testing.assert_allclose(found, losses.structural_dissimilarity(truth, image), rtol=1e-12)
    with pytest.raises(GanMriError, match=r"ms_ssim: .* fixed size.*\(None, None\)"):
        tf.function(losses.multiscale_dissimilarity, **options)(truth, image)


@pytest.mark.parametrize("shape", [(1, 10, 20, 1), (1, 20, 20, 10, 1)])
def test_smaller_than_the_window(shape):
    for loss, name in (
        (losses.structural_dissimilarity, "ssim"),
        (losses.multiscale_dissimilarity, "ms_ssim"),
    ):
        with pytest.raises(GanMriError, match=rf"^{name}: expected images of at least 11"):
            loss(np.zeros(shape), np.zeros(shape))
