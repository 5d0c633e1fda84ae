import numpy as np
import pytest
import tensorflow as tf
import tiny

from gan_mri.backend import tf_variables
from gan_mri.errors import GanMriError
from gan_mri.layers import BatchNormalization
from gan_mri.networks.dcgan import dcgan_discriminator, dcgan_generator


def noise(count, size=100, dtype="float32"):
    return tiny.images(count, size, dtype=dtype)


def test_the_widths_and_sizes_of_the_paper():
    """z 100 to 4 x 4 x 512, then kernels 5x5 to 256, 128, 64 and the image, and back."""
    made = dcgan_generator((64, 64, 1))
    maps = [layer.input.shape[1:] for layer in made.layers if isinstance(layer, BatchNormalization)]
    assert [tuple(shape) for shape in maps] == [
        (4, 4, 512),
        (8, 8, 256),
        (16, 16, 128),
        (32, 32, 64),
    ]
    widths = [512, 256, 128, 64, 1]
    weights = 101 * 16 * 512 + sum(25 * a * b + b for a, b in zip(widths, widths[1:]))
    assert made.count_params() == weights + 4 * sum(widths[:-1])
    judge = dcgan_discriminator((64, 64, 1))
    widths = widths[::-1]
    weights = 16 * 512 + 1 + sum(25 * a * b + b for a, b in zip(widths, widths[1:]))
    assert judge.count_params() == weights + 4 * sum(widths[2:])


@pytest.mark.parametrize(
    ("shape", "first"),
    [
        ((8, 9, 1), (4, 5)),
        ((17, 18, 1), (5, 5)),
        ((32, 40, 3), (4, 5)),
        ((48, 33, 1), (6, 5)),
        ((18, 20, 17, 1), (5, 5, 5)),
    ],
)
def test_any_size(shape, first):
    made, judge = dcgan_generator(shape, filters=2), dcgan_discriminator(shape, filters=2)
    images = made(noise(3), training=True)
    assert images.shape == (3, *shape) and np.abs(images).max() <= 1
    assert judge(images, training=True).shape == (3, 1)
    reshaped = next(layer for layer in made.layers if "reshape" in layer.name)
    assert tuple(reshaped.output.shape[1:-1]) == first


@pytest.mark.parametrize("dtype", ["bfloat16", "float64"])
def test_precision(dtype):
    shape, wide = (17, 18, 1), "float64" if dtype == "float64" else "float32"
    made = dcgan_generator(shape, noise=5, filters=2, dtype=dtype)
    judge = dcgan_discriminator(shape, filters=2, dtype=dtype)
    with tf.GradientTape() as tape:
        images = made(noise(3, 5, wide), training=True)
        judged = judge(images, training=True)
        loss = tf.reduce_sum(judged)
    variables = tf_variables(made.trainable_variables + judge.trainable_variables)
    assert images.dtype == judged.dtype == wide
    assert all(tf.as_dtype(weight.dtype) == wide for weight in made.weights + judge.weights)
    for gradient in tape.gradient(loss, variables):
        assert np.isfinite(gradient).all()


def test_an_image_does_not_depend_on_its_batch_outside_of_training():
    made = dcgan_generator((17, 18, 1), filters=2)
    made(noise(4), training=True)
    together = made(noise(4))
    for row in range(4):
        np.testing.assert_allclose(together[row], made(noise(4)[row : row + 1])[0], atol=1e-5)


@pytest.mark.parametrize("build", [dcgan_generator, dcgan_discriminator])
@pytest.mark.parametrize("shape", [(None, None, 1), (7, 20, 1)])
def test_other_sizes_are_refused(build, shape):
    with pytest.raises(GanMriError, match="fixed size, of at least 8 pixels.*Received: "):
        build(shape)
