import numpy as np
import pytest
from scipy.ndimage import correlate1d
from skimage.color import deltaE_cie76, rgb2lab

from gan_mri.errors import GanMriError
from gan_mri.metrics import cie76, gradient_ssim, mean_lab


def picture(shape=(24, 30, 3), seed=0):
    """Smooth shapes with a little noise, in [-1, 1]."""
    rng = np.random.default_rng(seed)
    axes = [np.linspace(-1, 1, n) for n in shape[:-1]]
    radius = np.sqrt(sum(axis**2 for axis in np.meshgrid(*axes, indexing="ij")))
    disc = (radius < 0.7)[..., np.newaxis] * np.array([0.9, 0.5, 0.3])
    return np.clip(disc - 0.3 + 0.05 * rng.standard_normal(shape), -1, 1)


def patch(red, green, blue):
    """One sRGB colour of 8 bits, as an image in [-1, 1]."""
    return np.broadcast_to(np.array([red, green, blue]) / 127.5 - 1, (3, 4, 3))


# sRGB, D65, 2 degrees, from the definition (IEC 61966-2-1, CIE 15).
@pytest.mark.parametrize(
    "rgb, lab",
    [
        ((0, 0, 0), (0, 0, 0)),
        ((255, 255, 255), (100, 0, 0)),
        ((119, 119, 119), (50.03, 0, 0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 255, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
    ],
)
def test_known_colors(rgb, lab):
    np.testing.assert_allclose(mean_lab(patch(*rgb)), lab, atol=0.02)


def test_the_mean_is_taken_in_lab():
    image = np.concatenate([patch(0, 0, 0), patch(255, 255, 255)])
    assert mean_lab(image)[0] == pytest.approx(50, abs=0.01)  # mean of sRGB first: 53.4


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(24, 30, 3), (6, 7, 8, 3)])
def test_the_mean_agrees_with_scikit_image_within_a_mask(shape, dtype):
    image = picture(shape).astype(dtype)
    mask = np.random.default_rng(1).random(shape[:-1]) < 0.4
    lab = rgb2lab((image.astype("float64") + 1) / 2)
    np.testing.assert_allclose(mean_lab(image), lab.reshape(-1, 3).mean(axis=0), atol=1e-9)
    np.testing.assert_allclose(mean_lab(image, mask=mask), lab[mask].mean(axis=0), atol=1e-9)


def test_cie76_is_equation_8():
    first, second = np.random.default_rng(2).uniform(-100, 100, (2, 5, 3))
    expected = np.sqrt(((first - second) ** 2).sum(axis=1))
    np.testing.assert_allclose(cie76(first, second), expected)
    np.testing.assert_allclose(cie76(first, second), deltaE_cie76(first, second))
    single = cie76(first[0], second[0])
    assert isinstance(single, float) and single == pytest.approx(expected[0])
    assert cie76(first[:, np.newaxis], second).shape == (5, 5)
    assert cie76(mean_lab(patch(0, 0, 0)), mean_lab(patch(255, 255, 255))) == pytest.approx(
        100, abs=1e-2
    )


def weighted_ssim(x, y):
    """Written out with SciPy: Wang et al. 2004, equation 13, weighted by x."""
    taps = np.exp(-0.5 * (np.arange(-5, 6) / 1.5) ** 2)
    taps /= taps.sum()

    def mean(values):
        for axis in range(values.ndim):
            values = correlate1d(values, taps, axis=axis, mode="reflect")
        return values

    data_range = (x * x).sum() / x.sum()
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    mx, my = mean(x), mean(y)
    vx, vy = mean(x * x) - mx**2, mean(y * y) - my**2
    covariance = mean(x * y) - mx * my
    ssim = (2 * mx * my + c1) * (2 * covariance + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))
    return (ssim * x).sum() / x.sum()


