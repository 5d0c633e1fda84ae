import math

import numpy as np
import pytest
from scipy.ndimage import correlate1d
from scipy.stats import entropy, rankdata
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from gan_mri.errors import GanMriError
from gan_mri.metrics import (
    displacement,
    diversity,
    mae,
    mutual_information,
    psnr,
    rank_correlation,
    relative_absolute_error,
    sharpness,
    ssim,
    z_score,
)

SHAPES = [(24, 31), (24, 31, 1), (24, 31, 3), (13, 14, 15), (13, 14, 15, 3)]


def pair(shape, seed=0, dtype="float32"):
    rng = np.random.default_rng(seed)
    reference = rng.uniform(-1, 1, shape)
    image = np.clip(reference + 0.3 * rng.standard_normal(shape), -1, 1)
    return reference.astype(dtype), image.astype(dtype)


def mask_of(shape, seed=1):
    spatial = shape[:-1] if shape[-1] in (1, 3) else shape
    return np.random.default_rng(seed).random(spatial) < 0.4


def ssim_map(x, y, data_range):
    """Wang et al. 2004, equation 13, one channel, written out with SciPy."""
    taps = np.exp(-0.5 * (np.arange(-5, 6) / 1.5) ** 2)
    taps /= taps.sum()

    def mean(values):
        for axis in range(values.ndim):
            values = correlate1d(values, taps, axis=axis, mode="reflect")
        return values

    x, y = x.astype("float64"), y.astype("float64")
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    mx, my = mean(x), mean(y)
    vx, vy = mean(x * x) - mx**2, mean(y * y) - my**2
    covariance = mean(x * y) - mx * my
    return ((2 * mx * my + c1) * (2 * covariance + c2)) / ((mx**2 + my**2 + c1) * (vx + vy + c2))


@pytest.mark.parametrize("shape", SHAPES)
def test_without_mask_they_agree_with_numpy_and_scikit_image(shape):
    a, b = pair(shape)
    a64, b64 = a.astype("float64"), b.astype("float64")
    assert mae(a, b) == pytest.approx(np.abs(a64 - b64).mean(), abs=1e-12)
    expected = peak_signal_noise_ratio(a64, b64, data_range=2)
    assert psnr(a, b, data_range=2) == pytest.approx(expected, abs=1e-6)
    expected = structural_similarity(
        a64,
        b64,
        data_range=2,
        channel_axis=-1 if shape[-1] in (1, 3) else None,
        gaussian_weights=True,
        use_sample_covariance=False,
    )
    assert ssim(a, b, data_range=2) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("shape", SHAPES)
def test_with_a_mask_they_average_over_its_pixels(shape):
    (a, b), mask = pair(shape), mask_of(shape)
    error = (a.astype("float64") - b)[mask]
    assert mae(a, b, mask=mask) == pytest.approx(np.abs(error).mean(), abs=1e-12)
    expected = 10 * np.log10(4 / np.mean(error**2))
    assert psnr(a, b, data_range=2, mask=mask) == pytest.approx(expected, abs=1e-6)
    # Channels to the front: a list of grey images, of one where there is no channel.
    channels = [np.moveaxis(x.reshape(*mask.shape, -1), -1, 0) for x in (a, b)]
    expected = np.mean([ssim_map(x, y, 2)[mask] for x, y in zip(*channels)])
    assert ssim(a, b, data_range=2, mask=mask) == pytest.approx(expected, abs=1e-6)


def test_unmasked_ssim_is_the_map_without_its_border():
    a, b = pair((30, 40))
    expected = ssim_map(a, b, 2)[5:-5, 5:-5].mean()
    assert ssim(a, b, data_range=2) == pytest.approx(expected, abs=1e-6)


def test_errors_outside_the_mask_do_not_count_for_mae_and_psnr():
    a = np.zeros((12, 12))
    b = a.copy()
    b[:, 6:] = 1.0
    mask = np.zeros((12, 12), bool)
    mask[:, :6] = True
    assert mae(a, b, mask=mask) == 0.0
    assert psnr(a, b, data_range=2, mask=mask) == math.inf
    assert mae(a, b, mask=~mask) == 1.0


@pytest.mark.parametrize("value", [-1.0, 0.0, 0.7])
def test_equal_images_even_constant_ones(value):
    a = np.full((16, 16, 1), value, "float32")
    assert mae(a, a) == 0.0
    assert psnr(a, a, data_range=2) == math.inf
    assert ssim(a, a, data_range=2) == pytest.approx(1.0, abs=1e-12)


