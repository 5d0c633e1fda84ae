"""The forward model of the field against what is known in closed form."""

import numpy as np
import pytest

from gan_mri.synthetic.brain import tissues
from gan_mri.synthetic.brain.anatomy import Anatomy
from gan_mri.synthetic.brain.susceptibility import SUSCEPTIBILITY, HeadField, dipole_field


def distances(shape, spacing, center):
    """Offsets in mm from `center`, three arrays."""
    axes = [(np.arange(n) - c) * s for n, c, s in zip(shape, center, spacing)]
    return np.meshgrid(*axes, indexing="ij")


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (1.0, 1.25, 0.8)])
def test_a_sphere_is_a_dipole_outside_and_nothing_inside(spacing):
    shape, chi, radius = (64, 54, 72), -9.41, 10.0
    center = [(n - 1) / 2 for n in shape]
    x, y, z = distances(shape, spacing, center)
    r = np.sqrt(x**2 + y**2 + z**2)
    field = dipole_field(chi * (r < radius), spacing)
    inside = r < radius - 3
    assert np.abs(field[inside]).max() < 0.06 * abs(chi) / 3
    outside = r > radius + 3
    expected = chi / 3 * (radius / r) ** 3 * (3 * (z / r) ** 2 - 1)
    # Steps of the surface, and copies of the sphere beyond the padding.
    np.testing.assert_allclose(field[outside], expected[outside], atol=0.04 * abs(chi) / 3)
    assert np.abs(expected[outside]).max() > 0.8 * abs(chi) / 3


def test_a_plate_across_the_field():
    """A prism's demagnetizing factor at its center, Aharoni 1998, is `2 / pi * arctan(...)`."""
    chi = np.zeros((64, 64, 64))
    chi[:, :, 31:33] = 1.0
    field = dipole_field(chi, (1.0, 1.0, 1.0))
    factor = 2 / np.pi * np.arctan(64**2 / (2 * np.sqrt(2 * 64**2 + 2**2)))
    # Copies of the plate, 128 apart, weigh a hundredth.
    assert field[32, 32, 31] == pytest.approx(1 / 3 - factor, abs=0.02)
    # Far above the plate there is little.
    assert abs(field[32, 32, 10]) < 0.06


def test_susceptibilities():
    assert SUSCEPTIBILITY[tissues.AIR] - SUSCEPTIBILITY[tissues.WHITE] == pytest.approx(9.41)
    assert len(SUSCEPTIBILITY) == len(tissues.TISSUES)


class Ball:
    """Brain in a sphere about the middle of the shimmed part, air about it."""

    def at(self, points):
        center = np.array([0.0, -17.0, 30.0])[:, None]
        inside = np.linalg.norm(points - center, axis=0) < 45
        codes = np.where(inside, tissues.WHITE, tissues.AIR).astype(np.uint8)
        return codes, np.zeros(len(codes), np.float32), np.zeros(points.shape, np.float32)


def test_a_shimmed_sphere_has_no_field_inside_and_the_dipoles_field_is_at_its_poles():
    field = HeadField(Ball())
    line = np.array([[0.0] * 3, [-17.0] * 3, [30.0, 10.0, 50.0]])
    assert np.abs(field.at(line)).max() < 0.08
    pole = np.array([[0.0], [-17.0], [-40.0]])
    assert field.at(pole)[0] == pytest.approx(-9.41 / 3 * (45 / 70) ** 3 * 2, rel=0.1)


def test_the_field_of_a_head_is_that_of_scanners():
    """A map of the brain at 3 T, shimmed, spans some tens of Hz, and more above the sinuses."""
    anatomy = Anatomy(0, 1)
    field = HeadField(anatomy)
    points = field.cells.points(slice(0, field.cells.shape[0]), (1, 1, 1))
    codes = anatomy.at(points)[0]
    brain = (codes >= tissues.CSF) & (points[2] > -18)
    hz = field.at(points) * 42.577 * 3
    # Shimmed: of the mean and of the gradients little is left (smoothing brings some of it back).
    fit = np.linalg.lstsq(
        np.vstack([np.ones(brain.sum()), points[:, brain]]).T, hz[brain], rcond=None
    )[0]
    assert np.abs(fit[0]) < 4 and np.abs(fit[1:]).max() < 0.1
    assert 10 < hz[brain].std() < 40
    above = brain & (np.hypot(points[0], points[1] - 24) < 12) & (points[2] < 0)
    assert np.abs(hz[above]).mean() > 1.5 * np.abs(hz[brain]).mean()


def test_the_field_is_continuous_between_cells():
    field = HeadField(Ball())
    z = np.linspace(20.0, 60.0, 400)
    line = field.at(np.stack([np.full(400, 3.0), np.full(400, -10.0), z]))
    assert np.abs(np.diff(line)).max() < 0.02
    at_centers = field.at(field.cells.points(slice(5, 7), (1, 1, 1)))
    np.testing.assert_allclose(at_centers, field.ppm[5:7].ravel(), atol=1e-4)
