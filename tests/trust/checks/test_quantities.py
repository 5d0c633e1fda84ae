import heads
import numpy as np
import pytest

from gan_mri.trust.checks.looks import Look
from gan_mri.trust.checks.quantities import QUANTITIES, meaningful, measured
from gan_mri.trust.checks.quantity import Quantity


def test_a_range_is_widened_by_the_margin_or_by_half_of_itself():
    factor = Quantity("x", "", True, 1.5, "", "")
    assert factor.widened(2.0, 3.0) == pytest.approx((2 / 1.5 - 0.005, 4.5 + 0.005))
    assert factor.widened(1.0, 16.0) == pytest.approx((0.25 - 0.005, 64.005))
    assert factor.widened(0.0, 0.0) == (-0.005, 0.005)
    difference = Quantity("x", "", False, 0.2, "", "")
    assert difference.widened(1.0, 1.0) == pytest.approx((0.8, 1.2))
    assert difference.widened(1.0, 3.0) == pytest.approx((0.0, 4.0))


def test_every_quantity_can_be_told_of():
    for name, about in QUANTITIES.items():
        assert about.title and about.margin > (1 if about.ratio else 0), name
        assert about.too_low or about.too_high, name
        # Findings put the advice into a sentence of its own.
        assert not any(advice.endswith(".") for advice in (about.too_low, about.too_high) if advice)


def test_values_are_medians_over_slices():
    mask = np.zeros((60, 60), bool)
    mask[10:50, 20:40] = True
    rng = np.random.default_rng(0)
    looks = []
    for level in (0.2, 0.5, 0.9):
        image = np.where(mask, level, 0) + 0.001 * rng.standard_normal(mask.shape)
        looks.append(Look(image.astype(np.float32), mask, (2.0, 3.0), "axial"))
    found = measured(looks)
    assert found["percentile_50"] == pytest.approx(0.5, abs=0.01)
    assert (found["length"], found["width"]) == (80, 60)
    assert found["aspect"] == pytest.approx(80 / 60)
    assert found["foreground"] == pytest.approx(800 / 3600)
    assert set(found) <= set(QUANTITIES)


def test_pictures_have_no_millimetres_and_other_planes_no_front():
    mask = np.hypot(*np.mgrid[-1:1:60j, -1:1:60j]) < 0.8
    image = np.where(mask, np.random.default_rng(0).uniform(0.3, 0.9, mask.shape), 0)
    picture, coronal = Look(image, mask), Look(image, mask, (1.0, 1.0), "coronal")
    assert "length" not in measured([picture]) and "front" in measured([picture])
    assert "length" in measured([coronal]) and "front" not in measured([coronal])


def test_what_tells_nothing_of_such_images_is_left_out():
    ranges = {"dark_ring": [0.9, 1.0], "depth_border": [1, 1], "depth_cortex": [1, 1]}
    assert set(meaningful(ranges)) == {"dark_ring", "depth_border"}
    assert set(meaningful(ranges | {"dark_ring": [0.2, 0.5]})) == {"dark_ring", "depth_cortex"}
    assert meaningful({}) == {}


def test_contrasts_are_told_apart():
    """Heads that are bright and dark in the middle."""
    values = []
    for bright in (True, False):
        array = heads.head(bright_middle=bright)[:, ::-1, 40].T / 1000
        values.append(measured([Look(array, array > 0.05, (2.5, 2.5), "axial")]))
    assert values[0]["depth_border"] > 1.3 * values[1]["depth_border"]
    assert values[0]["skewness"] < values[1]["skewness"] - 0.2
