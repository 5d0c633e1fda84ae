"""Rows beyond the ends of a map: zeros, or the map mirrored."""

import tensorflow as tf


def extend(start, stop, length, mirrored=False):
    """Where the rows [start, stop) come from, which may lie beyond the map's ends.

    Parameters
    ----------
    start, stop : int
        start < stop; the map has the rows from 0 to `length`.
    length : int
    mirrored : bool
        Beyond the ends is the map mirrored at its first and last row, so that
        the rows which it is a mirror of are needed too; else a constant.

    Returns
    -------
    ((int, int), (int, int, int, int))
        The rows of the map to read, at least one, and the numbers that
        `extended` needs: rows to add before and after, and which of the
        extended slab are asked for, the first and how many.
    """
    before, after = max(0, -start), max(0, stop - length)
    low, high = min(max(start, 0), length - 1), max(min(stop, length), 1)
    if mirrored and before:
        high = max(high, before + 1)
    if mirrored and after:
        low = min(low, length - 1 - after)
    return (low, high), (before, after, start - low + before, stop - start)


def extended(tensor, numbers, sides, mirrored=False, value=0.0):
    """The rows that `extend` was asked for, and every other axis extended as well.

    Parameters
    ----------
    tensor : tensor `(rows, ..., C)`
        The rows that `extend` said to read.
    numbers : sequence of int32 scalars
        What it said next.
    sides : list of (int, int)
        What to add before and after on the spatial axes but the first.
    mirrored : bool
        As for `extend`.
    value : float
        The constant, where not mirrored.
    """
    before, after, skip, count = numbers
    *lengths, channels = tensor.shape[1:]
    paddings = [[before, after], *(list(side) for side in sides), [0, 0]]
    if mirrored:
        tensor = tf.pad(tensor, paddings, mode="REFLECT")
    else:
        tensor = tf.pad(tensor, paddings, constant_values=tf.cast(value, tensor.dtype))
    # TensorFlow does not see through paddings of which some are not constant.
    space = [length + sum(side) for length, side in zip(lengths, sides)]
    return take(tf.ensure_shape(tensor, (None, *space, channels)), skip, count)


def take(tensor, skip, count):
    """`count` rows from the row `skip`; TensorFlow copies nothing if that is all."""
    others = tensor.shape.rank - 1
    taken = tf.slice(tensor, [skip] + [0] * others, [count] + [-1] * others)
    return tf.ensure_shape(taken, (None, *tensor.shape[1:]))
