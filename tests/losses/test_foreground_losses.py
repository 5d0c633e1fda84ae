import numpy as np
import pytest
import slopes
import tensorflow as tf
import tiny

from gan_mri.data.images.foreground import SHARE_OF_RANGE
from gan_mri.errors import GanMriError
from gan_mri.losses import foreground_l1, foreground_l2
from gan_mri.losses.foreground import THRESHOLD
from gan_mri.synthetic.brain import phantom

LOSSES = [(foreground_l1, np.abs), (foreground_l2, np.square)]
SHAPES = [(3, 9, 8, 1), (1, 5, 4, 3, 1), (2, 6, 7, 3)]


def heads(shape, seed):
    """Half of the voxels dark, others anywhere."""
    random = np.random.default_rng(seed)
    dark = random.uniform(-1, -0.92, shape)
    return np.where(random.random((*shape[:-1], 1)) < 0.5, dark, random.uniform(-0.8, 1, shape))


def by_hand(penalty, truth, image):
    """One list of errors of all voxels that count."""
    errors = []
    for index in np.ndindex(truth.shape[:-1]):
        if truth[index].mean() > -0.9 or image[index].mean() > -0.9:
            errors.extend(penalty(truth[index] - image[index]))
    return np.mean(errors)


@pytest.mark.parametrize(("loss", "penalty"), LOSSES)
@pytest.mark.parametrize("shape", SHAPES)
def test_values(loss, penalty, shape):
    truth, image = heads(shape, 1), heads(shape, 2)
    found = loss(truth, image)
    assert found.dtype == tf.float64 and found.shape == ()
    np.testing.assert_allclose(found, by_hand(penalty, truth, image), rtol=1e-12)
    np.testing.assert_allclose(loss(image, truth), found, rtol=1e-12)


@pytest.mark.parametrize(("loss", "penalty"), LOSSES)
@pytest.mark.parametrize("shape", SHAPES)
def test_gradients(loss, penalty, shape):
    """Where voxels lie has none: against differences with voxels away from the threshold."""
    slopes.check(loss, heads(shape, 1), heads(shape, 2))


@pytest.mark.parametrize(("loss", "penalty"), LOSSES)
def test_air_does_not_drown_the_head(loss, penalty):
    """Ten times as much air around it changes nothing."""
    truth, image = tiny.images(1, 6, 6, 1) / 4, tiny.images(1, 6, 6, 1, seed=1) / 4
    value = float(loss(truth, image))
    np.testing.assert_allclose(value, penalty(truth - image).mean(), rtol=1e-12)
    sides = [(0, 0), (7, 7), (7, 7), (0, 0)]
    truth, image = (np.pad(one, sides, constant_values=-1) for one in (truth, image))
    np.testing.assert_allclose(loss(truth, image), value, rtol=1e-12)


@pytest.mark.parametrize(("loss", "penalty"), LOSSES)
def test_brightness_in_the_air_counts_and_is_pulled_down(loss, penalty):
    truth = np.full((1, 4, 4, 1), -1.0)
    truth[0, 1, 1] = 0.5
    image = truth.copy()
    image[0, 3, 3] = 0.2
    np.testing.assert_allclose(loss(truth, image), penalty(1.2) / 2, rtol=1e-12)
    _, gradient = slopes.gradients(loss, truth, image)
    assert gradient[0, 3, 3] > 0 and np.count_nonzero(gradient) == 1
    # Dark in both: no error, whatever it is.
    image[0, 3, 3] = -0.91
    assert float(loss(truth, image)) == 0


@pytest.mark.parametrize(("loss", "penalty"), LOSSES)
def test_air_alone(loss, penalty):
    """No foreground at all: 0, with gradients of 0."""
    truth, image = np.full((1, 4, 4, 1), -1.0), np.full((1, 4, 4, 1), -0.95)
    assert float(loss(truth, image)) == 0
    for gradient in slopes.gradients(loss, truth, image):
        np.testing.assert_array_equal(gradient, 0)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
@pytest.mark.parametrize(("loss", "penalty"), LOSSES)
def test_sixteen_bits_are_added_up_in_single_precision(loss, penalty, dtype):
    truth = tf.cast(heads((1, 200, 200, 1), 1), dtype)
    image = tf.cast(heads((1, 200, 200, 1), 2), dtype)
    found = loss(truth, image)
    assert found.dtype == tf.float32
    exact = by_hand(penalty, *(np.asarray(tf.cast(one, "float64")) for one in (truth, image)))
    np.testing.assert_allclose(found, exact, rtol=1e-5)


def test_the_threshold_is_the_packages():
    """A twentieth of the range, and on a scaled head the mask of the file's own statistics."""
    np.testing.assert_allclose(THRESHOLD, -1 + 2 * SHARE_OF_RANGE, rtol=1e-15)
    volume = phantom(1, contrasts=("T1w",), shape=(64, 64))[0].images["T1w"]
    volume = volume.astype("float64")
    low, high = np.percentile(volume, (0.5, 99.9))
    scaled = (2 * (volume - low) / (high - low) - 1)[None, ..., None]
    inside = volume > low + SHARE_OF_RANGE * (high - low)
    # Much of a slice is air.
    assert 0.2 < inside.mean() < 0.8
    wrong = np.where(inside[None, ..., None], scaled + 0.3, scaled)
    np.testing.assert_allclose(foreground_l1(scaled, wrong), 0.3, rtol=1e-9)


@pytest.mark.parametrize(("loss", "penalty"), LOSSES)
def test_shapes_that_differ(loss, penalty):
    with pytest.raises(
        GanMriError, match=rf"^{loss.__name__}: .*\(2, 4, 4, 3\) and \(2, 4, 4, 1\)"
    ):
        loss(np.zeros((2, 4, 4, 3)), np.zeros((2, 4, 4, 1)))
