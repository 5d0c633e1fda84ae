"""Everything that differs between the two Keras generations, and nothing else.

The package runs on TensorFlow 2.15 with Keras 2.15 (the stack of
tensorflow-addons) and on today's TensorFlow with Keras 3. Every other module
uses only what both have.
"""

import contextlib
import os
import random

from gan_mri.arguments import check_keras
from gan_mri.errors import GanMriError

# Before Keras, which chooses its backend when it is first imported.
check_keras()
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402

KERAS_3 = int(keras.__version__.split(".")[0]) >= 3

#: What `--precision` and `dtype=` accept, and the Keras policy behind it.
POLICIES = {
    "float32": "float32",
    "float64": "float64",
    "bfloat16": "mixed_bfloat16",
    "float16": "mixed_float16",
}

if KERAS_3 and keras.backend.backend() != "tensorflow":
    raise GanMriError(
        "gan_mri needs the TensorFlow backend of Keras 3, but Keras was started "
        f"with {keras.backend.backend()!r}. Set KERAS_BACKEND=tensorflow before "
        "the first import of keras."
    )


@contextlib.contextmanager
def precision(dtype):
    """Build layers under a precision, and put the global policy back afterwards.

    Parameters
    ----------
    dtype : str or None
        "float32", "float64", "bfloat16" or "float16"; the last two are mixed:
        they compute in 16 bits and keep their variables in float32. None
        leaves the global policy as it is.

    Raises
    ------
    GanMriError
        For any other name.
    """
    if dtype is None:
        yield
        return
    if dtype not in POLICIES:
        raise GanMriError(f"dtype must be one of {', '.join(POLICIES)}. Received: {dtype!r}.")
    mixed_precision, floatx = keras.mixed_precision, keras.backend.floatx()
    if KERAS_3:
        before = mixed_precision.dtype_policy()
        set_policy = mixed_precision.set_dtype_policy
    else:
        before = mixed_precision.global_policy()
        set_policy = mixed_precision.set_global_policy
    try:
        keras.backend.set_floatx("float64" if dtype == "float64" else "float32")
        set_policy(POLICIES[dtype])
        yield
    finally:
        keras.backend.set_floatx(floatx)
        set_policy(before)


@contextlib.contextmanager
def seeded(seed):
    """Draw initial weights from a seed, and leave the caller's random numbers as they were.

    Keras draws the seeds of initializers from Python's random numbers; Keras 2 does so only
    until somebody calls `keras.utils.set_random_seed`, which gives it a generator of its own.

    Parameters
    ----------
    seed : int or None
        None changes nothing.
    """
    if seed is None:
        yield
        return
    state = random.getstate()
    random.seed(seed)
    own = None if KERAS_3 else _keras_2_generator()
    generator = getattr(own, "generator", None)
    if generator is not None:
        own.generator = random.Random(seed)
    try:
        yield
    finally:
        random.setstate(state)
        if generator is not None:
            own.generator = generator


def _keras_2_generator():
    from keras.src import backend  # Keras 2.15 is the last of its line: this name stays

    return backend._SEED_GENERATOR


def full_precision():
    """Name of the dtype in which variables, statistics and losses are kept.

    Returns
    -------
    str
        "float64" under a float64 policy, else "float32": mixed policies keep
        their last layer and their statistics in float32.
    """
    policy = (
        keras.mixed_precision.dtype_policy() if KERAS_3 else keras.mixed_precision.global_policy()
    )
    return policy.variable_dtype


def tf_variables(variables):
    """The `tf.Variable`s behind a list of Keras variables."""
    return [variable.value for variable in variables] if KERAS_3 else list(variables)


def add_wide_weight(layer, name, shape, initializer, trainable=True):
    """A weight that mixed precision does not cast down when it is read.

    Parameters
    ----------
    layer : keras.layers.Layer
        The layer that owns it, being built.
    name, shape, initializer
        As for `Layer.add_weight`.
    trainable : bool
        False for state that the layer itself updates in training. Under
        `tf.distribute` such state must be computed from mirrored weights
        alone: the first replica's value is taken for all.
    """
    if KERAS_3:
        options = {"autocast": False}
        first_replica = "only_first_replica"
    else:
        options = {"experimental_autocast": False}
        first_replica = tf.VariableAggregation.ONLY_FIRST_REPLICA
    if not trainable:
        options["aggregation"] = first_replica
    return layer.add_weight(
        name=name,
        shape=shape,
        initializer=initializer,
        trainable=trainable,
        dtype=layer.variable_dtype,
        **options,
    )


def addons_instance_normalization(name=None):
    """The instance normalisation of tensorflow-addons, or its successor in Keras 3.

    Both compute `gamma * (x - mean) / sqrt(variance + 1e-5) + beta` over the
    spatial axes; both keep `gamma` and `beta`.

    Returns
    -------
    keras.layers.Layer
        `tensorflow_addons.layers.InstanceNormalization` on Keras 2,
        `keras.layers.GroupNormalization(groups=-1)` on Keras 3, whose official
        successor it is.

    Raises
    ------
    GanMriError
        On Keras 2 without tensorflow-addons.
    """
    if KERAS_3:
        return keras.layers.GroupNormalization(groups=-1, epsilon=1e-5, name=name)
    try:
        import tensorflow_addons
    except ImportError as error:
        raise GanMriError(
            'normalization="addons" needs tensorflow-addons on Keras 2. Install '
            "it with: pip install 'gan_mri[addons]'."
        ) from error
    return tensorflow_addons.layers.InstanceNormalization(epsilon=1e-5, name=name)
