"""The pool is followed by a Python list: what it returned tells what it must hold."""

import numpy as np
import pytest
import tensorflow as tf

from gan_mri.models.image_pool import ImagePool


def numbered(first, count):
    """Images whose every pixel is their own number."""
    numbers = np.arange(first, first + count, dtype="float32")
    return np.broadcast_to(numbers[:, None, None, None], (count, 2, 3, 1))


def ask(query, first, count):
    """The numbers of the images that come back."""
    returned = np.asarray(query(numbered(first, count)))
    assert returned.shape == (count, 2, 3, 1)
    np.testing.assert_array_equal(returned, numbered(0, 1) + returned[:, :1, :1])
    return [int(number) for number in returned[:, 0, 0, 0]]


def queries(pool):
    signature = tf.TensorSpec((None, 2, 3, 1))
    return tf.function(pool.query, input_signature=[signature])


@pytest.mark.parametrize(("size", "batch"), [(1, 1), (6, 1), (6, 3), (5, 2), (2, 3)])
def test_old_images_come_back_half_of_the_time(size, batch):
    pool = ImagePool(size, (2, 3, 1), seed=4)
    query, held, exchanged, asked = queries(pool), [], [], 0
    for first in range(1, 601, batch):
        for new, old in zip(range(first, first + batch), ask(query, first, batch)):
            if len(held) < size:
                assert old == new
                held.append(new)
                continue
            asked += 1
            if old != new:
                # An image that it kept, and that it keeps no longer.
                slot = held.index(old)
                held[slot] = new
                exchanged.append(slot)
    # Which slot holds which image, too.
    assert [int(image[0, 0, 0]) for image in pool.images.numpy()] == held
    # 600 fair coins: a deviation of 0.08 is 4 standard deviations.
    assert abs(len(exchanged) / asked - 0.5) < 0.08
    counts = np.bincount(exchanged, minlength=size)
    expected = len(exchanged) / size
    assert np.all(np.abs(counts - expected) < 5 * np.sqrt(expected))


def test_seeds_draw_differently():
    returned = []
    for seed in (0, 0, 1, 2):
        query = queries(ImagePool(4, (2, 3, 1), seed=seed))
        returned.append([ask(query, number, 1)[0] for number in range(40)])
    assert returned[0] == returned[1]
    assert len({tuple(numbers) for numbers in returned}) == 3


@pytest.mark.parametrize("batch", [1, 3])
def test_size_0_returns_the_new_images(batch):
    pool = ImagePool(0, (2, 3, 1))
    assert ask(pool.query, 7, batch) == list(range(7, 7 + batch))
    assert not pool.variables


def test_no_gradient_to_the_generators():
    pool, images = ImagePool(2, (2, 3, 1)), tf.constant(numbered(1, 2))
    with tf.GradientTape() as tape:
        tape.watch(images)
        total = tf.reduce_sum(pool.query(images))
    assert tape.gradient(total, images) is None


def test_float64():
    pool = ImagePool(2, (1, 1, 1), dtype="float64")
    image = np.full((1, 1, 1, 1), 1 / 3)
    np.testing.assert_array_equal(pool.query(tf.constant(image)), image)
    np.testing.assert_array_equal(pool.images[0], image[0])


@pytest.mark.parametrize("before", [2, 20])
def test_checkpoint_goes_on_where_it_stopped(tmp_path, before):
    pool, other = (ImagePool(4, (2, 3, 1), seed=4) for _ in range(2))
    query = queries(pool)
    for number in range(before):
        ask(query, number, 1)
    path = tf.train.Checkpoint(pool=pool).write(str(tmp_path / "pool"))
    tf.train.Checkpoint(pool=other).read(path).assert_consumed()
    uninterrupted = [ask(query, before + number, 1) for number in range(20)]
    resumed = queries(other)
    assert [ask(resumed, before + number, 1) for number in range(20)] == uninterrupted
