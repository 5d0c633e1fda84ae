import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from gan_mri.synthetic.brain.fields import Waves, ellipsoid, generator, smooth_min, tube

POINTS = np.random.default_rng(0).uniform(-80, 80, size=(3, 5000)).astype(np.float32)


def test_generator_depends_on_all_three_values_and_nothing_else():
    draws = {
        key: generator(*key).random()
        for key in [(0, 0, "a"), (1, 0, "a"), (0, 1, "a"), (0, 0, "b")]
    }
    assert len(set(draws.values())) == 4
    np.random.seed(5)
    assert generator(0, 0, "a").random() == draws[0, 0, "a"]


def test_waves_are_the_written_sum():
    waves = Waves(np.random.default_rng(1), 7, (10, 30), channels=3)
    expected = np.zeros((3, 100))
    for k, phase, amplitudes in zip(waves.k.astype(float), waves.phase[:, 0], waves.amplitude.T):
        expected += amplitudes[:, None] * np.cos(k @ POINTS[:, :100].astype(float) + phase)
    np.testing.assert_allclose(waves(POINTS[:, :100]), expected, atol=1e-4)


def test_waves_have_mean_zero_variance_one_and_the_asked_wavelengths():
    waves = Waves(np.random.default_rng(2), 60, (10, 30), channels=2)
    values = waves(POINTS)
    np.testing.assert_allclose(values.mean(axis=1), 0, atol=0.1)
    np.testing.assert_allclose(values.var(axis=1), 1, atol=0.2)
    wavelengths = 2 * np.pi / np.linalg.norm(waves.k, axis=1)
    assert wavelengths.min() >= 10 - 1e-3 and wavelengths.max() <= 30 + 1e-3


@pytest.mark.parametrize("channels", [1, 3])
def test_waves_at_a_point_do_not_depend_on_the_other_points(channels):
    waves = Waves(np.random.default_rng(3), 9, (10, 30), channels=channels)
    np.testing.assert_allclose(waves(POINTS)[:, 2500:2600], waves(POINTS[:, 2500:2600]), atol=1e-4)


def test_across_drops_waves_along_the_ray_and_has_the_gradient_of_its_value():
    waves = Waves(np.random.default_rng(4), 20, (12, 40))
    points = POINTS[:, :200]
    ray = np.zeros_like(points)
    ray[2] = 1
    value, gradient = waves.across(points, ray)
    steps = [np.array(step, np.float32)[:, None] * np.float32(0.05) for step in np.eye(3)]
    numeric = (
        np.stack(
            [waves.across(points + s, ray)[0] - waves.across(points - s, ray)[0] for s in steps]
        )
        / 0.1
    )
    np.testing.assert_allclose(gradient, numeric, atol=3e-3)
    waves.k[:, :2] = 0  # now every wave runs along the ray
    assert np.abs(waves.across(points, ray)[0]).max() < 1e-5


def test_smooth_min_rounds_only_near_the_corner():
    a, b = np.array([0.0, 10.0, 5.0]), np.array([10.0, 0.0, 5.0])
    np.testing.assert_allclose(smooth_min(a, b, 4.0), [0, 0, 4.0])


def test_ellipsoid_of_equal_radii_is_the_distance_to_a_sphere():
    center = np.array([5.0, -3.0, 2.0])
    expected = np.linalg.norm(POINTS - center[:, None], axis=0) - 20
    np.testing.assert_allclose(ellipsoid(POINTS, center, (20, 20, 20)), expected, atol=1e-3)


def test_ellipsoid_is_close_to_the_euclidean_distance_near_its_surface():
    axes = np.meshgrid(*[np.arange(-30, 31)] * 3, indexing="ij")
    points = np.stack([axis.ravel() for axis in axes]).astype(np.float32)
    turn = 0.4
    distance = ellipsoid(points, (0, 0, 0), (10, 20, 14), turn=turn).reshape(axes[0].shape)
    # The front end of the long axis lies towards -x.
    x, y = (
        axes[0] * np.cos(turn) + axes[1] * np.sin(turn),
        axes[1] * np.cos(turn) - axes[0] * np.sin(turn),
    )
    inside = (x / 10) ** 2 + (y / 20) ** 2 + (axes[2] / 14) ** 2 < 1
    np.testing.assert_array_equal(distance < 0, inside)
    outside = distance_transform_edt(~inside)
    near = ~inside & (outside < 5)
    assert np.abs(distance - outside)[near].max() < 1.3  # half a voxel and the first-order error


def test_tube_is_the_distance_to_a_capsule():
    a, b = np.array([0.0, -20.0, 5.0]), np.array([0.0, 30.0, 5.0])
    t = np.clip((POINTS - a[:, None]).T @ (b - a) / ((b - a) @ (b - a)), 0, 1)
    expected = np.linalg.norm(POINTS - a[:, None] - (b - a)[:, None] * t, axis=0) - 6
    np.testing.assert_allclose(tube(POINTS, [(*a, 6), (*b, 6)]), expected, atol=1e-3)
