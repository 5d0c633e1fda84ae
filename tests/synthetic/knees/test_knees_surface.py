import numpy as np
import pytest

from gan_mri.synthetic.knees.leg import ROUND
from gan_mri.synthetic.knees.raster import raster
from gan_mri.synthetic.knees.surface import View


class Cone:
    """A leg of circular cross-section: radius `radius` at z = 0, growing by `taper` mm a mm, with a
    relief.
    """

    boxiness, flatness = 2.0, 1.0

    def __init__(self, radius=55.0, taper=0.0, relief=None):
        self.radius, self.taper = radius, taper
        self.relief = relief or (lambda arc, z: np.zeros_like(z))

    def profiles(self, turn):
        z = np.arange(-400.0, 401.0)
        radius = self.radius + self.taper * z
        return z, dict(medial=radius, lateral=radius, middle=np.zeros_like(z))


def view(**changes):
    """Straight from the front."""
    made = View(np.random.default_rng(0))
    straight = dict(side=1.0, turn=0.0, roll=0.0, scale=1.0, shift=(0.0, 0.0), bend=0.0, share=0.5)
    for name, value in (straight | changes).items():
        setattr(made, name, value)
    return made


def flat(arc, z):
    return np.zeros_like(z)


CELLS = raster((128, 128))
X, Z = CELLS.right[None, :], CELLS.up[:, None]


def test_normals_of_a_cylinder():
    surface = view().look(Cone(), CELLS, detail=flat)
    inside = np.broadcast_to(np.abs(X) < 54, surface.cover.shape)
    np.testing.assert_allclose(
        surface.right[inside], np.broadcast_to(X / 55, inside.shape)[inside], atol=2e-3
    )
    np.testing.assert_allclose(surface.up[inside], 0, atol=1e-3)
    front = np.sqrt(np.maximum(1 - (X / 55) ** 2, 0))
    np.testing.assert_allclose(
        surface.front[inside], np.broadcast_to(front, inside.shape)[inside], atol=2e-3
    )


def test_normals_of_a_cone():
    """A cone's normals make the same angle with its axis everywhere."""
    surface = view().look(Cone(taper=0.2), CELLS, detail=flat)
    inside = np.abs(X) < 0.95 * (55 + 0.2 * Z)
    np.testing.assert_allclose(surface.up[inside], -0.2 / np.hypot(1, 0.2), atol=2e-3)


def test_normals_have_length_one():
    surface = view(roll=0.1, bend=0.3).look(
        Cone(relief=lambda arc, z: 3 * np.cos(arc / 9)), CELLS, detail=flat
    )
    np.testing.assert_allclose(surface.right**2 + surface.up**2 + surface.front**2, 1, atol=1e-5)


def test_cover_is_the_area_of_the_leg():
    for scale in (0.9, 1.1):
        cover = view(scale=scale, shift=(3.0, 0.0)).look(Cone(), CELLS, detail=flat).cover
        assert cover.sum() * CELLS.step**2 == pytest.approx(2 * 55 * scale * 200, rel=2e-3)
        middle = (cover * X).sum() / cover.sum()
        assert middle == pytest.approx(3.0, abs=0.1)


def test_relief_tilts_the_normals():
    """Against the analytic slope, in the middle of the front where the tube is nearly flat."""

    def height(arc, z):
        return 1.5 * np.sin(z / 11) + 1.2 * np.sin(arc / 13)

    surface = view().look(Cone(radius=4000.0, relief=height), CELLS, detail=flat)
    arc = X * ROUND / 4000  # arcs are measured on a tube of nominal size
    up = -np.cos(Z / 11) * 1.5 / 11 + 0 * X
    right = -np.cos(arc / 13) * 1.2 / 13 * ROUND / 4000 + 0 * Z
    length = np.sqrt(1 + up**2 + right**2)
    away = np.s_[4:-4, 4:-4]
    np.testing.assert_allclose(surface.up[away], (up / length)[away], atol=3e-3)
    # What remains of right is the tube itself.
    np.testing.assert_allclose(surface.right[away], (right / length + X / 4000)[away], atol=3e-3)


def test_a_bent_knee_looks_up_above_and_down_below():
    surface = view(bend=0.4).look(Cone(), CELLS, detail=flat)
    middle = surface.up[:, surface.up.shape[1] // 2]
    assert middle[0] == pytest.approx(np.sin(0.2), abs=0.01)
    assert middle[-1] == pytest.approx(-np.sin(0.2), abs=0.01)


def test_left_and_right_legs_are_mirror_images():
    def relief(arc, z):
        return 5 * np.exp(-(((arc - 30) / 12) ** 2) - (z / 20) ** 2)

    right, left = (
        view(side=side, turn=0.2).look(Cone(relief=relief), CELLS, detail=flat)
        for side in (1.0, -1.0)
    )
    np.testing.assert_allclose(right.up, left.up[:, ::-1], atol=1e-5)
    np.testing.assert_allclose(right.right, -left.right[:, ::-1], atol=1e-5)
    np.testing.assert_allclose(right.arc, left.arc[:, ::-1], atol=1e-3)


def test_turning_moves_the_front_sideways():
    surface = view(turn=0.3).look(Cone(), CELLS, detail=flat)
    column = np.abs(surface.arc[64]).argmin()
    assert CELLS.right[column] == pytest.approx(-55 * np.sin(0.3), abs=1.5)


def test_roll_turns_the_picture():
    """The axis of the leg as the middle of every row."""
    cover = view(roll=0.12).look(Cone(), CELLS, detail=flat).cover
    middle = (cover * X).sum(axis=1) / cover.sum(axis=1)
    slope = np.polyfit(CELLS.up, middle, 1)[0]
    assert slope == pytest.approx(-np.tan(0.12), rel=0.02)


def test_towards_is_a_cosine():
    surface = view().look(Cone(), CELLS, detail=flat)
    np.testing.assert_allclose(
        surface.towards(np.array([0, 0, 2.0])), np.maximum(surface.front, 0), atol=1e-6
    )
    assert surface.towards(np.array([0, 0, -1.0])).max() == 0
