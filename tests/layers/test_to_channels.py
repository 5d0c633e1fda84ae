"""Grey to RGB, and RGB to grey."""

import numpy as np
import pytest
import tiny

from gan_mri.layers import ToChannels


def test_gray_becomes_three_equal_channels():
    gray = tiny.images(2, 3, 4, 1)
    rgb = ToChannels(3, dtype="float64")(gray).numpy()
    np.testing.assert_array_equal(rgb, np.concatenate([gray] * 3, axis=-1))
    back = ToChannels(1, dtype="float64")(rgb)
    np.testing.assert_allclose(back, gray, rtol=0, atol=1e-15)


def test_rgb_becomes_its_mean():
    rgb = tiny.images(2, 3, 4, 5, 3)
    gray = ToChannels(1, dtype="float64")(rgb)
    expected = (rgb[..., :1] + rgb[..., 1:2] + rgb[..., 2:]) / 3
    np.testing.assert_allclose(gray, expected, rtol=0, atol=1e-15)


@pytest.mark.parametrize("channels", [1, 3])
def test_what_fits_stays(channels):
    images = tiny.images(2, 3, 4, channels)
    np.testing.assert_array_equal(ToChannels(channels, dtype="float64")(images), images)


def test_two_channels_cannot_become_three():
    layer = ToChannels(3)
    with pytest.raises(ValueError, match="2 channels cannot become 3"):
        layer(tiny.images(1, 3, 4, 2))
    with pytest.raises(ValueError, match="2 channels cannot become 3"):
        layer.compute_output_shape((None, 3, 4, 2))


def test_wrong_number():
    with pytest.raises(ValueError, match="channels must be 1 or more. Received: 0"):
        ToChannels(0)
