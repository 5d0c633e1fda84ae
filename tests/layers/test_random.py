import keras
import numpy as np
import pytest
import scipy.stats
import tensorflow as tf
import tiny

from gan_mri.layers import Dropout, GaussianNoise, RandomStream, random_streams

SHAPE = (4, 50, 50, 10)
COUNT = int(np.prod(SHAPE))


def pairs(stream, count):
    return [tuple(stream.next().numpy().tolist()) for _ in range(count)]


def test_a_stream_never_repeats():
    stream = RandomStream(seed=5)
    seeds = pairs(stream, 300)
    assert len(set(seeds)) == 300
    assert int(stream.count) == 300
    # Nor does one give what another gave.
    assert not set(seeds) & set(pairs(RandomStream(seed=6), 300))


def test_a_stream_goes_on_inside_a_function():
    stream = RandomStream(seed=5)
    draw = tf.function(lambda: [stream.next() for _ in range(2)])
    drawn = [tuple(seed.numpy()) for _ in range(3) for seed in draw()]
    assert drawn == pairs(RandomStream(seed=5), 6)


def test_a_stream_resumes_where_its_checkpoint_was_written(tmp_path):
    stream, other = RandomStream(seed=5), RandomStream(seed=5)
    x = np.zeros(SHAPE, np.float32)
    noise, same = GaussianNoise(1.0, stream), GaussianNoise(1.0, other)
    noise(x, training=True)
    path = tf.train.Checkpoint(count=stream.count).write(str(tmp_path / "stream"))
    following = [noise(x, training=True).numpy() for _ in range(2)]
    tf.train.Checkpoint(count=other.count).read(path).assert_consumed()
    for expected in following:
        np.testing.assert_array_equal(same(x, training=True), expected)


def test_noise_is_gaussian_and_added():
    x = tiny.images(*SHAPE, dtype="float32")
    layer = GaussianNoise(0.5, RandomStream(seed=1))
    first, second = (np.asarray(layer(x, training=True)) - x for _ in range(2))
    for noise in (first, second):
        # Five standard errors of mean and deviation.
        assert abs(noise.mean()) < 5 * 0.5 / np.sqrt(COUNT)
        assert abs(noise.std() - 0.5) < 5 * 0.5 / np.sqrt(2 * COUNT)
        assert scipy.stats.kstest(noise.ravel() / 0.5, "norm").pvalue > 1e-4
    correlation = np.corrcoef(first.ravel(), second.ravel())[0, 1]
    assert abs(correlation) < 5 / np.sqrt(COUNT)


@pytest.mark.parametrize("rate", [0.2, 0.5])
def test_dropout_sets_a_share_to_zero_and_scales_the_rest(rate):
    x = 3 + tiny.images(*SHAPE, dtype="float32")
    layer = Dropout(rate, RandomStream(seed=1))
    first, second = (np.asarray(layer(x, training=True)) for _ in range(2))
    for output in (first, second):
        kept = output != 0
        np.testing.assert_allclose(output[kept], x[kept] / (1 - rate), rtol=1e-6)
        error = np.sqrt(rate * (1 - rate) / COUNT)
        assert abs(1 - kept.mean() - rate) < 5 * error
        # No channel and no image is favoured.
        for axes in ((1, 2, 3), (0, 1, 2)):
            share = 1 - kept.mean(axis=axes)
            assert np.abs(share - rate).max() < 6 * error * np.sqrt(share.size)
    # Independent draws: both drop rate^2 of the values.
    both = np.mean((first == 0) & (second == 0))
    assert abs(both - rate**2) < 5 * np.sqrt(rate**2 * (1 - rate**2) / COUNT)


@pytest.mark.parametrize("make", [GaussianNoise, Dropout])
def test_nothing_happens_and_nothing_is_drawn_outside_of_training(make):
    stream = RandomStream()
    layer, x = make(0.5, stream), tiny.images(*SHAPE, dtype="float32")
    np.testing.assert_array_equal(layer(x), x)
    np.testing.assert_array_equal(layer(x, training=False), x)
    assert int(stream.count) == 0


