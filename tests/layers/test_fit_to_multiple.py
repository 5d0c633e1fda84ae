import numpy as np
import pytest
import tensorflow as tf
import tiny

from gan_mri.layers import CropLike, PadToMultiple

SIZES = [(height, 17 + (7 * height) % 24) for height in range(17, 41)]


def sides(length, multiple):
    missing = -length % multiple
    return missing // 2, missing - missing // 2


@pytest.mark.parametrize("multiple", [4, 8])
def test_every_size_comes_back(multiple):
    pad, crop = PadToMultiple(multiple), CropLike()
    both = tf.function(
        lambda images: (pad(images), crop([pad(images), images])),
        input_signature=[tf.TensorSpec((None, None, None, 2))],
    )
    for height, width in SIZES:
        images = tiny.images(1, height, width, 2, dtype="float32")
        padded, cropped = both(images)
        expected = np.pad(
            images,
            [(0, 0), sides(height, multiple), sides(width, multiple), (0, 0)],
            mode="reflect",
        )
        np.testing.assert_array_equal(padded, expected)
        np.testing.assert_array_equal(cropped, images)


def test_volume():
    volume = tiny.images(1, 9, 8, 7, 1, dtype="float32")
    padded = PadToMultiple(4)(volume)
    expected = np.pad(volume, [(0, 0), (1, 2), (0, 0), (0, 1), (0, 0)], mode="reflect")
    np.testing.assert_array_equal(padded, expected)
    np.testing.assert_array_equal(CropLike()([padded, volume]), volume)


def test_nothing_to_do_is_the_identity():
    images = tf.constant(tiny.images(1, 16, 24, 1, dtype="float32"))
    padded = PadToMultiple(8)(images)
    np.testing.assert_array_equal(padded, images)
    np.testing.assert_array_equal(CropLike()([padded, images]), images)


@pytest.mark.parametrize("multiple", [0, -4])
def test_wrong_multiple(multiple):
    with pytest.raises(ValueError, match="multiple"):
        PadToMultiple(multiple)
