"""Layers on two replicas with different images: what one device does with the images of both."""

import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

SCRIPT = pathlib.Path(__file__).with_name("layers_two_replicas.py")


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


def agree(arrays, first, second, parts=("outputs", "loss", "gradient", "weight")):
    names = [name.removeprefix(f"{first}/") for name in arrays if name.startswith(f"{first}/")]
    compared = [name for name in names if name.split("/")[0] in parts]
    assert len(compared) >= 4
    for name in compared:
        ours, theirs = arrays[f"{first}/{name}"], arrays[f"{second}/{name}"]
        scale = max(1.0, np.abs(theirs).max())
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12 * scale, err_msg=name)


@pytest.mark.parametrize(
    "form", ["batch_statistics", "batch_normalization", "batch_statistics_recomputed"]
)
def test_batch_statistics_are_those_of_all_images(arrays, form):
    agree(arrays, f"{form}/two", f"{form}/one")


def test_statistics_of_each_replica_alone_would_differ(arrays):
    """Or the test above would show nothing."""
    images = np.split(arrays["batch_statistics/one/outputs"], 2)
    means = [part.mean((0, 1, 2)) for part in images]
    assert np.abs(means[0] - means[1]).min() > 0.5


@pytest.mark.parametrize("devices", ["one", "two"])
def test_recomputed_chains(arrays, devices):
    """Dropout's draws differ from replica to replica, and are those of the plain chain."""
    agree(arrays, f"chain_recomputed/{devices}", f"chain/{devices}")