def test_two_constants_have_the_ssim_of_their_means():
    a, b, c1 = np.full((16, 16), 0.5), np.full((16, 16), 0.25), (0.01 * 2) ** 2
    expected = (2 * 0.5 * 0.25 + c1) / (0.5**2 + 0.25**2 + c1)
    assert ssim(a, b, data_range=2) == pytest.approx(expected, abs=1e-9)
    assert psnr(a, b, data_range=2) == pytest.approx(10 * math.log10(4 / 0.0625))


def test_eight_bit_arrays_do_not_wrap_around():
    a, b = np.full((16, 16), 10, "uint8"), np.full((16, 16), 20, "uint8")
    assert mae(a, b) == 10.0
    assert psnr(a, b, data_range=255) == pytest.approx(20 * math.log10(25.5))


def test_float32_far_from_zero_keeps_its_digits():
    a, b = pair((32, 32), dtype="float64")
    shifted = ssim(a + 4096, b + 4096, data_range=4096)
    expected = ssim_map(a + 4096, b + 4096, 4096)[5:-5, 5:-5].mean()
    assert shifted == pytest.approx(expected, abs=1e-9)


def test_results_are_plain_floats():
    a, b = pair((16, 16))
    values = [mae(a, b), psnr(a, b, data_range=2), ssim(a, b, data_range=2)]
    assert [type(value) for value in values] == [float] * 3


@pytest.mark.parametrize("shape", SHAPES)
def test_z_score_takes_mean_and_deviation_of_the_mask(shape):
    image, mask = pair(shape)[0].astype("float64"), mask_of(shape)
    expected = (image - image.mean()) / np.sqrt(np.mean((image - image.mean()) ** 2))
    np.testing.assert_allclose(z_score(image), expected, atol=1e-10)
    counted = image[mask]
    expected = (image - counted.mean()) / np.sqrt(np.mean((counted - counted.mean()) ** 2))
    np.testing.assert_allclose(z_score(image, mask=mask), expected, atol=1e-10)
    assert z_score(image.astype("float32")).dtype == np.float64


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("masked", [False, True])
def test_mutual_information_is_the_sum_of_entropies_less_the_joint_one(shape, masked):
    (a, b), mask = pair(shape), mask_of(shape)
    x, y = (image[mask].ravel() if masked else image.ravel() for image in (a, b))
    # Bins by hand: equal, from the smallest to the largest, the last one closed.
    binned = []
    for values in (x.astype("float64"), y.astype("float64")):
        scaled = (values - values.min()) / (values.max() - values.min())
        binned.append(np.minimum((scaled * 16).astype(int), 15))
    counts = [np.unique(c, return_counts=True)[1] for c in (*binned, binned[0] * 16 + binned[1])]
    expected = entropy(counts[0]) + entropy(counts[1]) - entropy(counts[2])
    found = mutual_information(a, b, bins=16, mask=mask if masked else None)
    assert found == pytest.approx(expected, abs=1e-6)


def test_mutual_information_ignores_linear_scaling_and_knows_its_bounds():
    a, b = pair((40, 50), dtype="float64")
    found = mutual_information(a, b, bins=32)
    assert mutual_information(z_score(a), 300 - 8 * b, bins=32) == pytest.approx(found, abs=1e-9)
    levels = np.tile(np.arange(8.0), (8, 1))
    assert mutual_information(levels, -levels, bins=8) == pytest.approx(math.log(8))
    assert mutual_information(levels, levels.T, bins=8) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("bins", [1, 0, -4, 2.5, None])
def test_bad_bins_are_refused(bins):
    with pytest.raises(GanMriError, match="'bins'.*from 2"):
        mutual_information(*pair((16, 16)), bins=bins)


@pytest.mark.parametrize("shape", SHAPES)
def test_rank_correlation_is_pearson_of_mean_ranks(shape):
    (a, b), mask = (np.round(image, 1) for image in pair(shape)), mask_of(shape)
    expected = np.corrcoef(rankdata(a), rankdata(b))[0, 1]
    assert rank_correlation(a, b) == pytest.approx(expected, abs=1e-6)
    expected = np.corrcoef(rankdata(a[mask]), rankdata(b[mask]))[0, 1]
    assert rank_correlation(a, b, mask=mask) == pytest.approx(expected, abs=1e-6)
    assert rank_correlation(a, np.exp(-3 * a)) == pytest.approx(-1)


