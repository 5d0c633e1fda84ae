import numpy as np
import pytest
import scipy.ndimage
import tiny

from gan_mri.networks import simple_generator


def weights_of(network):
    """Distinct weights of deviation about 1, set and returned."""
    weights = [2 * tiny.images(*w.shape, seed=i) for i, w in enumerate(network.get_weights())]
    network.set_weights(weights)
    return weights


@pytest.mark.parametrize("channels", [1, 3])
def test_every_pixel_by_itself(channels):
    network = simple_generator((None, None, channels), filters=7, dtype="float64")
    first, first_bias, second, second_bias = weights_of(network)
    x = tiny.images(2, 5, 6, channels)
    hidden = np.maximum(x @ first[0, 0] + first_bias, 0)
    expected = hidden @ second[0, 0] + second_bias
    np.testing.assert_allclose(network(x), expected, rtol=1e-12, atol=1e-12)
    # No tanh, and nothing is clipped: intensities may leave [-1, 1].
    assert np.abs(expected).max() > 1.5


@pytest.mark.parametrize("rank", [2, 3])
def test_a_wider_kernel_sees_neighbors_and_zeros_outside(rank):
    network = simple_generator((*[None] * rank, 1), filters=3, kernel_size=5, dtype="float64")
    first, first_bias, second, second_bias = weights_of(network)
    x = tiny.images(1, *(6, 7, 8)[:rank], 1)
    hidden = np.maximum(x * first.ravel() + first_bias, 0)[0]
    expected = second_bias + sum(
        scipy.ndimage.correlate(hidden[..., k], second[..., k, 0], mode="constant")
        for k in range(3)
    )
    np.testing.assert_allclose(network(x)[0, ..., 0], expected, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize(
    ("shape", "options", "count"),
    [
        # 6,913 in the collection's README (gray, the UNIT file's `superSimple`).
        ((64, 64, 1), {"kernel_size": 5}, 6913),
        ((64, 64, 1), {}, 2 * 256 + 256 + 1),
        ((64, 64, 3), {}, 3 * 256 + 256 + 3 * 256 + 3),
        ((64, 64, 3), {"output_channels": 1}, 3 * 256 + 256 + 256 + 1),
    ],
)
def test_parameter_counts(shape, options, count):
    network = simple_generator(shape, **options)
    assert network.count_params() == count
    assert network.output_shape[1:] == (64, 64, options.get("output_channels", shape[-1]))
