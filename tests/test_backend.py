import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_mri import backend
from gan_mri.errors import GanMriError


def test_precision_sets_and_restores():
    assert backend.full_precision() == "float32"
    with backend.precision("float64"):
        assert backend.full_precision() == "float64"
        assert keras.backend.floatx() == "float64"
        assert keras.layers.Dense(1).compute_dtype == "float64"
    assert backend.full_precision() == "float32"
    assert keras.backend.floatx() == "float32"
    assert keras.layers.Dense(1).compute_dtype == "float32"


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_mixed_precision_keeps_variables_in_float32(dtype):
    with backend.precision(dtype):
        assert backend.full_precision() == "float32"
        layer = keras.layers.Dense(1)
    assert (layer.compute_dtype, layer.variable_dtype) == (dtype, "float32")


def test_precision_restores_after_an_error():
    with pytest.raises(ZeroDivisionError), backend.precision("float64"):
        raise ZeroDivisionError
    assert backend.full_precision() == "float32"
    assert keras.backend.floatx() == "float32"


def test_precision_nests():
    with backend.precision("float64"):
        with backend.precision("bfloat16"), backend.precision(None):
            assert keras.layers.Dense(1).compute_dtype == "bfloat16"
        assert keras.layers.Dense(1).compute_dtype == "float64"


@pytest.mark.parametrize("dtype", ["double", "mixed_bfloat16", 32])
def test_unknown_precision(dtype):
    with (
        pytest.raises(GanMriError, match="float32, float64, bfloat16, float16"),
        backend.precision(dtype),
    ):
        pass


def test_tf_variables():
    layer = keras.layers.Dense(2)
    layer.build((None, 3))
    variables = backend.tf_variables(layer.weights)
    assert [tuple(variable.shape) for variable in variables] == [(3, 2), (2,)]
    assert all(hasattr(variable, "handle") for variable in variables)
    variables[1].assign([5.0, 6.0])
    np.testing.assert_array_equal(layer.get_weights()[1], [5.0, 6.0])


class Scaling(keras.layers.Layer):
    """Remembers the dtype in which its weights arrive in `call`."""

    def build(self, input_shape):
        self.wide = backend.add_wide_weight(self, "wide", (1,), "ones")
        self.state = backend.add_wide_weight(self, "state", (1,), "zeros", trainable=False)
        self.narrow = self.add_weight(name="narrow", shape=(1,), initializer="ones")

    def call(self, inputs):
        self.seen = [
            tf.convert_to_tensor(weight).dtype for weight in (self.wide, self.state, self.narrow)
        ]
        return inputs


def test_wide_weights_are_not_cast_down():
    layer = Scaling(dtype="mixed_bfloat16")
    layer(tf.ones((1, 1)))
    assert layer.seen == [tf.float32, tf.float32, tf.bfloat16]
    assert len(layer.trainable_weights) == 2
    assert len(layer.non_trainable_weights) == 1
