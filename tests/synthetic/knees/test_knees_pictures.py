import numpy as np
import pytest
from skimage.color import rgb2hsv

from gan_mri.synthetic.knees import photograph, simulated
from gan_mri.synthetic.knees.backdrop import Backdrop
from gan_mri.synthetic.knees.leg import Leg
from gan_mri.synthetic.knees.raster import raster
from gan_mri.synthetic.knees.surface import View

CELLS = raster((64, 64))


def leg_and_view(number):
    rng = np.random.default_rng(number)
    return Leg(rng), View(rng)


def test_simulated_surfaces_have_one_hue_and_nothing_around():
    picture, cover = simulated.paint(*leg_and_view(0), CELLS, np.random.default_rng(0))
    assert picture.shape == (64, 64, 3) and picture.dtype == np.float32
    assert (picture[cover == 0] == 0).all()
    hue, saturation, _ = rgb2hsv(picture[cover == 1]).T
    assert np.ptp(hue) < 0.03 and saturation.min() > 0.1


def test_slices_pull_towards_their_middle_and_keep_the_order():
    slices = simulated._Slices(np.random.default_rng(0), raster((512, 512)), 1.0)
    x = np.linspace(-60, 60, 6001)
    moved = slices(x)
    assert (np.diff(moved) > 0).all() and np.abs(moved - x).max() < simulated.SLICE / 2
    steps = np.diff(moved) / np.diff(x)
    spectrum = np.abs(np.fft.rfft(steps - steps.mean()))
    assert spectrum.argmax() == round(120 / simulated.SLICE)  # one step a slice
    coarse = simulated._Slices(np.random.default_rng(0), raster((16, 16)), 1.0)
    assert coarse(x) is x


@pytest.mark.parametrize("side", [-1, 1])
def test_the_side_of_the_lamp_is_bright(side):
    lighting = photograph.Lighting(np.random.default_rng(0))
    lighting.direction = np.array([0.8 * side, 0.0, 0.6], np.float32)
    leg, view = leg_and_view(3)
    surface = view.look(leg, CELLS, detail=lambda arc, z: np.zeros_like(z))
    light = lighting.on(surface, CELLS, bounce=np.full(3, 0.3, np.float32)).sum(axis=-1)
    right, left = (
        light[(surface.cover == 1) & (sign * surface.right > 0.5)].mean() for sign in (1, -1)
    )
    assert side * (right - left) > 0.3 * min(right, left)


@pytest.mark.parametrize("side", [-1, 1])
def test_the_shadow_falls_away_from_the_lamp(side):
    rng = np.random.default_rng(0)
    lighting, backdrop = photograph.Lighting(rng), Backdrop(rng)
    backdrop.kind, backdrop.distance = "paper", 40.0
    lighting.direction = np.array([0.7 * side, 0.1, 0.7], np.float32)
    cover = np.zeros((128, 128), np.float32)
    cover[:, 44:84] = 1
    shadow = backdrop._shadow(cover, CELLS, lighting.direction)
    middle = (shadow * np.arange(128)).sum() / shadow.sum()
    assert side * (middle - 63.5) < -10
    nothing = backdrop.seen(np.zeros_like(cover), CELLS, lighting)
    assert (backdrop.seen(cover, CELLS, lighting) <= nothing + 1e-6).all()


def test_white_balance_removes_the_color_of_the_light():
    camera = photograph.Camera(np.random.default_rng(0))
    camera.balance, camera.cast, camera.saturation, camera.noise = 1.0, np.ones(3), 1.0, 0.0
    white = np.array([1.6, 0.9, 0.5])
    paper = np.full((64, 64, 3), 0.2, np.float32) * white.astype(np.float32)
    seen = camera.develop(paper, 0.2, white, CELLS, np.random.default_rng(0))
    np.testing.assert_allclose(seen, np.broadcast_to(seen[..., :1], seen.shape), atol=1e-4)


def test_noise_is_that_of_the_camera():
    camera = photograph.Camera(np.random.default_rng(0))
    camera.noise = 0.01
    gray = np.full((64, 64, 3), 0.2, np.float32)
    seen = camera.develop(gray, 0.2, np.ones(3), CELLS, np.random.default_rng(0))
    assert seen.std(axis=(0, 1)) == pytest.approx(0.01, rel=0.05)
