"""UNIT on two replicas: the update of one device, and noise of each one's own."""

import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

SCRIPT = pathlib.Path(__file__).with_name("unit_two_replicas.py")


@pytest.fixture(scope="module")
def arrays(tmp_path_factory):
    path = tmp_path_factory.mktemp("replicas") / "out.npz"
    done = subprocess.run(
        [sys.executable, SCRIPT, path],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    with np.load(path, allow_pickle=False) as file:
        return dict(file)


def test_seeds_of_replicas_never_meet(arrays):
    seeds = arrays["seeds"].reshape(-1, 2)
    assert len(np.unique(seeds, axis=0)) == len(seeds) == 6


def test_a_stream_resumes_on_both_replicas(arrays):
    assert arrays["count"] == 3
    np.testing.assert_array_equal(arrays["restored"], arrays["next"])
    assert len(np.unique(arrays["next"], axis=0)) == 2


def test_two_replicas_of_one_image_are_one_device(arrays):
    for replica in range(2):
        np.testing.assert_allclose(arrays["two/losses"][replica], arrays["one/losses"], rtol=1e-9)
        np.testing.assert_allclose(
            arrays[f"two/weights/{replica}"], arrays["one/weights"], rtol=0, atol=1e-10
        )


def test_replicas_draw_noise_of_their_own(arrays):
    drawn = arrays["drawn"].reshape(4, -1)
    for first in range(4):
        for second in range(first):
            assert np.abs(drawn[first] - drawn[second]).max() > 0.01
