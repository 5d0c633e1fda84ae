"""Noise on two replicas: each draws its own, and their weights stay the same."""

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


def test_without_noise_two_replicas_of_one_image_are_one_device(arrays):
    for replica in range(2):
        np.testing.assert_allclose(
            arrays["quiet/losses"][replica], arrays["single/losses"], rtol=1e-9
        )
        np.testing.assert_allclose(
            arrays[f"quiet/weights/{replica}"], arrays["single/weights"], rtol=0, atol=1e-10
        )


def test_with_noise_replicas_differ_in_losses_and_agree_in_weights(arrays):
    one, other = arrays["noisy/losses"]
    # G_total and the ten terms after it depend on what was drawn.
    assert np.all(one[4:] != other[4:])
    np.testing.assert_array_equal(arrays["noisy/weights/0"], arrays["noisy/weights/1"])
    assert np.abs(arrays["noisy/weights/0"] - arrays["quiet/weights/0"]).max() > 1e-5
