import numpy as np
import pytest
import tiny

from gan_mri import losses


def test_errors():
    truth, image = tiny.pair(2, 4, 5, 1)
    difference = image - truth
    np.testing.assert_allclose(
        losses.mean_absolute_error(truth, image), np.abs(difference).mean(), rtol=1e-12
    )
    np.testing.assert_allclose(
        losses.mean_squared_error(truth, image), (difference**2).mean(), rtol=1e-12
    )


@pytest.mark.parametrize("real_label", [1.0, 0.9])
def test_least_squares(real_label):
    discriminator, generator = losses.least_squares(real_label)
    judged = tiny.images(2, 8, 8, 1)
    to_real, to_fake = ((judged - real_label) ** 2).mean(), (judged**2).mean()
    np.testing.assert_allclose(discriminator(judged, True), to_real / 2, rtol=1e-12)
    np.testing.assert_allclose(discriminator(judged, False), to_fake / 2, rtol=1e-12)
    # The generators aim at the real label too, at full weight.
    np.testing.assert_allclose(generator(judged), to_real, rtol=1e-12)


def test_scales_are_summed():
    discriminator, generator = losses.least_squares()
    scales = [tiny.images(2, 8, 8, 1), tiny.images(2, 4, 4, 1, seed=1)]
    np.testing.assert_allclose(
        discriminator(scales, False),
        sum((scale**2).mean() for scale in scales) / 2,
        rtol=1e-12,
    )
    np.testing.assert_allclose(
        generator(scales), sum(((scale - 1) ** 2).mean() for scale in scales), rtol=1e-12
    )
