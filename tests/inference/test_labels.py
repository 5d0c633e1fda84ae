from types import SimpleNamespace

import numpy as np

from gan_mri.inference.labels import few_values, nearest


def samples(*arrays):
    return SimpleNamespace(files=lambda: [(SimpleNamespace(array=a), len(a)) for a in arrays])


def test_the_values_of_all_files():
    first = np.zeros((2, 90, 90), np.uint8)
    second = np.zeros((1, 90, 90), np.int16)
    # Single pixels, which a look at some of them would miss.
    first[1, 3, 5], second[0, 88, 1] = 7, -2
    assert few_values(samples(first, second)) == [-2.0, 0.0, 7.0]


def test_measurements_are_no_labels():
    labels = np.arange(64.0).reshape(1, 8, 8)
    assert few_values(samples(labels)) == list(range(64))
    assert few_values(samples(labels, labels + 0.5)) is None
    noise = np.random.default_rng(0).normal(size=(1, 200, 200))
    assert few_values(samples(noise)) is None


def test_nearest_is_nearest():
    values = np.array([-2.0, 0.0, 1.0, 7.0])
    image = np.random.default_rng(0).uniform(-5, 10, (4, 5, 6, 1)).astype(np.float32)
    found = nearest(image, values)
    expected = values[np.abs(image[..., None] - values).argmin(axis=-1)]
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(nearest(image, [3.0]), np.full_like(image, 3))