@pytest.mark.parametrize("shape", SHAPES)
def test_sharpness_is_the_mean_length_of_the_gradient(shape):
    image, mask = pair(shape)[0].astype("float64"), mask_of(shape)
    channels = image.reshape(*mask.shape, -1)
    squares = np.zeros_like(channels)
    for axis in range(mask.ndim):
        moved = np.moveaxis(channels, axis, 0)
        slope = np.empty_like(moved)
        slope[1:-1] = (moved[2:] - moved[:-2]) / 2
        slope[0], slope[-1] = moved[1] - moved[0], moved[-1] - moved[-2]
        squares += np.moveaxis(slope, 0, axis) ** 2
    assert sharpness(image) == pytest.approx(np.sqrt(squares).mean(), abs=1e-6)
    assert sharpness(image, mask=mask) == pytest.approx(np.sqrt(squares)[mask].mean(), abs=1e-6)


def test_sharpness_of_ramps_and_thin_images():
    rows, columns = np.mgrid[:12, :9]
    assert sharpness(3 * rows + 4 * columns) == pytest.approx(5)
    assert sharpness(np.full((12, 9), 0.3)) == 0
    with pytest.raises(GanMriError, match="at least 2 pixels"):
        sharpness(np.zeros((1, 9)))


def test_diversity_is_the_mean_error_between_any_two():
    images = np.stack([pair((8, 9, 1), seed)[0] for seed in range(5)])
    expected = np.mean([mae(images[i], images[j]) for i in range(5) for j in range(i)])
    assert diversity(images) == pytest.approx(expected, abs=1e-6)
    assert diversity(np.stack([images[0]] * 3)) == 0


@pytest.mark.parametrize("shape", [(), (1, 8, 8, 1), (3,), (3, 0)])
def test_diversity_needs_two_images(shape):
    with pytest.raises(GanMriError, match="at least two images"):
        diversity(np.zeros(shape))


def test_diversity_refuses_values_that_are_not_finite():
    images = np.zeros((3, 4, 4, 1))
    images[1, 2, 2] = np.nan
    with pytest.raises(GanMriError, match="'images'.*1 of 48 values"):
        diversity(images)


@pytest.mark.parametrize("shape", SHAPES)
def test_relative_absolute_error_divides_by_no_less_than_the_floor(shape):
    a, b = (image.astype("float64") for image in pair(shape))
    a.flat[0], b.flat[0] = 0.0, 0.3
    found = relative_absolute_error(a, b, floor=0.1)
    expected = np.abs(a - b) / np.where(np.abs(a) > 0.1, np.abs(a), 0.1)
    np.testing.assert_allclose(found, expected, atol=1e-12)
    assert found.shape == shape and found.flat[0] == pytest.approx(3)


@pytest.mark.parametrize("floor", [0, -1, np.nan, np.inf, None])
def test_bad_floors_are_refused(floor):
    with pytest.raises(GanMriError, match="'floor'"):
        relative_absolute_error(*pair((16, 16)), floor=floor)


@pytest.mark.parametrize(
    "metric, name",
    [
        (lambda a, b, **kw: z_score(b, **kw), "image"),
        (lambda a, b, **kw: mutual_information(a, b, bins=8, **kw), "image"),
        (lambda a, b, **kw: mutual_information(b, a, bins=8, **kw), "reference"),
        (rank_correlation, "image"),
        (lambda a, b, **kw: rank_correlation(b, a, **kw), "reference"),
    ],
)
def test_constant_images_are_refused_where_nothing_can_be_said(metric, name):
    a, b = pair((16, 16))
    with pytest.raises(GanMriError, match=f"'{name}' to vary.*256 values that are all 0.25"):
        metric(a, np.full((16, 16), 0.25))
    # Constant within the mask is constant.
    mask = np.zeros((16, 16), bool)
    mask[:3] = True
    b[:3] = 0.25
    with pytest.raises(GanMriError, match=f"'{name}' to vary.*48 values"):
        metric(a, b, mask=mask)


@pytest.mark.parametrize("metric", [z_score, sharpness])
def test_measures_of_one_image_check_it_like_the_others(metric):
    image = pair((16, 16, 1))[0]
    with pytest.raises(GanMriError, match="Received: shape"):
        metric(np.zeros(16))
    with pytest.raises(GanMriError, match="at least one True"):
        metric(image, mask=np.zeros((16, 16), bool))
    image[2, 2] = np.nan
    with pytest.raises(GanMriError, match="'image'.*1 of 256 values"):
        metric(image)


