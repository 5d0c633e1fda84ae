import numpy as np
import pytest
import tensorflow as tf
from scipy.signal import fftconvolve
from skimage.metrics import structural_similarity

from gan_mri.errors import GanMriError
from gan_mri.metrics import ms_ssim, ms_ssim_boxed
from gan_mri.metrics.multiscale import WEIGHTS, levels_that_fit


def pair(shape, seed=0):
    rng = np.random.default_rng(seed)
    # Structure at every scale, so that every level has something to say.
    reference = sum(
        np.kron(rng.random([-(-n // s) for n in shape]), np.ones((s,) * len(shape)))[
            tuple(slice(n) for n in shape)
        ]
        for s in (1, 3, 8, 20)
    )
    reference = reference / reference.max()
    return reference, np.clip(0.8 * reference + 0.2 * rng.random(shape), 0, 1)


def test_slices_agree_with_tensorflow():
    a, b = pair((178, 190))
    batch = [tf.constant(one[np.newaxis, ..., np.newaxis], tf.float32) for one in (a, b)]
    # TensorFlow mirrors an odd last pixel where it is left out here: even sides at every level.
    even = [one[:, :176, :176] for one in batch]
    expected = float(tf.image.ssim_multiscale(*even, max_val=1.0)[0])
    assert ms_ssim(a[:176, :176], b[:176, :176], data_range=1) == pytest.approx(expected, abs=2e-6)
    colors = [np.stack([one, one, one], axis=-1)[:176, :176] for one in (a, b)]
    assert ms_ssim(*colors, data_range=1) == pytest.approx(expected, abs=2e-6)


def test_one_level_is_the_similarity_itself_in_slices_and_volumes():
    for shape in ((40, 44), (16, 18, 20)):
        a, b = pair(shape)
        expected = structural_similarity(
            a, b, data_range=1, gaussian_weights=True, use_sample_covariance=False
        )
        assert ms_ssim(a, b, data_range=1, levels=1) == pytest.approx(expected, abs=1e-9)


def halved(image, axes):
    shape = [part for n in image.shape for part in (n // 2, 2)]
    return image.reshape(shape).mean(axis=tuple(range(1, 2 * axes, 2)))


def test_volumes_are_multiplied_level_by_level():
    a, b = pair((48, 44, 52))
    mask = np.zeros(a.shape, bool)
    mask[8:40, 8:36, 8:44] = True
    share, product, pairs = mask.astype(float), 1.0, (a, b)
    for level in range(3):
        kwargs = {"gaussian_weights": True, "use_sample_covariance": False, "full": True}
        _, whole = structural_similarity(*pairs, data_range=1, **kwargs)
        found = whole
        if level < 2:  # without luminance: that of images of equal means everywhere
            means = [smoothed(one) for one in pairs]
            c1 = 0.01**2
            luminance = (2 * means[0] * means[1] + c1) / (means[0] ** 2 + means[1] ** 2 + c1)
            found = whole / luminance
        product *= ((found * share).sum() / share.sum()) ** (WEIGHTS[level] / sum(WEIGHTS[:3]))
        if level < 2:
            pairs, share = [halved(one, 3) for one in pairs], halved(share, 3)
    found = ms_ssim(a, b, data_range=1, mask=mask, levels=3)
    assert found == pytest.approx(product, abs=1e-9)


def smoothed(volume):
    taps = np.exp(-0.5 * (np.arange(-5, 6) / 1.5) ** 2)
    taps /= taps.sum()
    padded = np.pad(volume, 5, mode="symmetric")
    kernel = taps[:, None, None] * taps[:, None] * taps
    return fftconvolve(padded, kernel, mode="valid")


def test_equal_images_and_inverted_ones():
    a, _ = pair((176, 176))
    assert ms_ssim(a, a, data_range=1) == pytest.approx(1, abs=1e-12)
    assert ms_ssim(a, 1 - a, data_range=1) == 0.0  # structure is negative, and counts as none
    mask = np.ones(a.shape, bool)
    assert ms_ssim_boxed(a, a, data_range=1, mask=mask) == pytest.approx(1, abs=1e-12)


def test_levels_follow_the_smallest_side():
    assert [levels_that_fit((n, 500)) for n in (10, 11, 21, 22, 44, 88, 175, 176, 400)] == [
        0, 1, 1, 2, 3, 4, 4, 5, 5,
    ]  # fmt: skip


def test_what_is_too_small_or_not_asked_for_properly_is_refused():
    a, b = pair((60, 60))
    with pytest.raises(GanMriError, match="at least 176 pixels.*for 5 levels.*\\(60, 60\\)"):
        ms_ssim(a, b, data_range=1)
    with pytest.raises(GanMriError, match="'levels' from 1 to 5. Received: 6"):
        ms_ssim(a, b, data_range=1, levels=6)
    mask = np.ones(a.shape, bool)
    with pytest.raises(GanMriError, match="from 0 on.*values from -0.9"):
        ms_ssim_boxed(a - 1, b, data_range=1, mask=mask)
    with pytest.raises(GanMriError, match="mask none"):
        ms_ssim_boxed(a, b, data_range=1, mask=None)
    mask[:], mask[31, 31] = False, True
    with pytest.raises(GanMriError, match="wide enough for 5 levels"):
        ms_ssim_boxed(a, b, data_range=1, mask=mask)
