import numpy as np
import pytest
import tensorflow as tf
import tiny

from gan_mri.errors import GanMriError
from gan_mri.networks import patch_discriminator


def test_sees_patches_of_70():
    """The judgement in the middle depends on 70 x 70 pixels, no more and no less."""
    # Without normalisation, which lets every pixel see the whole image.
    model = patch_discriminator((None, None, 1), filters=4, normalization="none", dtype="float64")
    images = tf.constant(tiny.images(1, 128, 128, 1))
    with tf.GradientTape() as tape:
        tape.watch(images)
        judgement = model(images)[0, 8, 8, 0]
    seen = np.argwhere(tape.gradient(judgement, images).numpy()[0, :, :, 0] != 0)
    np.testing.assert_array_equal(seen.max(axis=0) - seen.min(axis=0) + 1, [70, 70])


def test_second_scale_sees_the_averaged_image():
    model = patch_discriminator((None, None, 1), filters=2, scales=2, dtype="float64")
    images = tiny.images(1, 32, 24, 1)
    averaged = images.reshape(1, 16, 2, 12, 2, 1).mean((2, 4))
    whole, half = model(images)
    networks = [layer for layer in model.layers if hasattr(layer, "layers")]
    assert len(networks) == 2
    np.testing.assert_allclose(networks[0](images), whole, rtol=0, atol=1e-12)
    np.testing.assert_allclose(networks[1](averaged), half, rtol=0, atol=1e-12)


def test_levels_are_halvings():
    model = patch_discriminator((64, 64, 1), filters=2, levels=2)
    assert model.output_shape == (None, 16, 16, 1)


def test_dense_judges_the_whole_image():
    model = patch_discriminator((24, 16, 1), filters=2, patch=False)
    assert model.output_shape == (None, 1)
    # 3 x 2 positions of 16 channels, and a bias.
    assert model.get_weights()[-2].shape == (3 * 2 * 16, 1)


def test_dense_in_3d_with_spectral_normalization():
    model = patch_discriminator(
        (16, 16, 16, 1), filters=2, patch=False, spectral_normalization=True
    )
    volumes = tiny.images(2, 16, 16, 16, 1, dtype="float32")
    assert model(volumes, training=True).shape == (2, 1)


def test_spectral_normalization_is_on_every_layer():
    model = patch_discriminator((32, 32, 1), filters=2, spectral_normalization=True)
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds.count("SpectralNormalization") == 5
    assert "Conv2D" not in kinds


@pytest.mark.parametrize("shape", [(None, None, 1), (32, None, 1)])
def test_dense_needs_a_fixed_size(shape):
    with pytest.raises(GanMriError, match="patch=False needs a fixed image size"):
        patch_discriminator(shape, patch=False)
