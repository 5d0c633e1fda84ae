import keras
import numpy as np
import pytest
import tiny

from gan_mri.layers.constant_channels import ConstantChannels


@pytest.mark.parametrize("shape", [(2, 5, 4, 1), (1, 3, 4, 5, 2)])
def test_one_number_for_each_channel(shape):
    maps = np.array(ConstantChannels([-1, 0.5, 2], dtype="float64")(tiny.images(*shape)))
    assert maps.shape == (*shape[:-1], 3) and maps.dtype == np.float64
    for channel, value in enumerate([-1, 0.5, 2]):
        np.testing.assert_array_equal(maps[..., channel], value)


@pytest.mark.parametrize("space", [(None, None), (5, 4)])
def test_free_and_fixed_sizes_and_a_keras_file(space, tmp_path):
    image = keras.Input((*space, 1))
    model = keras.Model(image, ConstantChannels([0, 1])(image))
    assert model.output_shape == (None, *space, 2)
    model.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras", safe_mode=True)
    maps = loaded(tiny.images(3, 5, 4, 1, dtype="float32"))
    np.testing.assert_array_equal(maps, np.broadcast_to([0.0, 1.0], (3, 5, 4, 2)))


def test_no_values():
    with pytest.raises(ValueError, match="values must be at least one number. Received: none"):
        ConstantChannels([])
