import numpy as np
import pytest
from scipy import stats

from gan_mri.synthetic.brain import tissues
from gan_mri.synthetic.brain.grid import FIELD_OF_VIEW, grid
from gan_mri.synthetic.brain.scanner import acquire, coil, sample

CELLS = grid((96, 80))


def scan(image, contrast, **options):
    return acquire(
        image,
        contrast,
        CELLS,
        **{"seed": 0, "subject": 0, "noise": 0.0, "bias_field": 0.0, **options},
    )


def flat(value):
    return np.full(CELLS.shape, value, np.float32)


@pytest.mark.parametrize("level", [0.0, 30.0, 500.0])
def test_noise_of_magnitude_images_is_rician(level):
    values = scan(flat(level), "T2w", noise=0.02).ravel()
    expected = stats.rice(level / 20, scale=20)
    assert stats.kstest(values, expected.cdf).pvalue > 1e-3
    assert values.mean() == pytest.approx(expected.mean(), rel=0.02)


@pytest.mark.parametrize(
    ("contrast", "value", "sigma"), [("CT", 40.0, 5.0), ("FA", 0.5, 0.02), ("PET", 7.0, 0.2)]
)
def test_noise_of_other_images_is_gaussian(contrast, value, sigma):
    values = scan(flat(value), contrast, noise=0.02, bias_field=0.5).ravel()
    assert stats.kstest(values, stats.norm(value, sigma).cdf).pvalue > 1e-3


def test_ranges_hold_under_strong_noise():
    assert (
        scan(flat(0.9), "FA", noise=1.0).max() <= 1 and scan(flat(0.1), "FA", noise=1.0).min() >= 0
    )
    assert scan(flat(0.0), "PET", noise=1.0).min() >= 0
    assert scan(flat(-1000.0), "CT", noise=1.0).min() >= -1024


def test_bias_field_is_smooth_and_within_its_bounds():
    for subject in range(10):
        field = coil(CELLS, "T1w", seed=0, subject=subject, strength=0.3)[..., 0]
        assert np.exp(-0.3) <= field.min() < field.max() <= np.exp(0.3)
        assert field.max() / field.min() > 1.1
        steps = np.diff(np.log(field), axis=0) / CELLS.spacing[0]
        assert (
            np.abs(steps).max() < 0.3 * 2 * np.pi / 260
        )  # the steepest slope of the shortest wave
        assert field[48, 40] == pytest.approx(1, abs=0.15)
    field = coil(CELLS, "T1w", seed=0, subject=0, strength=0.3)
    np.testing.assert_allclose(scan(flat(500.0), "T1w", bias_field=0.3), 500 * field, rtol=1e-5)
    np.testing.assert_array_equal(scan(flat(40.0), "CT", bias_field=0.3), 40)


def test_pet_is_blurred_to_six_millimetres():
    point = np.zeros(CELLS.shape, np.float32)
    point[48, 40] = 1000
    image = scan(point, "PET")[..., 0]
    assert image.sum() == pytest.approx(1000, rel=1e-3)
    x = np.arange(80) * CELLS.spacing[1]
    profile = image.sum(axis=0)
    spread = np.sqrt((profile * (x - 40 * CELLS.spacing[1]) ** 2).sum() / profile.sum())
    assert spread * 2.3548 == pytest.approx(6.0, rel=0.05)


@pytest.mark.parametrize("shape", [(64, 64), (64, 48), (33, 91), (64, 48, 40), (32, 40, 61)])
def test_grids_hold_the_head_in_the_middle(shape):
    cells = grid(shape)
    corners = np.array([[-0.5, n - 0.5] for n in cells.shape])
    low, high = (cells.affine @ [*corners[:, i], 1] for i in range(2))
    extent = np.abs(high - low)[:3]
    assert extent[0] >= FIELD_OF_VIEW[0] - 1e-6 and extent[1] >= FIELD_OF_VIEW[1] - 1e-6
    assert (low + high)[0] == pytest.approx(0, abs=1e-9) and (low + high)[1] / 2 == pytest.approx(
        -17
    )
    assert cells.spacing[0] == cells.spacing[1] <= cells.spacing[2]
    np.testing.assert_allclose(np.linalg.norm(cells.affine[:3, :3], axis=0), cells.spacing)
    assert np.linalg.det(cells.affine) > 0
    if len(shape) == 3:
        assert extent[2] >= FIELD_OF_VIEW[2] - 1e-6 and high[2] == pytest.approx(100)


def test_samples_fill_the_voxels_evenly():
    cells = grid((20, 24, 18))
    points = cells.points(slice(3, 5), (2, 3, 4)).reshape(3, 2, 2, 24, 3, 18, 4)
    indices = np.stack(np.meshgrid(np.arange(3, 5), np.arange(24), np.arange(18), indexing="ij"))
    centers = (
        np.einsum("ij,jabc->iabc", cells.affine[:3, :3], indices)
        + cells.affine[:3, 3, None, None, None]
    )
    np.testing.assert_allclose(points.mean(axis=(2, 4, 6)), centers, atol=1e-4)
    assert np.ptp(points[0], axis=1).max() == pytest.approx(cells.spacing[0] / 2, rel=1e-4)


class HalfSpace:
    """Fluid to the left of a plane, lesion to the right of it."""

    def __init__(self, x):
        self.x = x

    def at(self, points):
        codes = np.where(points[0] < self.x, tissues.CSF, tissues.LESION).astype(np.uint8)
        return codes, np.zeros(len(codes), np.float32), np.zeros(points.shape, np.float32)


@pytest.mark.parametrize("shape", [(64, 64), (20, 24, 18)])
@pytest.mark.parametrize("part", [0.0, 0.3, 0.6, 1.0])
def test_voxels_mix_the_tissues_in_them(shape, part):
    cells = grid(shape)
    column = 0 if len(shape) == 3 else 1  # the axis that runs from left to right
    edge = cells.affine[0, 3] + (9 - 0.5 + 1 - part) * cells.spacing[column]
    images, labels, lesions = sample(HalfSpace(edge), cells, ["CT"])
    fluid, lesion = (
        tissues.TISSUES[tissues.CSF].hounsfield,
        tissues.TISSUES[tissues.LESION].hounsfield,
    )
    samples = cells.factors()[column]
    values, codes, masks = (np.take(array, 9, column) for array in (images["CT"], labels, lesions))
    np.testing.assert_allclose(
        values, fluid + part * (lesion - fluid), atol=(lesion - fluid) * 0.51 / samples
    )
    assert (masks == (part >= 0.5)).all() and (
        codes == (tissues.LESION if part >= 0.5 else tissues.CSF)
    ).all()
    np.testing.assert_allclose(np.take(images["CT"], 8, column), fluid)
    np.testing.assert_allclose(np.take(images["CT"], 10, column), lesion)
