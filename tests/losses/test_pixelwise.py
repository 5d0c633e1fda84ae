import numpy as np
import slopes
import tiny

from gan_mri import losses


def test_values():
    truth, image = tiny.pair(2, 4, 5, 1)
    difference = image - truth
    np.testing.assert_allclose(
        losses.mean_absolute_error(truth, image), np.abs(difference).mean(), rtol=1e-12
    )
    np.testing.assert_allclose(
        losses.mean_squared_error(truth, image), (difference**2).mean(), rtol=1e-12
    )
    for epsilon in (1e-3, 0.5):
        np.testing.assert_allclose(
            losses.charbonnier(epsilon)(truth, image),
            np.hypot(difference, epsilon).mean(),
            rtol=1e-12,
        )


def test_gradients():
    for loss in (losses.mean_absolute_error, losses.mean_squared_error, losses.charbonnier()):
        slopes.check(loss, *tiny.pair(2, 3, 4, 1), atol=1e-8)
