"""Attention of every position to every other, in memory linear in their number.

The map of scores has the square of the number of positions: 4,864 positions
are 95 MB in float32, 16,384 are 1.1 GB, and training would keep several. Here
it exists a block of rows at a time. The forward pass keeps its output and one
number a position, the logarithm of the sum of exponentials, from which the
backward pass computes each block again (Rabe and Staats 2021, "Self-attention
does not need O(n^2) memory", arXiv:2112.05682; Dao et al. 2022,
"FlashAttention", NeurIPS, appendix B).
"""

import tensorflow as tf

#: Scores that exist at a time: 8 MiB in float32. By measurement (see
#: benchmarks/self_attention.py): smaller blocks are slower, larger ones not faster.
SCORES_AT_ONCE = 2**21


@tf.custom_gradient
def attend(queries, keys, values):
    """Mean of the values, weighted by how well their keys answer each query.

    `o_j = sum_i beta_ji v_i`, `beta_ji = softmax over i of q_j . k_i`, without
    a division by the square root of the depth: equal to
    `softmax(queries @ keys') @ values`, and so is its gradient.

    Scores, softmax and sums over blocks are computed in float32 at least; the
    products with the weights are of the dtype of the values. In bfloat16 those
    take two thirds of the time they take in float32, and output and gradients
    are 2 to 7 times nearer to those of float64 than those of the formula
    written in bfloat16, whose scores have 8 bits. A second derivative exists.

    Parameters
    ----------
    queries : tensor (N, Q, D)
        Q and N may be unknown while a graph is traced.
    keys : tensor (N, P, D)
    values : tensor (N, P, C)
        All three of one dtype.

    Returns
    -------
    tensor (N, Q, C)
        In the dtype of `values`.
    """
    wide = _wide(values.dtype)
    batch, rows, columns = _length(queries, 0), _length(queries, 1), _length(keys, 1)
    count, size = _blocks(batch, rows, columns)
    blocks = _split(tf.cast(queries, wide), count, size)
    wide_keys = tf.cast(keys, wide)

    def block(index, outputs, logarithms):
        scores = tf.matmul(blocks[index], wide_keys, transpose_b=True)
        largest = tf.reduce_max(scores, axis=-1, keepdims=True)
        powers = tf.exp(scores - largest)
        total = tf.reduce_sum(powers, axis=-1, keepdims=True)
        output = tf.matmul(tf.cast(powers, values.dtype), values)
        output = tf.cast(tf.cast(output, wide) / total, values.dtype)
        logarithm = largest + tf.math.log(total)
        return index + 1, outputs.write(index, output), logarithms.write(index, logarithm)

    _, outputs, logarithms = _for_each(
        count,
        block,
        _pieces(count, values.dtype, (queries.shape[0], None, values.shape[-1])),
        _pieces(count, wide, (queries.shape[0], None, 1)),
    )
    output, logarithm = _join(outputs, rows), _join(logarithms, rows)

    def gradient(upstream):
        return _gradient(queries, keys, values, output, logarithm, upstream)

    return output, gradient


def _gradient(queries, keys, values, output, logarithm, upstream):
    # By blocks of keys, the scores transposed: the products with the widest
    # matrices then need no transposition, and what accumulates from block to
    # block is the gradient of the queries, the narrowest of the three.
    wide = _wide(values.dtype)
    batch, rows, columns = _length(queries, 0), _length(queries, 1), _length(keys, 1)
    count, size = _blocks(batch, columns, rows)
    key_blocks, value_blocks = _split(keys, count, size), _split(values, count, size)
    across = [0, 2, 1]
    logarithm = tf.transpose(logarithm, across)
    # Of each query: the mean, weighted, of what its values' slopes are below.
    mean = tf.reduce_sum(tf.cast(upstream, wide) * tf.cast(output, wide), -1)[:, None]
    wide_queries = tf.transpose(tf.cast(queries, wide), across)
    upstream_across = tf.transpose(upstream, across)

    def block(index, to_queries, to_keys, to_values):
        key, value = key_blocks[index], value_blocks[index]
        scores = tf.matmul(tf.cast(key, wide), wide_queries)
        # At most 0 but for rounding, and for the zeros that fill the last block.
        weights = tf.exp(tf.minimum(scores - logarithm, 0))
        to_value = tf.matmul(tf.cast(weights, values.dtype), upstream)
        slope = tf.cast(tf.matmul(value, upstream_across), wide)
        slope = tf.cast(weights * (slope - mean), values.dtype)
        to_key = tf.matmul(slope, queries)
        to_query = tf.matmul(slope, key, transpose_a=True)
        return (
            index + 1,
            to_queries + tf.cast(to_query, wide),
            to_keys.write(index, to_key),
            to_values.write(index, to_value),
        )

    _, to_queries, to_keys, to_values = _for_each(
        count,
        block,
        tf.zeros_like(queries, wide),
        _pieces(count, keys.dtype, (keys.shape[0], None, keys.shape[-1])),
        _pieces(count, values.dtype, (values.shape[0], None, values.shape[-1])),
    )
    to_queries = tf.cast(to_queries, queries.dtype)
    return to_queries, _join(to_keys, columns), _join(to_values, columns)


def _wide(dtype):
    return tf.float64 if dtype == tf.float64 else tf.float32


def _length(tensor, axis):
    """Length of an axis, a number where it is known while tracing."""
    known = tensor.shape[axis]
    return tf.shape(tensor)[axis] if known is None else known


def _blocks(batch, rows, columns):
    """(how many blocks, rows of one): all of one size, the last may be filled."""
    most = _at_least_1(SCORES_AT_ONCE // _at_least_1(batch * columns))
    count = _at_least_1(-(-rows // most))
    return count, -(-rows // count)


def _at_least_1(number):
    return tf.maximum(number, 1) if tf.is_tensor(number) else max(number, 1)


def _split(tensor, count, size):
    """(N, rows, width) as (count, N, size, width), filled with zeros."""
    batch, rows, width = _length(tensor, 0), _length(tensor, 1), tensor.shape[-1]
    tensor = tf.pad(tensor, [(0, 0), (0, count * size - rows), (0, 0)])
    return tf.transpose(tf.reshape(tensor, (batch, count, size, width)), [1, 0, 2, 3])


def _pieces(count, dtype, shape):
    return tf.TensorArray(dtype, count, element_shape=shape)


def _join(pieces, rows):
    """The reverse of `_split`, of what a loop has written."""
    stacked = tf.transpose(pieces.stack(), [1, 0, 2, 3])
    batch, width = _length(stacked, 0), stacked.shape[-1]
    return tf.reshape(stacked, (batch, -1, width))[:, :rows]


def _for_each(count, block, *state):
    # One block at a time: two would be twice the memory.
    return tf.while_loop(
        lambda index, *_: index < count,
        block,
        (tf.constant(0), *state),
        parallel_iterations=1,
    )
