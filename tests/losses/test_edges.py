import numpy as np
import pytest
import slopes
import tiny
from scipy.ndimage import sobel

from gan_mri import losses
from gan_mri.errors import GanMriError

SHAPES = [(2, 7, 9, 1), (2, 7, 9, 3), (1, 5, 6, 7, 1), (2, 4, 5, 3, 3)]


def all_slopes(images):
    axes = range(1, images.ndim - 1)
    return np.concatenate([np.abs(np.diff(images, axis=axis)).ravel() for axis in axes])


def edges(images):
    """SciPy's Sobel filters, whose (1, 2, 1) and (-1, 0, 1) are unscaled."""
    axes = range(1, images.ndim - 1)
    maps = np.zeros_like(images)
    for n in range(images.shape[0]):
        for channel in range(images.shape[-1]):
            one = images[n, ..., channel]
            squares = sum(sobel(one, axis - 1, mode="reflect") ** 2 for axis in axes)
            maps[n, ..., channel] = np.sqrt(squares) / (2 * 4 ** (len(axes) - 1))
    return maps


@pytest.mark.parametrize("shape", SHAPES)
def test_values(shape):
    truth, image = tiny.pair(*shape)
    steepness = all_slopes(truth), all_slopes(image)
    np.testing.assert_allclose(
        losses.gradient_difference(truth, image),
        np.abs(steepness[0] - steepness[1]).mean(),
        rtol=1e-12,
    )
    np.testing.assert_allclose(losses.total_variation(image), steepness[1].mean(), rtol=1e-12)
    np.testing.assert_allclose(
        losses.edge_difference(truth, image),
        np.abs(edges(truth) - edges(image)).mean(),
        rtol=1e-12,
    )


@pytest.mark.parametrize("shape", [(1, 6, 5, 3), (1, 4, 5, 3, 1)])
def test_gradients(shape):
    slopes.check(losses.gradient_difference, *tiny.pair(*shape))
    slopes.check(losses.edge_difference, *tiny.pair(*shape))
    slopes.check(losses.total_variation, tiny.images(*shape))


def test_a_ramp_of_1_has_edges_of_1():
    ramp = np.broadcast_to(np.arange(6.0)[:, None, None], (1, 4, 6, 5, 1))
    found = losses.edge_difference(np.zeros(ramp.shape), ramp)
    # The mirrored border halves the slope at either end.
    np.testing.assert_allclose(found, (4 * 1 + 2 * 0.5) / 6, rtol=1e-6)


def test_axes_of_one_pixel_have_no_slopes():
    flat, one = tiny.pair(1, 1, 6, 1)
    np.testing.assert_allclose(losses.total_variation(flat), all_slopes(flat).mean(), rtol=1e-12)
    assert float(losses.total_variation(flat[:, :, :1])) == 0
    assert float(losses.gradient_difference(flat[:, :, :1], one[:, :, :1])) == 0


def test_shapes_must_fit():
    with pytest.raises(GanMriError, match=r"edge: .* \(1, 4, 4, 1\) and \(1, 4, 4, 3\)"):
        losses.edge_difference(np.zeros((1, 4, 4, 1)), np.zeros((1, 4, 4, 3)))
    with pytest.raises(GanMriError, match=r"total_variation: .* shape \(4, 4, 1\)"):
        losses.total_variation(np.zeros((4, 4, 1)))