METRICS = [
    mae,
    lambda *args, **kw: psnr(*args, data_range=2, **kw),
    lambda *args, **kw: ssim(*args, data_range=2, **kw),
    lambda *args, **kw: mutual_information(*args, bins=8, **kw),
    rank_correlation,
]
#: Those that give a map take no mask.
UNMASKED = [*METRICS, lambda *args: relative_absolute_error(*args, floor=0.1)]


@pytest.mark.parametrize("metric", UNMASKED)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_refused(metric, bad):
    a, b = pair((16, 16))
    b[3, 4] = bad
    with pytest.raises(GanMriError, match="'image'.*1 of 256 values"):
        metric(a, b)
    with pytest.raises(GanMriError, match="'reference'.*1 of 256 values"):
        metric(b, a)


@pytest.mark.parametrize("metric", UNMASKED)
def test_different_shapes_are_refused(metric):
    a = np.zeros((16, 16))
    with pytest.raises(GanMriError, match=r"\(16, 16\), image \(16, 16, 1\)"):
        metric(a, a[..., None])


@pytest.mark.parametrize("metric", UNMASKED)
@pytest.mark.parametrize("shape", [(), (16,), (16, 0), (2, 16, 16, 16), (1,) * 5])
def test_other_shapes_are_refused(metric, shape):
    with pytest.raises(GanMriError, match="Received: shape"):
        metric(np.zeros(shape), np.zeros(shape))


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(
    "mask, message",
    [
        (np.zeros((16, 16), bool), "at least one True"),
        (np.ones((16, 15), bool), r"shape \(16, 15\)"),
        (np.ones((16, 16, 1), bool), r"shape \(16, 16, 1\)"),
        (np.ones((16, 16)), "dtype float64"),
    ],
)
def test_bad_masks_are_refused(metric, mask, message):
    a, b = pair((16, 16, 1))
    with pytest.raises(GanMriError, match=message):
        metric(a, b, mask=mask)


@pytest.mark.parametrize("metric", [psnr, ssim])
@pytest.mark.parametrize("data_range", [0, -1.0, np.nan, np.inf, None, "2"])
def test_bad_data_ranges_are_refused(metric, data_range):
    a, b = pair((16, 16))
    with pytest.raises(GanMriError, match="data_range"):
        metric(a, b, data_range=data_range)


@pytest.mark.parametrize("metric", [psnr, ssim])
def test_the_data_range_has_no_default(metric):
    a, b = pair((16, 16))
    with pytest.raises(TypeError, match="data_range"):
        metric(a, b)


@pytest.mark.parametrize("shape", [(10, 64), (64, 10, 3), (32, 32, 10)])
def test_ssim_of_an_image_smaller_than_its_window_is_refused(shape):
    with pytest.raises(GanMriError, match="at least 11 pixels"):
        ssim(np.zeros(shape), np.zeros(shape), data_range=2)


@pytest.mark.parametrize("dtype", ["complex64", "U1", object])
def test_values_that_are_no_real_numbers_are_refused(dtype):
    with pytest.raises(GanMriError, match="real numbers in 'reference'"):
        mae(np.zeros((16, 16), dtype), np.zeros((16, 16)))


@pytest.mark.parametrize("shape", [(40, 33), (40, 33, 1), (40, 33, 3), (20, 21, 22)])
def test_displacement_finds_how_far_an_image_was_rolled(shape):
    rng = np.random.default_rng(1)
    axes = tuple(range(2 if shape[-1] in (1, 3) or len(shape) == 2 else 3))
    moved = (3, -2, 1)[: len(axes)]
    image = np.zeros(shape)
    image[tuple(slice(6, 14) for _ in axes)] = rng.uniform(
        0.5, 1, (8,) * len(axes) + shape[len(axes) :]
    )
    # Another contrast of the same anatomy: the edges are what both share.
    other = np.roll(1 - image, moved, axis=axes)
    assert displacement(image, other) == pytest.approx(moved, abs=0.15)
    assert displacement(image, image) == (0.0,) * len(axes)


def test_a_constant_image_has_no_displacement():
    assert displacement(np.ones((20, 20)), pair((20, 20))[0]) == (0.0, 0.0)