@pytest.mark.parametrize("shape", [(24, 30, 3), (12, 13, 14, 3)])
def test_structure_agrees_with_its_formula(shape):
    source, image = picture(shape), picture(shape, seed=3)
    gradients = []
    for one in (source, image):
        parts = np.gradient(rgb2lab((one + 1) / 2)[..., 0])
        gradients.append(np.sqrt(np.square(parts).sum(axis=0)))
    expected = weighted_ssim(*gradients)
    assert 0.05 < expected < 0.95
    assert gradient_ssim(source, image) == pytest.approx(expected, abs=1e-9)


def test_a_flat_color_keeps_no_structure_and_the_source_all():
    source = picture()
    assert gradient_ssim(source, source) == pytest.approx(1)
    flat = np.broadcast_to(source.mean(axis=(0, 1)), source.shape)
    assert gradient_ssim(source, flat) < 0.01
    assert gradient_ssim(source, flat + 0.01 * (source - flat)) < 0.02


def test_a_smooth_source_on_a_plain_ground_does_not_excuse_flat_color():
    rows, columns = np.mgrid[-1:1:64j, -1:1:64j]
    height = np.sqrt(np.clip(1 - (rows / 0.9) ** 2 - (columns / 0.5) ** 2, 0, 1))
    source = np.repeat(height[..., np.newaxis] - 0.5, 3, axis=-1)
    assert gradient_ssim(source, np.zeros_like(source)) < 0.01


def test_another_hue_keeps_more_than_a_blur_and_a_shift():
    source = picture()
    tinted = (source + 1) * np.array([0.9, 0.8, 0.7]) - 1
    dark = (source + 1) * 0.6 - 1
    shifted = np.roll(source, 4, axis=1)
    scores = [gradient_ssim(source, one) for one in (tinted, dark, shifted)]
    assert scores[0] > 0.95 > scores[1] > 0.7 > 0.4 > scores[2]


def test_the_mask_says_where_structure_counts():
    source, mask = picture(), np.zeros((24, 30), bool)
    mask[:, :12] = True
    image = source.copy()
    image[:, 18:] = 0.0  # beyond the windows of the mask
    assert gradient_ssim(source, image, mask=mask) == pytest.approx(1)
    assert gradient_ssim(source, image) < 0.9


def test_rounding_beyond_the_range_is_no_error():
    image = picture()
    image[0, 0] = 1.00001
    np.testing.assert_allclose(mean_lab(image), mean_lab(np.clip(image, -1, 1)))


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda x: mean_lab(x[..., :1]), "'image' in RGB.*1 channel"),
        (lambda x: mean_lab(x[..., 0]), "'image' in RGB"),
        (lambda x: mean_lab(127.5 * (x + 1)), r"sRGB values in \[-1, 1\].*to \d"),
        (lambda x: mean_lab(x * np.nan), "finite"),
        (lambda x: mean_lab(x, mask=np.zeros((24, 30), bool)), "at least one True"),
        (lambda x: gradient_ssim(x, x[1:]), "same shape"),
        (lambda x: gradient_ssim(x[:10], x[:10]), "at least 11 pixels"),
        (lambda x: gradient_ssim(np.zeros_like(x), x), "'source' whose lightness varies"),
        (lambda x: gradient_ssim(x[..., :1], x[..., :1]), "'source' in RGB"),
        (lambda x: gradient_ssim(x, 2 * x - 3), "'image' to hold sRGB"),
        (lambda x: cie76([1.0, 2.0], [1.0, 2.0]), r"shapes \(2,\) and \(2,\)"),
        (lambda x: cie76(np.zeros((2, 3)), np.zeros((4, 3))), "broadcast"),
        (lambda x: cie76(3.0, [0.0, 0.0, 0.0]), r"shapes \(\) and"),
        (lambda x: cie76([np.inf, 0, 0], [0, 0, 0]), "finite"),
    ],
)
def test_refuses(call, message):
    with pytest.raises(GanMriError, match=message):
        call(picture())
