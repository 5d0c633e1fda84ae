import numpy as np
import pretended
import pytest
from scipy.ndimage import gaussian_filter
from skimage.metrics import peak_signal_noise_ratio

from gan_mri.errors import GanMriError
from gan_mri.evaluation.cases import Case, Real
from gan_mri.evaluation.measures import (
    METRICS,
    PROTOCOL_METRICS,
    against_truth,
    conventions,
    is_cycle,
    measure,
    measure_real,
    z_scored_output,
)

WAYS = pretended.WAYS


@pytest.fixture
def images():
    rng = np.random.default_rng(4)
    return [rng.uniform(-1, 1, (20, 18, 1)).astype("float32") for _ in range(4)]


@pytest.fixture
def mask():
    return np.random.default_rng(5).random((20, 18)) < 0.5


def test_metrics_against_the_truth_follow_their_conventions(images, mask):
    truth, image = (one.astype("float64") for one in images[:2])
    found = against_truth(*images[:2], mask)
    real, made = ((x - x.mean()) / np.sqrt(((x - x.mean()) ** 2).mean()) for x in (truth, image))
    assert found["mae_z"] == pytest.approx(np.abs(real - made).mean(), abs=1e-6)
    expected = peak_signal_noise_ratio(real, made, data_range=real.max() - real.min())
    assert found["psnr_z"] == pytest.approx(expected, abs=1e-6)
    assert found["mae"] == pytest.approx(np.abs(truth - image)[mask].mean(), abs=1e-6)
    expected = 10 * np.log10(4 / ((truth - image)[mask] ** 2).mean())
    assert found["psnr"] == pytest.approx(expected, abs=1e-6)
    joint = np.histogram2d(truth.ravel(), image.ravel(), bins=64)[0] / truth.size
    entropies = [-(p[p > 0] * np.log(p[p > 0])).sum() for p in (joint.sum(0), joint.sum(1), joint)]
    expected = entropies[0] + entropies[1] - entropies[2]
    assert found["mi_z"] == pytest.approx(expected, abs=1e-6)


def similarity_map(truth, image):
    """SSIM of Wang et al. 2004, equation 13, in every pixel, for a data range of 2."""

    def smooth(x):  # 11 taps
        return gaussian_filter(x, 1.5, truncate=3.5, mode="reflect")

    mean, other = smooth(truth), smooth(image)
    variance, other_variance = smooth(truth**2) - mean**2, smooth(image**2) - other**2
    covariance = smooth(truth * image) - mean * other
    c1, c2 = (0.01 * 2) ** 2, (0.03 * 2) ** 2
    return ((2 * mean * other + c1) * (2 * covariance + c2)) / (
        (mean**2 + other**2 + c1) * (variance + other_variance + c2)
    )


def test_ssim_of_the_foreground_and_of_the_whole_image(images, mask):
    truth, image = images[0], 0.5 * (images[0] + images[1])
    found = against_truth(truth, image, mask)
    expected = similarity_map(*(one[..., 0].astype("float64") for one in (truth, image)))
    assert found["ssim"] == pytest.approx(expected[mask].mean(), abs=1e-6)
    assert found["ssim_image"] == pytest.approx(expected[5:-5, 5:-5].mean(), abs=1e-6)
    assert abs(found["ssim"] - found["ssim_image"]) > 1e-3


def test_a_perfect_translation_is_perfect(images):
    found = against_truth(images[0], images[0], None)
    assert found["mae_z"] == found["mae"] == 0
    assert found["psnr_z"] == found["psnr"] == np.inf
    assert found["ssim"] == pytest.approx(1)
    assert found["ssim_image"] == pytest.approx(1)


