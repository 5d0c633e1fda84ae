import numpy as np
import pytest

from gan_mri.synthetic.knees.leg import ROUND, Leg


@pytest.fixture(scope="module")
def legs():
    return [Leg(np.random.default_rng(n)) for n in range(40)]


def circumference(leg, z):
    """Around the tube at height z, by the sides of a polygon."""
    places, table = leg.profiles(0.0)
    medial, lateral = (np.interp(z, places, table[name]) for name in ("medial", "lateral"))
    s = np.linspace(-1, 1, 2001)
    ahead = np.maximum(1 - np.abs(s) ** leg.boxiness, 0) ** (1 / leg.boxiness)
    x = np.where(s > 0, medial, lateral) * s
    y = leg.flatness * (medial + lateral) / 2 * ahead
    return 2 * np.hypot(np.diff(x), np.diff(y)).sum()


def test_girths_are_those_of_adults(legs):
    """Means of some 38, 38 and 48 cm at knee, calf and lower thigh, legs between 30 and 60 cm."""
    for z, low, high in ((0, 350, 410), (-125, 340, 420), (115, 430, 530)):
        girths = np.array([circumference(leg, z) for leg in legs])
        assert low < girths.mean() < high
        assert girths.min() > 270 and girths.max() < 640 and girths.std() > 10


def test_thigh_is_wider_than_knee_and_calf_than_below_the_knee(legs):
    widths = []
    for leg in legs:
        z, table = leg.profiles(0.0)
        widths.append(np.interp([130, 10, -125, -50], z, table["medial"] + table["lateral"]))
    thigh, knee, calf, below = np.transpose(widths)
    assert (thigh > knee).all() and calf.mean() > below.mean()


def test_patella_stands_out_and_hollows_lie_beside_it(legs):
    arc, z = np.array([0.0, 40.0, -40.0]), np.array([0.0, 4.0, 4.0])
    heights = np.array([leg.relief(arc, z) for leg in legs])
    assert (heights[:, 0] > 2).all() and heights[:, 0].std() > 0.3
    assert (heights[:, 0] > heights[:, 1:].max(axis=1) + 2).all()


def test_medial_vastus_bulges_on_the_medial_side(legs):
    heights = np.array(
        [leg.relief(np.array([44.0, -44.0]), np.array([55.0, 55.0])) for leg in legs]
    )
    assert heights[:, 0].mean() > heights[:, 1].mean() + 0.5


def test_far_from_the_knee_the_leg_is_smooth(legs):
    for leg in legs:
        arc = np.linspace(-ROUND * np.pi, ROUND * np.pi, 50)
        assert np.abs(leg.relief(arc, np.full(50, 330.0))).max() < 0.5
