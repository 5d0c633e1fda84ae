"""The scanners' signals from Bloch's equations, their slices, noise, and travelling subjects."""

import numpy as np
import pytest
from scipy import stats
from scipy.ndimage import binary_erosion

from gan_mri.synthetic.brain import CONTRASTS, SCANNERS, TISSUES, phantom, tissues
from gan_mri.synthetic.brain.contrasts import ideal
from gan_mri.synthetic.brain.grid import HeadGrid, grid
from gan_mri.synthetic.brain.scanner import acquire, coil, sample
from gan_mri.synthetic.brain.signal import spoiled_gradient_echo

ONE, TWO, THREE = SCANNERS
#: T1 and T2* in ms where a field of 1.5 T acts, of tissues that papers say something of.
AT_1_5 = {
    "white matter": (832 / 2**0.38, 1000 / (1000 / 56 + (1000 / 46 - 1000 / 56) / 2)),
    "grey matter": (1331 / 2**0.38, 1000 / (1000 / 69 + (1000 / 56 - 1000 / 69) / 2)),
    "csf": (4000, 1000 / (1000 / 1500 + (1000 / 500 - 1000 / 1500) / 2)),
    "fat": (343, 1000 / (1000 / 68 + (1000 / 30 - 1000 / 68) / 2)),
    "muscle": (1008, 1000 / (1000 / 50 + (1000 / 25 - 1000 / 50) / 2)),
}
BY_NAME = {tissue.name: tissue for tissue in TISSUES}


def recover(m, time, t1):
    """Free recovery of the longitudinal magnetisation, Bloch's equation in closed form."""
    return 1 + (m - 1) * np.exp(-time / t1)


def flash(t1, t2_star, density, tr, te, flip):
    """Pulse after pulse, until nothing changes."""
    m = 1.0
    for _ in range(5000):
        m = recover(m * np.cos(np.radians(flip)), tr, t1)
    return density * m * np.sin(np.radians(flip)) * np.exp(-te / t2_star)


def inversion_train(t1, t2_star, density):
    """Scanner 1: MPRAGE of 160 pulses of 8 degrees, the middle one read 1 s after inversion."""
    m = 1.0
    for _ in range(30):
        m = recover(-m, 1000 - 80 * 7.6, t1)
        for pulse in range(160):
            if pulse == 80:
                signal = m * np.sin(np.radians(8))
            m = recover(m * np.cos(np.radians(8)), 7.6, t1)
        m = recover(m, 2400 - 1000 - 80 * 7.6, t1)
    return density * abs(signal) * np.exp(-2.14 / t2_star)


def expected(contrast, name):
    tissue = BY_NAME[name]
    if contrast == ONE:
        return inversion_train(tissue.t1, tissue.t2_star, tissue.density)
    t1, t2_star = AT_1_5[name]
    if contrast == TWO:
        return flash(t1, t2_star, tissue.density, 22, 9.2, 30)
    return tissue.density * (1 - np.exp(-550 / t1)) * np.exp(-14 / tissue.t2)


def plain(contrast):
    """The signal of every tissue, without the variation within tissues."""
    codes = np.arange(len(TISSUES))
    values = ideal(contrast, codes, np.zeros(len(codes)), np.zeros((3, len(codes)), np.float32))
    return {tissue.name: float(value) for tissue, value in zip(TISSUES, values)}


@pytest.mark.parametrize("contrast", SCANNERS)
def test_signals_are_those_of_blochs_equations(contrast):
    values = plain(contrast)
    # The brightest tissue of the brain, white matter in every T1w image, is at 1000.
    assert values["white matter"] == pytest.approx(1000)
    white = expected(contrast, "white matter")
    for name in AT_1_5:
        wanted = 1000 * expected(contrast, name) / white
        assert values[name] == pytest.approx(wanted, rel=1e-4), name


@pytest.mark.parametrize("flip", [8.0, 30.0, 90.0])
def test_spoiled_gradient_echo_is_a_steady_state(flip):
    values = (900.0, 50.0, 0.7)
    found = spoiled_gradient_echo(*values, tr=20.0, te=5.0, flip=flip)
    assert found == pytest.approx(flash(*values, 20.0, 5.0, flip), rel=1e-9)


def test_scanners_differ_in_what_a_segmenter_goes_by():
    gray = [plain(contrast)["grey matter"] for contrast in SCANNERS]
    assert gray == sorted(gray) and gray[1] > gray[0] + 80 and gray[2] > gray[1] + 50
    assert set(SCANNERS) <= set(CONTRASTS)