def test_a_paired_case_gives_a_row_of_translation_and_one_of_cycle(images, mask):
    source, truth, translation, cycled = images
    own = np.random.default_rng(6).random((20, 18)) < 0.5
    case = Case("B2A", "sub-1", "sub-1 slice 3", {"B": source}, truth, mask, own)
    rows = measure(case, translation, cycled, WAYS["B2A"])
    assert [(row["direction"], row["contrast"]) for row in rows] == [
        ("B2A", "T1w"),
        ("B2A2B", "T2w"),
    ]
    assert all((row["subject"], row["image"]) == ("sub-1", "sub-1 slice 3") for row in rows)
    assert set(rows[0]) | set(rows[1]) >= set(METRICS) - set(PROTOCOL_METRICS)
    assert rows[1]["cycle_mae"] == pytest.approx(np.abs(source - cycled)[own].mean(), abs=1e-6)
    assert rows[0]["sharpness"] != rows[0]["sharpness_real"]


def test_an_unpaired_case_has_no_truth_but_real_sharpness_of_its_own_contrast(images):
    source, _, translation, cycled = images
    case = Case("A2B", "a", "a", {"A": source}, None, None, None)
    rows = measure(case, translation, cycled, WAYS["A2B"])
    named = {(row["direction"], row["contrast"]): set(row) & set(METRICS) for row in rows}
    assert named == {
        ("A2B", "T2w"): {"sharpness"},
        ("B2A", "T1w"): {"sharpness_real"},
        ("A2B2A", "T1w"): {"cycle_mae", "cycle_ssim"},
    }


def test_a_collapsed_translation_is_measured_as_zeros(images):
    constant = np.full((20, 18, 1), -1.0, "float32")
    np.testing.assert_array_equal(z_scored_output(constant), np.zeros((20, 18, 1)))
    found = against_truth(images[0], constant, None)
    real = images[0].astype("float64")
    expected = np.abs(real - real.mean()).mean() / real.std()
    assert found["mae_z"] == pytest.approx(expected, abs=1e-6)
    assert found["mi_z"] == 0


def test_a_translation_that_is_not_finite_is_refused(images):
    broken = images[1].copy()
    broken[2, 3] = np.nan
    with pytest.raises(GanMriError, match="1 of 360 values"):
        case = Case("A2B", "a", "a", {"A": images[0]}, images[2], None, None)
        measure(case, broken, broken, WAYS["A2B"])
    with pytest.raises(GanMriError, match="1 of 360 values"):
        z_scored_output(broken)


def test_every_convention_says_mask_and_averaging():
    own = [item for item in METRICS.items() if item[0] not in PROTOCOL_METRICS]
    assert len(own) == 11
    for metric, (_, _, _, text) in own:
        assert "mean over the images of a subject, then over subjects" in text
        assert "foreground" in text or "all pixels" in text
        assert "data range" in text or not ("psnr" in metric or "ssim" in metric)
        assert "foreground of the source" in text or not is_cycle(metric)


def test_volumes_are_measured_whole_and_it_is_said():
    found = conventions({"ssim", "mae"}, 3)
    assert list(found) == ["mae", "ssim"]
    assert all(text.startswith("over the whole volume (voxels") for text in found.values())
    assert conventions({"mae"}, 2) == {"mae": METRICS["mae"][3]}


def test_without_a_way_back_there_is_one_row(images, mask):
    source, truth, translation, _ = images
    way = WAYS["A2B"]._replace(back=None, sources={"A": "T1w", "C": "PDw"})
    sources = {"A": source, "C": source}
    (row,) = measure(Case("A2B", "s", "s", sources, truth, mask, mask), translation, None, way)
    assert (row["direction"], row["contrast"]) == ("A2B", "T2w")
    (row,) = measure(Case("A2B", "s", "s", sources, None, mask, mask), translation, None, way)
    assert set(row) & set(METRICS) == {"sharpness"}
    row = measure_real(Real("A2B", "s", "s 1", truth, mask), way)
    assert (row["direction"], row["contrast"], row["image"]) == ("A2B", "T2w", "s 1")
    assert set(row) & set(METRICS) == {"sharpness_real"}
