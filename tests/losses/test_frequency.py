import numpy as np
import pytest
import slopes
import tiny

from gan_mri import losses


@pytest.mark.parametrize("shape", [(2, 7, 12, 1), (2, 6, 5, 3), (1, 4, 5, 6, 1), (2, 3, 4, 5, 3)])
def test_values(shape):
    truth, image = tiny.pair(*shape)
    axes = tuple(range(1, len(shape) - 1))
    spectra = (np.fft.fftn(images, axes=axes, norm="ortho") for images in (truth, image))
    expected = np.abs(np.subtract(*spectra)).mean()
    np.testing.assert_allclose(losses.frequency_difference(truth, image), expected, rtol=1e-10)
    single = losses.frequency_difference(truth.astype("float32"), image.astype("float32"))
    np.testing.assert_allclose(single, expected, rtol=1e-5)


@pytest.mark.parametrize("shape", [(1, 6, 5, 3), (1, 4, 5, 3, 1)])
def test_gradients(shape):
    slopes.check(losses.frequency_difference, *tiny.pair(*shape))