@pytest.mark.parametrize("make", [GaussianNoise, Dropout])
def test_a_seed_makes_the_numbers(make):
    x = 3 + tiny.images(*SHAPE, dtype="float32")
    first, again, other = (
        np.asarray(make(0.5, RandomStream(seed))(x, training=True)) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert np.mean(first == other) < 0.6


def test_layers_of_one_stream_draw_different_numbers():
    stream, x = RandomStream(), np.zeros(SHAPE, np.float32)
    layers = [GaussianNoise(1.0, stream) for _ in range(2)]
    first, second = (layer(x, training=True) for layer in layers)
    assert np.mean(np.asarray(first) == np.asarray(second)) < 0.01
    assert int(stream.count) == 2


def test_the_same_numbers_in_every_precision_but_double():
    x = np.zeros(SHAPE)
    wide = GaussianNoise(1.0, RandomStream(3), dtype="float32")(x.astype("float32"), training=True)
    for dtype in ("bfloat16", "float16"):
        half = GaussianNoise(1.0, RandomStream(3), dtype=dtype)(tf.cast(x, dtype), training=True)
        assert half.dtype == dtype
        np.testing.assert_array_equal(half, tf.cast(wide, dtype))


def test_a_rate_of_zero_keeps_everything():
    x = tiny.images(2, 3, 4, 1)
    np.testing.assert_array_equal(Dropout(0.0, dtype="float64")(x, training=True), x)


@pytest.mark.parametrize("rate", [1.0, 1.5, -0.1, float("nan")])
def test_a_rate_that_is_none(rate):
    with pytest.raises(ValueError, match="rate must be from 0 to below 1. Received: "):
        Dropout(rate)


def drawn(layer, count=1):
    x = tf.constant(np.ones(SHAPE, np.float32))
    return np.array([layer(x, training=True) for _ in range(count)])


@pytest.mark.parametrize("make", [GaussianNoise, Dropout])
def test_layers_without_a_stream_draw_different_numbers(make):
    first, second = drawn(make(0.5)), drawn(make(0.5))
    assert np.mean(first == second) < 0.6


@pytest.mark.parametrize("make", [GaussianNoise, Dropout])
def test_a_global_seed_repeats_layers_without_a_stream(make):
    found = []
    for seed in (7, 7, 8):
        keras.utils.set_random_seed(seed)
        found.append([drawn(make(0.5)), drawn(make(0.5))])
    np.testing.assert_array_equal(found[0], found[1])
    assert np.mean(found[0][0] == found[2][0]) < 0.6


@pytest.mark.parametrize("make", [GaussianNoise, Dropout])
def test_a_copy_repeats_a_layer_with_a_stream_of_its_own(make):
    for layer in (make(0.5), make(0.5, RandomStream(5))):
        expected = drawn(layer, 3)
        copy = make.from_config(layer.get_config())
        np.testing.assert_array_equal(drawn(copy, 3), expected)
        # Nor does the copy move the original's stream.
        assert copy.stream is not layer.stream
        assert copy.get_config() == layer.get_config()


def noisy_network():
    """Two layers that share a stream, and one of its own with the same seed."""
    shared = RandomStream(5)
    image = x = keras.Input(SHAPE[1:])
    for stream in (shared, shared, RandomStream(6)):
        x = keras.layers.Concatenate()([x, GaussianNoise(1.0, stream)(image)])
    return keras.Model(image, x)


def cloned(network, folder):
    return keras.models.clone_model(network)


def saved(network, folder):
    network.save(folder / "network.keras")
    return keras.models.load_model(folder / "network.keras")


@pytest.mark.parametrize("copied", [cloned, saved])
def test_layers_of_a_copied_network_do_not_repeat_each_other(copied, tmp_path):
    copies = [copied(noisy_network(), tmp_path) for _ in range(2)]
    x = tf.constant(np.zeros(SHAPE, np.float32))
    first, second = (np.array(copy(x, training=True)) for copy in copies)
    np.testing.assert_array_equal(first, second)
    noises = np.split(first, 4, axis=-1)[1:]
    for one in range(3):
        for other in range(one):
            assert np.mean(noises[one] == noises[other]) < 0.01


def test_branches_of_a_seed_never_meet():
    streams = [RandomStream(seed, branch) for seed in (5, 6) for branch in (0, 1, 2)]
    drawn = [pair for stream in streams for pair in pairs(stream, 100)]
    assert len(set(drawn)) == len(drawn)


def test_files_without_a_seed_are_still_read():
    """Layers wrote none before."""
    config = Dropout(0.5).get_config()
    del config["seed"], config["branch"]
    assert Dropout.from_config(config).rate == 0.5


def test_the_numbers_of_old_runs_go_on(tmp_path):
    """Seed and counter of a stream that several layers share: bit for bit as ever."""
    stream, count = RandomStream(5), tf.Variable(3, dtype=tf.int64)
    path = tf.train.Checkpoint(count=count).write(str(tmp_path / "old"))
    tf.train.Checkpoint(count=stream.count).read(path).assert_consumed()
    layers = [GaussianNoise(1.0, stream) for _ in range(2)]
    for number, layer in enumerate(layers, start=4):
        expected = tf.random.stateless_normal(SHAPE, tf.constant([5, number], tf.int64))
        np.testing.assert_array_equal(drawn(layer)[0] - 1, (1 + expected) - 1)


def test_streams_of_a_network_are_found_once_and_in_inner_networks():
    shared, own = RandomStream(), RandomStream()
    inner = keras.Sequential([keras.Input((3,)), Dropout(0.5, own), Dropout(0.5, shared)])
    image = keras.Input((3,))
    network = keras.Model(image, GaussianNoise(1.0, shared)(inner(image)))
    assert set(random_streams(network)) == {shared, own}
    assert len(random_streams(network)) == 2
    assert random_streams(keras.Sequential([keras.Input((3,)), keras.layers.ReLU()])) == []


def test_the_counter_is_no_weight_of_a_network():
    """Weight files of a network are the same with and without noise."""
    network = keras.Sequential([keras.Input((3,)), GaussianNoise(1.0), Dropout(0.5)])
    network(np.zeros((1, 3), np.float32), training=True)
    assert network.weights == []
