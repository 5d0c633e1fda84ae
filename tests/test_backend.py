import random

import keras
import numpy as np
import pytest
import tensorflow as tf
import tiny

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


@pytest.fixture(params=["plain", "after set_random_seed"])
def caller(request):
    """A caller who has seeded what there is, or nothing but Python's random numbers.

    Keras 2 keeps a generator of its own from the first `set_random_seed` on, which ends with
    the test.
    """
    own = None if backend.KERAS_3 else backend._keras_2_generator()
    kept = getattr(own, "generator", None)
    if kept is not None:
        del own.generator
    if request.param == "plain":
        yield random.seed
    else:
        yield keras.utils.set_random_seed
    if hasattr(own, "generator"):
        del own.generator
    if kept is not None:
        own.generator = kept


def drawn():
    """What Python, NumPy, TensorFlow and Keras give next."""
    return [
        random.random(),
        float(np.random.random()),
        float(tf.random.uniform(())),
        float(tf.random.normal(())),
        *np.ravel(keras.initializers.GlorotUniform()((2, 2))).tolist(),
    ]


def test_a_seed_leaves_the_callers_random_numbers_alone(caller):
    states = []
    for within in (lambda: None, lambda: tiny.unit(seed=5, dtype="float32")):
        np.random.seed(2)
        tf.random.set_seed(2)
        caller(7)
        drawn()
        within()
        states.append(drawn())
    assert states[0] == states[1]


def test_a_seed_gives_the_same_weights_whatever_the_caller_did(caller):
    found = []
    for own, seed in ((1, 5), (2, 5), (2, 6)):
        caller(own)
        drawn()
        model = tiny.cyclegan(seed=seed)
        found.append(np.concatenate([w.ravel() for ws in tiny.weights(model).values() for w in ws]))
    np.testing.assert_array_equal(found[0], found[1])
    # Kernels differ; biases and scales begin as they are.
    assert np.mean(found[1] != found[2]) > 0.5


def test_networks_and_layers_of_one_seed_differ(caller):
    caller(1)
    kernels = [
        weight.tobytes()
        for weights in tiny.weights(tiny.cyclegan(seed=5)).values()
        for weight in weights
        if weight.ndim == 4
    ]
    assert len(set(kernels)) == len(kernels)


def test_without_a_seed_weights_follow_the_caller(caller):
    found = []
    for own in (1, 1, 2):
        caller(own)
        with backend.seeded(None):
            found.append(np.array(keras.initializers.GlorotUniform()((3, 3))))
        found.append(np.array(keras.initializers.GlorotUniform()((3, 3))))
    np.testing.assert_array_equal(found[0:2], found[2:4])
    assert not np.array_equal(found[0], found[1])
    assert not np.array_equal(found[0], found[4])


def test_a_seed_ends_with_its_block_even_after_an_error(caller):
    expected = []
    for fails in (False, True):
        caller(7)
        if fails:
            with pytest.raises(ZeroDivisionError), backend.seeded(3):
                raise ZeroDivisionError
        expected.append(drawn()[0])
        expected.append(np.array(keras.initializers.GlorotUniform()((2, 2))).tolist())
    assert expected[:2] == expected[2:]
