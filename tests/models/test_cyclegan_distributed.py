"""Two replicas with half of the batch each train as one device with all of it."""

import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

SCRIPT = pathlib.Path(__file__).with_name("two_replicas.py")


@pytest.fixture(scope="module")
def arrays(tmp_path_factory):
    path = tmp_path_factory.mktemp("replicas") / "out.npz"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, SCRIPT, path],
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    with np.load(path, allow_pickle=False) as file:
        return dict(file)


def test_losses_and_weights_are_those_of_one_device(arrays):
    keys = [key for key in arrays if key.startswith("one/")]
    assert sum("/tuple/loss/" in key for key in keys) == 13 * 3
    assert sum("/dict/loss/" in key for key in keys) == 13 * 2
    for key in keys:
        np.testing.assert_allclose(
            arrays["two" + key.removeprefix("one")],
            arrays[key],
            rtol=1e-9,
            atol=1e-11,
            err_msg=key,
        )


def test_identity_learning_was_at_every_second_step(arrays):
    # Three steps: 3 for the generators, 2 x 2 for identity learning.
    assert int(arrays["two/tuple/iterations/G"]) == 7
    assert int(arrays["two/tuple/iterations/D"]) == 12


def test_every_replica_has_a_pool_of_its_own(arrays):
    signs = np.array([[1], [-1]])
    assert np.all(signs * arrays["pool/returned"] > 0)
    assert np.all(signs * arrays["pool/held"] > 0)
    # Old images do come back.
    numbers = signs * arrays["pool/returned"]
    assert np.all(np.any(numbers < np.arange(1, 21), axis=1))


def test_checkpoint_holds_the_pool_of_the_first_replica(arrays):
    assert int(arrays["pool/queries"]) == 20
    for replica in range(2):
        np.testing.assert_array_equal(arrays["pool/restored"][replica], arrays["pool/held"][0])
