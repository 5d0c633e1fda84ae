"""Live bytes against graphs small enough to be counted by hand."""

import tensorflow as tf

from gan_mri.layers.recomputed import Recomputed
from gan_mri.planning.liveness import live_bytes, needed_operations

_MIB = 2**20
_SIDE = 512  # (512, 512) in float32 is 1 MiB


def _graph(function, *shapes, dtype=tf.float32):
    specs = [tf.TensorSpec(shape, dtype) for shape in shapes or [(_SIDE, _SIDE)]]
    return tf.function(function, autograph=False).get_concrete_function(*specs).graph


def _product(x):
    return tf.matmul(x, x)


def test_a_result_is_held_and_the_input_is_the_callers():
    assert live_bytes(_graph(_product)) == _MIB


def test_a_chain_holds_two_maps_at_a_time():
    assert live_bytes(_graph(lambda x: _product(_product(_product(_product(x)))))) == 2 * _MIB


def test_maps_that_are_read_later_are_kept():
    def function(x):
        a = _product(x)
        b = _product(a)
        c = _product(b)
        return tf.matmul(a, c)

    # a, b and c when c is made; a, c and the result at the end.
    assert live_bytes(_graph(function)) == 3 * _MIB


def test_element_by_element_writes_over_what_nobody_reads_any_more():
    assert live_bytes(_graph(lambda x: tf.nn.relu(tf.nn.relu(_product(x))))) == _MIB
    # Read again: it has to stay.
    assert live_bytes(_graph(lambda x: tf.matmul(a := _product(x), tf.nn.relu(a)))) == 3 * _MIB


def test_reshaping_copies_nothing():
    graph = _graph(lambda x: tf.reshape(tf.identity(_product(x)), (_SIDE * _SIDE,)))
    assert live_bytes(graph) == _MIB


def test_bytes_follow_the_precision():
    assert live_bytes(_graph(_product, dtype=tf.bfloat16)) == _MIB // 2


def _gradient(layers, chain):
    def function(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            total = tf.reduce_sum(chain(x, layers))
        return tape.gradient(total, x)

    return function


def test_the_backward_pass_keeps_every_map():
    def chain(x, layers):
        for _ in range(layers):
            x = tf.sin(tf.matmul(x, x, transpose_b=True))
        return x

    few, many = (live_bytes(_graph(_gradient(layers, chain))) for layers in (2, 12))
    # Of each layer the product, for the sine's slope, and the sine, for the next product's.
    assert many - few == 2 * 10 * _MIB


def test_what_is_recomputed_is_not_kept():
    layers = [tf.keras.layers.Dense(_SIDE, activation="tanh") for _ in range(8)]
    blocks = [Recomputed(layers[:4]), Recomputed(layers[4:])]
    for one in (*layers, *blocks):
        one.build((None, _SIDE))

    def chain(x, parts):
        for part in parts:
            x = part(x)
        return x

    plain, again = (live_bytes(_graph(_gradient(parts, chain))) for parts in (layers, blocks))
    assert again < 0.8 * plain


def test_operations_without_a_reader_are_left_out():
    kept = tf.Variable(tf.zeros((2,)), name="kept")

    def function(x):
        _product(_product(x))
        kept.assign_add([1.0, 1.0])
        return tf.reduce_sum(x)

    kinds = [one.type for one in needed_operations(_graph(function))]
    assert "MatMul" not in kinds
    assert "Sum" in kinds and "AssignAddVariableOp" in kinds
