"""Against the formula in NumPy, in float64 and with the whole map."""

import numpy as np
import pytest
import tensorflow as tf

from gan_mri.layers import attention

BATCH, QUERIES, KEYS, DEPTH, WIDTH = 2, 13, 11, 3, 5


def arrays(scale=1.0, queries=QUERIES, keys=KEYS):
    """Queries, keys, values, and what the gradient of the output is to be."""
    random = np.random.default_rng(4)
    shapes = [(queries, DEPTH), (keys, DEPTH), (keys, WIDTH), (queries, WIDTH)]
    made = [random.normal(size=(BATCH, *shape)) for shape in shapes]
    return [scale * made[0], *made[1:]]


def weights(queries, keys):
    scores = queries @ keys.swapaxes(1, 2)
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def formula(queries, keys, values, upstream):
    """The output, and the gradients of its sum weighted by `upstream`."""
    beta = weights(queries, keys)
    slope = upstream @ values.swapaxes(1, 2)
    slope = beta * (slope - (beta * slope).sum(-1, keepdims=True))
    transposed = slope.swapaxes(1, 2)
    return beta @ values, slope @ keys, transposed @ queries, beta.swapaxes(1, 2) @ upstream


def differentiated(queries, keys, values, upstream):
    """The same by `attend`."""
    with tf.GradientTape() as tape:
        tape.watch([queries, keys, values])
        output = attention.attend(queries, keys, values)
    inputs = [queries, keys, values]
    return output, *tape.gradient(output, inputs, output_gradients=upstream)


def assert_near(results, expected, tolerance):
    for result, value in zip(results, expected):
        result = tf.cast(result, tf.float64).numpy()
        largest = max(1.0, np.abs(value).max())
        np.testing.assert_allclose(result, value, rtol=0, atol=tolerance * largest)


@pytest.fixture(params=[1, 60, 100, 10**6], ids=lambda n: f"{n} scores")
def scores_at_once(request, monkeypatch):
    """One row a block; two rows, the last block filled; four; everything."""
    monkeypatch.setattr(attention, "SCORES_AT_ONCE", request.param)
    return request.param


def test_formula_has_the_gradient_that_differences_have():
    given, upstream = arrays()[:3], arrays()[3]
    gradients = formula(*given, upstream)[1:]
    for which, gradient in enumerate(gradients):
        direction = np.random.default_rng(5).normal(size=gradient.shape)
        sums = []
        for sign in (1, -1):
            moved = list(given)
            moved[which] = given[which] + sign * 1e-6 * direction
            sums.append((formula(*moved, upstream)[0] * upstream).sum())
        np.testing.assert_allclose(
            (gradient * direction).sum(), (sums[0] - sums[1]) / 2e-6, rtol=1e-6, atol=1e-7
        )


@pytest.mark.parametrize("mode", ["eager", "graph", "graph of free sizes"])
@pytest.mark.parametrize("dtype, tolerance", [("float64", 1e-13), ("float32", 2e-6)])
def test_output_and_gradients(scores_at_once, mode, dtype, tolerance):
    given = [tf.constant(array, dtype) for array in arrays()]
    free = [tf.TensorSpec((None, None, array.shape[-1]), dtype) for array in given]
    run = {
        "eager": differentiated,
        "graph": tf.function(differentiated),
        "graph of free sizes": tf.function(differentiated, input_signature=free),
    }[mode]
    assert_near(run(*given), formula(*arrays()), tolerance)


def test_one_graph_takes_other_sizes():
    free = [tf.TensorSpec((None, None, n), "float64") for n in (DEPTH, DEPTH, WIDTH, WIDTH)]
    run = tf.function(differentiated, input_signature=free)
    for queries, keys in ((1, 1), (7, 20), (20, 7)):
        given = arrays(queries=queries, keys=keys)
        assert_near(run(*map(tf.constant, given)), formula(*given), 1e-13)


def test_scores_that_would_overflow(scores_at_once):
    # exp(89) overflows in float32; these scores reach the thousands, with both signs.
    given = arrays(scale=1000.0)
    assert np.abs(given[0] @ given[1].swapaxes(1, 2)).max() > 2000
    rounded = [tf.constant(array, "float32") for array in given]
    results = differentiated(*rounded)
    assert all(np.all(np.isfinite(result)) for result in results)
    # Rounding of a score of 4,000 changes a weight by 2e-4 of it.
    expected = formula(*(np.array(array, "float64") for array in rounded))
    assert_near([results[0], results[3]], [expected[0], expected[3]], 1e-3)


def test_scores_far_below_zero(scores_at_once):
    # Every score about -300: where zeros fill the last block, exp(0 + 300) would overflow.
    given = arrays()
    given[0][..., 0], given[1][..., 0] = 17.0, -17.0
    rounded = [tf.constant(array, "float32") for array in given]
    expected = formula(*(np.array(array, "float64") for array in rounded))
    assert_near(differentiated(*rounded), expected, 3e-4)


def test_bfloat16(scores_at_once):
    rounded = [tf.cast(tf.constant(array), tf.bfloat16) for array in arrays()]
    results = differentiated(*rounded)
    assert all(result.dtype == tf.bfloat16 for result in results)
    expected = formula(*(tf.cast(array, tf.float64).numpy() for array in rounded))
    assert_near(results, expected, 0.02)


def test_second_derivative(scores_at_once):
    given = [tf.constant(array) for array in arrays()]

    def plain(queries, keys, values):
        return tf.nn.softmax(tf.matmul(queries, keys, transpose_b=True)) @ values

    def second(attend):
        with tf.GradientTape() as outer:
            outer.watch(given[:3])
            with tf.GradientTape() as inner:
                inner.watch(given[:3])
                output = attend(*given[:3])
            first = inner.gradient(output, given[:3], output_gradients=given[3])
            total = sum(tf.reduce_sum(tf.square(gradient)) for gradient in first)
        return outer.gradient(total, given[:3])

    assert_near(second(attention.attend), [x.numpy() for x in second(plain)], 1e-12)


@pytest.mark.parametrize("free", [False, True])
def test_compiled_by_xla(monkeypatch, free):
    monkeypatch.setattr(attention, "SCORES_AT_ONCE", 60)
    given = [tf.constant(array, "float32") for array in arrays()]
    signature = [tf.TensorSpec((None, None, array.shape[-1])) for array in given[:3]]
    run = tf.function(
        attention.attend, jit_compile=True, input_signature=signature if free else None
    )
    assert_near([run(*given[:3])], formula(*arrays())[:1], 2e-6)


@pytest.mark.parametrize("positions", [64, 256])
def test_no_matrix_is_larger_than_agreed(monkeypatch, positions):
    # 64 x 64 scores are half of what is agreed for two images, 256 x 256 are 16 times more.
    monkeypatch.setattr(attention, "SCORES_AT_ONCE", 2**13)
    largest, multiply = [], tf.matmul

    def matmul(*arguments, **options):
        product = multiply(*arguments, **options)
        largest.append(tf.size(product).numpy())
        return product

    given = [tf.constant(array) for array in arrays(queries=positions, keys=positions)]
    monkeypatch.setattr(tf, "matmul", matmul)
    differentiated(*given)
    assert max(largest) == 2**13
    blocks = max(1, BATCH * positions**2 // 2**13)
    assert len(largest) == (2 + 5) * blocks
