"""The measures of `benchmarks/harmonization.py`, against SciPy and the phantom."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import binary_dilation
from scipy.spatial.distance import dice as dissimilarity

from gan_mri.data.images.scaling import IntensityScaling
from gan_mri.synthetic.brain import phantom, tissues

_FOLDER = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture(scope="module")
def benchmark():
    spec = importlib.util.spec_from_file_location(
        "harmonization_benchmark", _FOLDER / "harmonization.py"
    )
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(_FOLDER))
        spec.loader.exec_module(module)
        patch.setattr(module, "IMAGE_SIZE", (32, 28))
        yield module


def test_classes_hold_the_brain(benchmark):
    truth, head = benchmark.truths(["sub-003", "sub-001"])
    made = phantom([2, 0], contrasts=("T1w",), shape=(32, 28))
    for classes, inside, brain in zip(truth, head, made):
        np.testing.assert_array_equal(classes == 1, brain.labels == tissues.CSF)
        np.testing.assert_array_equal(classes == 2, brain.labels == tissues.GRAY)
        np.testing.assert_array_equal(classes == 3, brain.labels == tissues.WHITE)
        np.testing.assert_array_equal(classes == 4, brain.labels >= tissues.CAUDATE)
        np.testing.assert_array_equal(classes > 0, brain.labels >= tissues.CSF)
        np.testing.assert_array_equal(inside, brain.labels != tissues.AIR)


def test_dice_of_every_image_and_class(benchmark):
    rng = np.random.default_rng(0)
    truth, found = rng.integers(0, 5, (2, 3, 12, 11))
    scores = benchmark.dice(truth, found)
    assert scores.shape == (3, 4)
    for row, (true, seen) in enumerate(zip(truth, found)):
        for k in range(1, 5):
            expected = 1 - dissimilarity((true == k).ravel(), (seen == k).ravel())
            assert scores[row, k - 1] == pytest.approx(expected)


def test_matching_gives_the_quantiles_of_all_references(benchmark):
    rng = np.random.default_rng(1)
    images, references = rng.normal(size=(2, 40, 40, 1)) ** 3, rng.uniform(-1, 1, (5, 40, 40, 1))
    made = benchmark.matched(images, references)
    assert made.shape == images.shape
    q = np.linspace(0.02, 0.98, 25)
    for before, after in zip(images, made):
        np.testing.assert_allclose(np.quantile(after, q), np.quantile(references, q), atol=0.01)
        order = np.argsort(before.ravel())
        assert (np.diff(after.ravel()[order]) >= 0).all()


def test_a_further_scan_shows_the_same_head_with_other_noise(benchmark):
    name, scaling = "T1w-scanner2", IntensityScaling.from_text("window:0:2000")
    (made,) = phantom([1], contrasts=(name,), shape=(32, 28))
    first, again = (
        benchmark.scanned_again(["sub-002"], name, scaling, session)[0, ..., 0]
        for session in (0, 1)
    )
    np.testing.assert_allclose(first, np.clip(made.images[name] / 1000 - 1, -1, 1), atol=1e-6)
    head = made.labels != tissues.AIR
    air = ~binary_dilation(head, iterations=2)
    # Two Rayleigh distributions of 40, in units of 1000, that know nothing of each other.
    assert np.std((again - first)[air]) == pytest.approx(0.04 * np.sqrt(4 - np.pi), rel=0.15)
    assert np.corrcoef(again[head], first[head])[0, 1] > 0.7


def test_distances_count_in_the_head_alone(benchmark):
    rng = np.random.default_rng(2)
    truth, head = rng.uniform(-1, 1, (20, 20)), np.zeros((20, 20), bool)
    head[5:15, 4:16] = True
    image = np.where(head, truth + 0.1, -truth)
    mae, psnr, ssim = benchmark.distances(truth, image, head)
    assert mae == pytest.approx(0.1) and psnr == pytest.approx(20 * np.log10(2 / 0.1))
    assert 0 < ssim < 1
