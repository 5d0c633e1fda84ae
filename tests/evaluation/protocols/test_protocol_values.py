"""Every protocol's values against its definition, written out in float64 with NumPy and SciPy."""

import numpy as np
import pytest
import volumes_on_disk
from scipy.ndimage import binary_fill_holes, convolve1d
from scipy.signal import fftconvolve
from scipy.stats import pearsonr
from skimage.metrics import normalized_mutual_information as skimage_nmi

from gan_mri.errors import GanMriError
from gan_mri.evaluation.assembly import Assembled
from gan_mri.evaluation.protocols import PROTOCOLS
from gan_mri.evaluation.protocols.synthrad import outline

SHAPE = (26, 30, 22)


def pair_of(make, noise, seed=0, shape=SHAPE):
    """A real volume and a blurred, brighter, noisy version of it, in its own units."""
    real = make(seed, shape).astype("float64")
    low, high = real.min(), np.percentile(real, 99.5)
    rng = np.random.default_rng(seed + 1)
    made = convolve1d(real, [0.2, 0.6, 0.2], axis=0) + noise * rng.standard_normal(shape)
    mask = real > low + 0.05 * (high - low)
    return real, np.clip(made, low, high), mask, (low, high)


def whole(real, made, mask, window):
    low, high = window
    scaled = [np.clip(2 * (x - low) / (high - low) - 1, -1, 1) for x in (real, made)]
    return Assembled("A2B", "sub-1", "sub-1", real, scaled[0], made, scaled[1], mask)


def gaussian_means(volume):
    taps = np.exp(-0.5 * (np.arange(-5, 6) / 1.5) ** 2)
    for axis in range(volume.ndim):
        volume = convolve1d(volume, taps / taps.sum(), axis=axis, mode="reflect")
    return volume


def ssim_map(x, y, data_range):
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    mx, my = gaussian_means(x), gaussian_means(y)
    vx, vy = gaussian_means(x * x) - mx**2, gaussian_means(y * y) - my**2
    vxy = gaussian_means(x * y) - mx * my
    return ((2 * mx * my + c1) * (2 * vxy + c2)) / ((mx**2 + my**2 + c1) * (vx + vy + c2))


def psnr(x, y, mask, data_range):
    return 10 * np.log10(data_range**2 / np.mean((x - y)[mask] ** 2))


def slopes(volume):
    return np.sqrt(sum(part**2 for part in np.gradient(volume)))


def common(x, y, mask):
    """What all protocols on volumes measure besides, displacement aside."""
    inside = x[mask], y[mask]
    edges = slopes(x)[mask], slopes(y)[mask]
    return {
        "nmi": skimage_nmi(*inside, bins=64),
        "pearson": pearsonr(*inside)[0],
        "blur_ratio": edges[1].mean() / edges[0].mean(),
        "edge_agreement": pearsonr(*edges)[0],
    }


def brasyn_reference(real, made, mask):
    low, high = np.percentile(real, [0.5, 99.5])
    x, y = (np.clip((one - low) / (high - low), 0, 1) for one in (real, made))
    values = {"psnr": psnr(x, y, mask, 1), "ssim": ssim_map(x, y, 1)[mask].mean()}
    return values | common(x, y, mask)


