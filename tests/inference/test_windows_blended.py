import itertools

import keras
import numpy as np
import pytest
import tiny

from gan_mri.errors import GanMriError
from gan_mri.inference.volumes import apply_in_windows
from gan_mri.inference.volumes.differences import Differences
from gan_mri.networks import resnet_generator


@pytest.mark.parametrize("overlap", [0, 0.3, 0.5, 0.9])
@pytest.mark.parametrize("size", [5, (7, 40, 1), 64])
def test_every_voxel_is_covered(size, overlap):
    """What does not depend on the window comes out as it is, borders included."""
    volume = tiny.images(17, 13, 11, 2, dtype="float32")
    found, mismatch = apply_in_windows(lambda x: 3 * x, volume, size=size, overlap=overlap)
    assert found.shape == volume.shape and found.dtype == np.float32
    np.testing.assert_allclose(found, 3 * volume, rtol=0, atol=3e-6)
    assert not mismatch.mean > 1e-6
    if size == 64:
        assert mismatch.count == 0 and np.isnan(mismatch.mean)
        assert np.isnan(mismatch.percentile_99)


def test_by_hand():
    """Windows of 4 at 0, 2, 4 along 8 columns, each a number of its own."""
    numbers = iter([0.0, 1.0, 3.0])
    found, mismatch = apply_in_windows(
        lambda x: np.full_like(x, next(numbers)), np.zeros((1, 8, 1)), size=(1, 4)
    )
    hann = np.sin(np.pi * np.array([0.5, 1.5, 2.5, 3.5]) / 4) ** 2
    fades = hann[:2]  # and the reverse of the other window
    expected = [0, 0, *(fades * 1), *(1 + fades * 2), 3, 3]
    np.testing.assert_allclose(found[0, :, 0], expected, rtol=1e-6)
    # Two columns differ by 1, two by 2.
    assert mismatch.count == 4 and mismatch.mean == pytest.approx(1.5)
    assert mismatch.percentile_99 == pytest.approx(2, rel=0.005)


@pytest.mark.parametrize("batch_size", [1, 4])
def test_mismatch_of_the_first_two_windows(batch_size):
    """Against all windows held at once."""
    volume = tiny.images(9, 8, 7, 1, dtype="float32")
    size, seen = (4, 4, 3), []

    def network(x):
        outputs = x * (1 + np.abs(x).mean(axis=(1, 2, 3, 4), keepdims=True))
        seen.extend(np.asarray(outputs))
        return outputs

    _, mismatch = apply_in_windows(network, volume, size=size, batch_size=batch_size)
    # Evenly, at least half covered again: 9 by 4 at 0, 2, 3, 5 and so on.
    starts = [(0, 2, 3, 5), (0, 2, 4), (0, 1, 2, 3, 4)]
    said = {}
    for output, corner in zip(seen, itertools.product(*starts), strict=True):
        for offset in np.ndindex(size):
            voxel = tuple(np.add(corner, offset))
            said.setdefault(voxel, []).append(float(output[offset][0]))
    expected = [abs(values[1] - values[0]) for values in said.values() if len(values) > 1]
    assert len(said) == 9 * 8 * 7 and mismatch.count == len(expected)
    assert mismatch.mean == pytest.approx(np.mean(expected), rel=1e-4)
    assert mismatch.percentile_99 == pytest.approx(np.percentile(expected, 99), rel=0.02)
    assert "tile mismatch: mean 0." in str(mismatch)


def test_a_network_of_pictures():
    keras.utils.set_random_seed(3)
    network = resnet_generator((None, None, 1), filters=2, residual_blocks=1)
    picture = tiny.images(50, 41, 1, dtype="float32")
    one, mismatch = apply_in_windows(network, picture, size=64)
    np.testing.assert_allclose(one, np.asarray(network(picture[np.newaxis]))[0], atol=1e-5)
    # Statistics of a window are not those of the picture.
    several, mismatch = apply_in_windows(network, picture, size=24, batch_size=3)
    assert np.abs(several - one).mean() > 1e-3 and mismatch.mean > 1e-3


def test_several_inputs():
    volumes = {"a": tiny.images(9, 9, 1), "b": tiny.images(9, 9, 2, seed=1)}
    found, _ = apply_in_windows(lambda given: given["a"] + given["b"], volumes, size=4)
    np.testing.assert_allclose(found, volumes["a"] + volumes["b"], atol=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 0}, "size: expected a length from 1"),
        ({"size": (4, 4)}, "size: .*3 of them"),
        ({"size": 4, "overlap": 1}, "overlap"),
        ({"size": 4, "overlap": -0.1}, "overlap"),
        ({"size": 4, "batch_size": 0}, "batch_size"),
        ({"size": 4, "network": lambda x: x[:, 1:]}, "outputs of the size of its inputs"),
        ({"size": 4, "volume": np.zeros((3, 3))}, "volume"),
        ({"size": 4, "volume": {"a": np.zeros((3, 3, 1)), "b": np.zeros((3, 4, 1))}}, "one size"),
    ],
)
def test_refused(options, message):
    arguments = {"network": lambda x: x, "volume": np.zeros((6, 6, 6, 1)), **options}
    with pytest.raises(GanMriError, match=message):
        apply_in_windows(**arguments)


def test_percentiles_of_many_differences():
    values = np.random.default_rng(0).lognormal(0, 3, 100_000).astype(np.float32)
    differences = Differences()
    for part in np.array_split(values, 7):
        differences.add(part)
    assert differences.count == 100_000
    assert differences.mean == pytest.approx(values.astype(float).mean(), rel=1e-9)
    for percent in (1, 50, 99, 100):
        found = differences.percentile(percent)
        assert found == pytest.approx(np.percentile(values, percent), rel=0.006)


def test_percentiles_of_zeros():
    differences = Differences()
    differences.add(np.zeros(10))
    assert differences.mean == 0 and differences.percentile(99) == 0
