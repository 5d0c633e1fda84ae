import numpy as np
import pytest

from gan_mri.data.augmentation.intensity import bias_field, change_contrast, random_bias


@pytest.mark.parametrize("rank, terms", [(2, 5), (3, 9)])
def test_a_random_bias_is_of_the_first_two_orders(rank, terms):
    weights = random_bias(np.random.default_rng(0), rank)
    assert weights.shape == (3,) * rank
    orders = np.argwhere(weights).sum(axis=1)
    assert len(orders) == terms and orders.min() == 1 and orders.max() == 2


@pytest.mark.parametrize("shape", [(17, 30), (64, 20), (17, 20, 24)])
def test_a_bias_field_has_mean_one_and_the_amplitude(shape):
    for seed in range(4):
        field = bias_field(random_bias(np.random.default_rng(seed), len(shape)), 0.4, shape)
        assert field.shape == shape and field.dtype == np.float32
        assert field.mean(dtype=np.float64) == pytest.approx(1, abs=1e-6)
        assert np.abs(field - 1).max() == pytest.approx(0.4, abs=1e-6)
        # Smooth: two half periods of a cosine change by no more than pi / n a voxel, both terms.
        for axis, length in enumerate(shape):
            assert np.abs(np.diff(field, axis=axis)).max() < 0.4 * 4 * np.pi / length


def test_a_bias_field_is_the_sum_of_cosines():
    shape = (18, 21, 25)
    weights = random_bias(np.random.default_rng(1), 3)
    u, v, w = ((np.indices(shape)[k] + 0.5) / shape[k] for k in range(3))
    total = np.zeros(shape)
    for a, b, c in np.argwhere(weights):
        cosines = np.cos(np.pi * a * u) * np.cos(np.pi * b * v) * np.cos(np.pi * c * w)
        total += weights[a, b, c] * cosines
    expected = 1 + 0.3 * total / np.abs(total).max()
    np.testing.assert_allclose(bias_field(weights, 0.3, shape), expected, atol=1e-6)


def test_gamma_is_a_power_of_the_intensity_above_air():
    image = np.array([-1, -0.5, 0, 0.28, 1]).reshape(5, 1, 1)
    changed = change_contrast(image.astype(np.float32), 2.0, 1.0)
    # ((x + 1) / 2)^2 of 0, 0.25, 0.5, 0.64, 1, back on [-1, 1].
    np.testing.assert_allclose(changed.ravel(), [-1, -0.875, -0.5, -0.1808, 1], atol=1e-6)
    assert changed[0] == -1 and changed.dtype == np.float32


def test_a_field_multiplies_what_gamma_made():
    rng = np.random.default_rng(2)
    image, field = rng.uniform(-1, 1, (6, 7, 3)), rng.uniform(0.5, 1.5, (6, 7))
    image[0] = -1
    changed = change_contrast(image.astype(np.float32), 0.7, field.astype(np.float32))
    expected = 2 * field[..., None] * ((image + 1) / 2) ** 0.7 - 1
    np.testing.assert_allclose(changed, expected, atol=1e-6)
    assert (changed[0] == -1).all() and changed.max() > 1


def test_values_below_air_do_not_become_nan():
    changed = change_contrast(np.full((2, 2, 1), -1.001, np.float32), 0.5, 1.0)
    np.testing.assert_array_equal(changed, -1)