def synthrad_reference(real, made, mask):
    """As the challenge: mask, clip, shift, pad to 97, five levels with luminance at every one."""
    x, y = (np.where(mask, one, -1024) for one in (real, made))
    values = {"mae_hu": np.abs(x - y)[mask].sum() / mask.sum()}
    x, y = np.clip(x, -1024, 3000), np.clip(y, -1024, 3000)
    values["psnr"] = psnr(x, y, mask, 4024)
    values |= common(x, y, mask)
    x, y = x + 1024, y + 1024
    pads = [((97 - n) // 2, 97 - n - (97 - n) // 2) if n < 97 else (0, 0) for n in x.shape]
    x, y, mask = (np.pad(one, pads, mode="edge") for one in (x, y, mask))
    product = 1.0
    for weight in (0.0448, 0.2856, 0.3001, 0.2363, 0.1333):
        product *= (similarity_of_boxes(x, y) ** weight)[inner(mask)].mean()
        eighth = np.ones((2, 2, 2)) / 8
        x, y = (fftconvolve(one, eighth, mode="same")[::2, ::2, ::2] for one in (x, y))
        mask = mask[::2, ::2, ::2]
    return values | {"ms_ssim": product}


def inner(mask):
    kept = np.zeros_like(mask)
    kept[3:-3, 3:-3, 3:-3] = mask[3:-3, 3:-3, 3:-3]
    return kept


def similarity_of_boxes(x, y):
    def mean(one):
        box = np.ones((7, 7, 7)) / 343
        return fftconvolve(np.pad(one, 3, mode="symmetric"), box, mode="valid")

    mx, my = mean(x), mean(y)
    vx, vy, vxy = ((343 / 342) * m for m in (
        mean(x * x) - mx**2, mean(y * y) - my**2, mean(x * y) - mx * my))  # fmt: skip
    c1, c2 = (0.01 * 4024) ** 2, (0.03 * 4024) ** 2
    sx, sy = np.sqrt(np.clip(vx, 0, None)), np.sqrt(np.clip(vy, 0, None))
    luminance = (2 * mx * my + c1) / (mx**2 + my**2 + c1)
    contrast = (2 * sx * sy + c2) / (vx + vy + c2)
    structure = (vxy + c2 / 2) / (sx * sy + c2 / 2)
    return np.prod([np.clip(one, 0, None) for one in (luminance, contrast, structure)], axis=0)


def worst_difference(name, found, expected):
    assert set(expected) <= set(found)
    differences = {key: abs(found[key] - expected[key]) for key in expected}
    print(f"\n{name}: worst difference {max(differences.values()):.2e} of {differences}")
    return max(differences.values())


def test_brasyn_is_its_definition():
    pair = pair_of(volumes_on_disk.head, 40)
    found = PROTOCOLS["brasyn"].measure(whole(*pair))
    assert worst_difference("brasyn", found, brasyn_reference(*pair[:3])) < 1e-9
    assert set(found) == set(PROTOCOLS["brasyn"].metrics)


def test_synthrad_is_its_definition():
    pair = pair_of(volumes_on_disk.ct, 60)
    real, made, mask, window = pair
    real[12:14, 12:14, 10:12] = 5000  # metal: counts in the MAE, clipped elsewhere
    mask[:2, :2, :2] = True  # a speck beside the head, no part of the outline
    mask[12:15, 13:16, 9:12] = False  # a hole, which is
    found = PROTOCOLS["synthrad"].measure(whole(real, made, mask, window))
    filled = binary_fill_holes(mask)
    filled[:2, :2, :2] = False
    np.testing.assert_array_equal(outline(mask), filled)
    expected = synthrad_reference(real, made, filled)
    assert worst_difference("synthrad", found, expected) < 1e-8
    assert set(found) == set(PROTOCOLS["synthrad"].metrics)
    assert 0.5 < found["ms_ssim"] < 0.999


def test_foreground_is_its_definition():
    real, made, mask, window = pair_of(volumes_on_disk.head, 40)
    one = whole(real, made, mask, window)
    found = PROTOCOLS["foreground"].measure(one)
    x, y = one.real_scaled, one.made_scaled
    ssim = ssim_map(x, y, 2)[mask].mean()
    halves = [
        (z[:26, :30, :22].reshape(13, 2, 15, 2, 11, 2)).mean(axis=(1, 3, 5)) for z in (x, y, mask)
    ]
    # Two levels fit into 22 voxels: contrast and structure, then all of it.
    mx, my = gaussian_means(x), gaussian_means(y)
    first = ssim_map(x, y, 2) / ((2 * mx * my + 0.0004) / (mx**2 + my**2 + 0.0004))
    second = np.average(ssim_map(*halves[:2], 2), weights=halves[2])
    weights = np.array([0.0448, 0.2856]) / 0.3304
    expected = {
        "mae": np.abs(x - y)[mask].mean(),
        "psnr": psnr(x, y, mask, 2),
        "ssim": ssim,
        "ms_ssim": first[mask].mean() ** weights[0] * second ** weights[1],
        **common(x, y, mask),
    }
    assert worst_difference("foreground", found, expected) < 1e-9
    assert set(found) == set(PROTOCOLS["foreground"].metrics)


def test_displacement_is_that_of_a_moved_head():
    real, _, mask, window = pair_of(volumes_on_disk.head, 0)
    moved = np.roll(real, (2, -1, 2), axis=(0, 1, 2))
    found = PROTOCOLS["brasyn"].measure(whole(real, moved, mask, window))
    assert found["displacement"] == pytest.approx(3.0, abs=0.1)


def test_a_constant_translation_tells_nothing():
    real, _, mask, window = pair_of(volumes_on_disk.head, 0)
    found = PROTOCOLS["brasyn"].measure(whole(real, np.zeros(SHAPE), mask, window))
    assert (found["nmi"], found["pearson"], found["edge_agreement"]) == (1, 0, 0)
    assert (found["blur_ratio"], found["displacement"]) == (0, 0)


def test_an_image_of_two_percentiles_in_one_place_is_refused():
    real = np.zeros(SHAPE)
    real[0, 0, :5] = 3
    with pytest.raises(GanMriError, match="sub-1.*percentile differ. Received: 0 and 0"):
        PROTOCOLS["brasyn"].measure(whole(real, real, real > 1, (0, 3)))
