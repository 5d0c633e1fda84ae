import keras
import numpy as np
import pytest
import referring
import tiny

from gan_mri import networks
from gan_mri.networks.inputs import call_by_name, input_names, takes_reference


def difference():
    """T1w - 2 b0, whose inputs are in another order than their names."""
    b0 = keras.Input((None, None, 1), name="b0")
    T1w = keras.Input((None, None, 1), name="T1w")
    return keras.Model([b0, T1w], keras.layers.Subtract()([T1w, keras.layers.Rescaling(2.0)(b0)]))


def test_names_in_the_order_of_the_network():
    assert input_names(difference()) == ["b0", "T1w"]
    assert input_names(referring.plain()) == ["image"]
    small = {"filters": 2, "residual_blocks": 0}
    histograms = networks.histogram_generator((None, None, 3), bins=4, **small)
    assert input_names(histograms) == ["image", "histogram"]
    assert input_names(networks.resnet_generator((20, 20, 1), **small)) == ["image"]


def test_two_networks_with_inputs_of_one_name():
    """Keras 2 must not number them: `image`, `image_1`."""
    assert [input_names(referring.network()) for _ in range(2)] == [["image", "reference"]] * 2


@pytest.mark.parametrize("names", [("T1w", "b0"), ("b0", "T1w"), ("b0", "clean", "T1w")])
def test_inputs_are_found_by_name(names):
    batch = {name: tiny.images(2, 5, 4, 1, seed=len(name), dtype="float32") for name in names}
    made = call_by_name(difference(), batch)
    np.testing.assert_allclose(made, batch["T1w"] - 2 * batch["b0"], atol=1e-6)


def test_a_missing_input_is_an_error():
    with pytest.raises(KeyError, match="b0"):
        call_by_name(difference(), {"T1w": tiny.images(1, 5, 4, 1)})


def test_options_are_those_of_the_call():
    network = referring.network(noise=1.0)
    given = {"image": np.zeros((1, 8, 8, 3)), "reference": np.zeros((1, 8, 8, 3))}
    assert np.all(call_by_name(network, given) == 0)
    assert np.std(call_by_name(network, given, training=True)) > 0.5


def test_which_networks_take_a_reference():
    assert takes_reference(referring.network())
    assert not takes_reference(referring.plain())
    # A second input is no reference unless it is called so.
    assert not takes_reference(difference())