@pytest.mark.parametrize("shape", [(64, 56), (24, 28, 26)])
def test_a_travelling_subject_is_one_anatomy(shape):
    """The same voxels, each with the signal that the scanner in question gives its tissue."""
    (made,) = phantom([4], contrasts=tuple(SCANNERS), shape=shape, noise=0, bias_field=0)
    inside = binary_erosion(made.labels == tissues.WHITE, iterations=2 if len(shape) == 2 else 1)
    assert inside.sum() > 20
    for contrast in SCANNERS:
        assert np.median(made.images[contrast][inside]) == pytest.approx(1000, rel=0.03)
    air = binary_erosion(made.labels == tissues.AIR, iterations=3, border_value=1)
    assert all(image[air].max() < 30 for image in made.images.values())
    (alone,) = phantom([4], contrasts=(TWO,), shape=shape)
    (beside,) = phantom([4], contrasts=("CT", THREE, TWO), shape=shape)
    np.testing.assert_array_equal(alone.images[TWO], beside.images[TWO])
    for other in (alone, beside):
        np.testing.assert_array_equal(other.labels, made.labels)


class Layers:
    """Fluid below a plane, white matter above it."""

    def __init__(self, z):
        self.z = z

    def at(self, points):
        codes = np.where(points[2] < self.z, tissues.CSF, tissues.WHITE).astype(np.uint8)
        return codes, np.zeros(len(codes), np.float32), np.zeros(points.shape, np.float32)


@pytest.mark.parametrize(("contrast", "thickness"), [(ONE, None), (TWO, 3.0), (THREE, 5.0)])
@pytest.mark.parametrize("below", [0.2, 0.7])
def test_slices_average_their_thickness(contrast, thickness, below):
    cells = grid((20, 24))
    middle = cells.affine[2, 3]
    edge = middle + (below - 0.5) * (thickness or 1.0)
    images, labels, _ = sample(Layers(edge), cells, [contrast, "T1w"])
    fluid, white = (plain(contrast)[name] for name in ("csf", "white matter"))
    share = below if thickness else float(edge > middle)
    samples = np.ceil(thickness / 1.2) if thickness else np.inf
    mixed = white + share * (fluid - white)
    np.testing.assert_allclose(images[contrast], mixed, atol=0.51 * (white - fluid) / samples)
    # What is no scanner's, and the labels, look at the middle.
    assert (labels == (tissues.CSF if edge > middle else tissues.WHITE)).all()
    assert len(np.unique(images["T1w"])) == 1 and list(images) == [contrast, "T1w"]


@pytest.mark.parametrize(
    ("contrast", "blur", "slices"), [(ONE, 0.9, 0.7), (TWO, 1.3, 3.0), (THREE, 1.1, 5.0)]
)
def test_slices_of_volumes_spread_along_their_thickness(contrast, blur, slices):
    cells = HeadGrid((41, 39, 41), np.diag([0.3, 0.3, 0.5, 1]), (0.3, 0.3, 0.5))
    point = np.zeros(cells.shape, np.float32)
    point[20, 19, 20] = 1e6
    options = {"seed": 0, "subject": 0, "noise": 0.0, "bias_field": 0.0}
    image = acquire(point, contrast, cells, **options).astype(float)
    gaussian = (blur / (2 * np.sqrt(2 * np.log(2)))) ** 2
    # The variance of a box is a twelfth of its squared width; a voxel is one already.
    for axis, more in enumerate((0, 0, (slices**2 - 0.5**2) / 12)):
        profile = image.sum(axis=tuple({0, 1, 2} - {axis})) / image.sum()
        place = cells.spacing[axis] * (np.arange(len(profile)) - len(profile) // 2)
        assert np.sum(profile * place**2) == pytest.approx(gaussian + more, rel=0.03)


@pytest.mark.parametrize(("contrast", "times"), [(ONE, 1.0), (TWO, 2.0), (THREE, 1.5)])
def test_noise_and_bias_field_are_multiples_of_what_is_asked_for(contrast, times):
    cells = grid((96, 80))
    flat = np.full(cells.shape, 60.0, np.float32)
    options = {"seed": 0, "subject": 0}
    noisy = acquire(flat, contrast, cells, noise=0.02, bias_field=0.0, **options)
    rice = stats.rice(60 / (20 * times), scale=20 * times)
    assert stats.kstest(noisy.ravel(), rice.cdf).pvalue > 1e-3
    uneven = acquire(flat, contrast, cells, noise=0.0, bias_field=0.1, **options)
    field = coil(cells, contrast, strength=0.1 * times, **options)
    np.testing.assert_allclose(uneven, 60 * field, rtol=1e-5)
