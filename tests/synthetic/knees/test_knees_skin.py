import numpy as np
import pytest
from skimage.color import rgb2lab

from gan_mri.synthetic.knees.leg import Leg
from gan_mri.synthetic.knees.raster import raster
from gan_mri.synthetic.knees.skin import ITA, Skin, tone
from gan_mri.synthetic.knees.surface import View

CELLS = raster((64, 64))


def test_tones_cover_the_classes_of_human_skin():
    drawn = [tone(np.random.default_rng(n)) for n in range(400)]
    lab = np.array([color for color, _ in drawn])
    angles = np.degrees(np.arctan2(lab[:, 0] - 50, lab[:, 2]))
    np.testing.assert_allclose(angles, [angle for _, angle in drawn], atol=1e-6)
    assert angles.min() >= ITA[0] and angles.max() <= ITA[1]
    # Very light, light, intermediate, tan, brown, dark: Chardon et al. 1991.
    counts = np.histogram(angles, [-90, -30, 10, 28, 41, 55, 90])[0]
    assert (counts > 10).all()
    low, high = lab.min(axis=0), lab.max(axis=0)
    assert (
        25 < low[0] < 40
        and 70 < high[0] < 85
        and low[1] >= 4
        and high[1] < 16
        and low[2] >= 7
        and high[2] < 24
    )


def test_knees_are_redder_or_darker_than_the_rest():
    differences = []
    for n in range(25):
        rng = np.random.default_rng(n)
        leg, view, skin = Leg(rng), View(rng), Skin(rng)
        surface = view.look(leg, CELLS, detail=skin.creases(CELLS))
        albedo = skin.albedo(surface, CELLS)
        assert albedo.shape == (128, 128, 3) and albedo.dtype == np.float32
        assert albedo.min() > 0 and albedo.max() < 1.2
        knee = (np.abs(surface.arc) < 15) & (np.abs(surface.z) < 15)
        far = (surface.cover == 1) & (surface.z < -60)
        shades = [
            rgb2lab(np.clip(albedo[where].mean(axis=0), 0, 1) ** (1 / 2.2)) for where in (knee, far)
        ]
        differences.append(shades[0] - shades[1])
    mean = np.mean(differences, axis=0)
    assert mean[0] < -1 and mean[1] > 0.5


def test_wrinkles_are_on_the_knee_only():
    skin = Skin(np.random.default_rng(1))
    skin.pores = (skin.pores[0], 0.0)
    height = skin.creases(raster((256, 256)))
    shape = (256, 256)
    on, off = (height(np.zeros(shape), np.full(shape, z)) for z in (0.0, 150.0))
    assert on.std() > 5e-3 and np.abs(off).max() == pytest.approx(0, abs=1e-6)
