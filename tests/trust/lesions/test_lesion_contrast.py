import numpy as np
import pytest
from scipy.stats import median_abs_deviation

from gan_mri.trust.lesions.components import components
from gan_mri.trust.lesions.contrast import Thresholds, differences

SHAPE, SIZES = (30, 30, 30), (2.0, 2.0, 2.0)
AFFINE = np.diag([2.0, 2, 2, 1])


def ball(center, radius):
    grids = np.indices(SHAPE)
    return sum((g - c) ** 2 for g, c in zip(grids, center)) <= radius**2


HEAD = ball((15, 15, 15), 13)


def test_a_constant_lesion_in_constant_tissue_has_its_step_over_the_floor():
    lesion = ball((15, 15, 15), 3)
    real, synthetic = np.where(lesion, 0.7, 0.1), np.where(lesion, 0.0, 0.2)
    (one,) = components(lesion, AFFINE)
    found = differences(one, [real, synthetic], lesion, HEAD, SIZES)
    assert found.values == pytest.approx((0.6, -0.2))
    assert found.contrasts == pytest.approx((30, -10))  # over 0.02, a hundredth of [-1, 1]


def test_the_surroundings_are_a_shell_without_air_and_other_lesions():
    rng = np.random.default_rng(0)
    real, synthetic = rng.normal(0, 0.1, SHAPE), rng.normal(0, 0.02, SHAPE)
    first, second = ball((9, 15, 15), 3), ball((16, 15, 15), 2)
    lesions = first | second
    one = components(lesions, AFFINE)[0]
    real[first] += 1
    found = differences(one, [real, synthetic], lesions, HEAD, SIZES)
    # By brute force: 2 mm away from the nearest voxel of the lesion, and at most 5 mm.
    places = np.argwhere(first)
    distances = np.full(SHAPE, np.inf)
    for place in np.argwhere(HEAD & ~lesions):
        distances[tuple(place)] = 2 * np.sqrt(((places - place) ** 2).sum(axis=1).min())
    shell = (distances > 2) & (distances <= 5)
    expected = [image[first].mean() - np.median(image[shell]) for image in (real, synthetic)]
    assert found.values == pytest.approx(expected)
    deviation = median_abs_deviation(real[shell], scale="normal")
    assert found.deviation == pytest.approx(deviation, rel=1e-9)
    assert found.contrasts[1] == pytest.approx(expected[1] / deviation)


def test_a_ventricle_beside_a_lesion_does_not_hide_it():
    lesion = ball((15, 15, 15), 3)
    real = np.random.default_rng(1).normal(0, 0.05, SHAPE) + 0.5 * lesion
    clear = differences(components(lesion, AFFINE)[0], [real], lesion, HEAD, SIZES)
    real[:, :, 19:] = 1.5  # a quarter of its surroundings
    beside = differences(components(lesion, AFFINE)[0], [real], lesion, HEAD, SIZES)
    assert clear.contrasts[0] == pytest.approx(10, rel=0.1)
    assert beside.contrasts[0] > 6


def test_a_lesion_among_lesions_gets_a_thicker_shell_or_none():
    lesion, others = ball((15, 15, 15), 2), ball((15, 15, 15), 6) & ~ball((15, 15, 15), 3)
    real = np.where(others, 5.0, np.where(lesion, 1.0, 0.0))
    one = components(lesion, AFFINE)[0]
    # Nothing within 5 mm but the next voxel and other lesions; beyond them there is tissue.
    assert differences(one, [real], lesion | others, HEAD, SIZES).values == pytest.approx((1,))
    assert differences(one, [real], lesion, lesion, SIZES) is None


@pytest.mark.parametrize(
    "real, synthetic, verdict",
    [
        (4, 4, "kept"), (4, 2, "kept"), (4, 1.99, "faded"), (4, 0.8, "faded"), (4, 0.79, "lost"),
        (4, -4, "lost"), (-4, -4, "kept"), (-4, 1, "lost"), (0.99, 5, "unseen"),
        (None, None, "unseen"),
    ],
)  # fmt: skip
def test_verdicts_follow_the_share_of_the_real_contrast(real, synthetic, verdict):
    assert Thresholds().verdict(real, synthetic) == verdict


def test_thresholds_can_be_moved():
    strict = Thresholds(kept=0.9, lost=0.6, seen=3)
    assert [strict.verdict(4, x) for x in (3.6, 2.4, 2.3)] == ["kept", "faded", "lost"]
    assert strict.verdict(2.9, 2.9) == "unseen"
