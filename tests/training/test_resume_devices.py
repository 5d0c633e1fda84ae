"""A run that goes on with another number of devices keeps its batch and its schedule."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]

# Its own process: the number of logical devices is settled when TensorFlow starts.
SCRIPT = """
import json, signal, sys
from pathlib import Path
sys.path.insert(0, "tests")
import numpy as np
import tensorflow as tf
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 3
)
import runs
from gan_mri.errors import GanMriError
from gan_mri.runs.run import load_run
from gan_mri.training import monitor, session
from gan_mri.training.stopping import Interrupted
from gan_mri.training.trainer import Trainer

monitor.history_figure = lambda *arguments: None
options = {**runs.QUICK, "split": (1, 0, 0), "epochs": 4, "decay_epoch": 1, "strategy": "mirrored"}
folder = Path(sys.argv[1])
sizes = []
real = Trainer._step

def train(devices, out, stop=None, **options):
    names = [device.name for device in tf.config.list_logical_devices("CPU")[:devices]]
    session.choose_strategy = lambda name: tf.distribute.MirroredStrategy(names)

    def step(self, now, batch):
        parts = [part for image in batch.values() for part in getattr(image, "values", [image])]
        sizes.append((devices, [len(part) for part in parts]))
        if now == stop:
            signal.raise_signal(signal.SIGINT)
        return real(self, now, batch)

    Trainer._step = step
    try:
        return runs.train_phantom(out, **options)
    except Interrupted:
        return load_run(out)

def weights(run):
    return [array.tolist() for array in run.network("G_A2B").get_weights()]

alone = train(1, folder / "alone", **options | {"batch_size": 2})
run = train(2, folder / "run", stop=3, **options)
first = dict(run.config)
try:
    train(3, folder / "run", resume=True)
except GanMriError as error:
    refused = str(error)
run = train(1, folder / "run", stop=7, resume=True)
second = dict(run.config)
run = train(2, folder / "run", resume=True)
rows = ["epoch", "step", "learning_rate_factor", "G_total"]
json.dump({
    "configs": [first, second, run.config],
    "refused": refused,
    "sizes": sizes,
    "histories": [[[row[name] for name in rows] for row in one.history] for one in (alone, run)],
    "weights": [weights(alone), weights(run)],
}, open(folder / "found.json", "w"))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("devices")
    process = subprocess.run(
        [sys.executable, "-c", SCRIPT, folder],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert process.returncode == 0, process.stderr[-3000:]
    return json.loads((folder / "found.json").read_text())


def test_the_batch_over_all_devices_stays(found):
    """Two images of each of two contrasts in every step, on two devices or on one."""
    assert {name: found["configs"][0][name] for name in ("replicas", "global_batch_size")} == {
        "replicas": 2,
        "global_batch_size": 2,
    }
    assert {json.dumps(sizes) for devices, sizes in found["sizes"] if devices == 2} == {
        "[1, 1, 1, 1]"
    }
    assert {json.dumps(sizes) for devices, sizes in found["sizes"] if devices == 1} == {"[2, 2]"}


def test_nothing_ends_without_training_and_the_schedule_stays(found):
    one, other = found["histories"]
    assert [row[:2] for row in other] == [[1, 3], [2, 6], [3, 9], [4, 12]]
    np.testing.assert_allclose(other, one, rtol=1e-5)
    # Steps of the one-device run, and of the others: twelve each.
    assert len(found["sizes"]) == 24


def test_the_weights_are_those_of_one_device(found):
    for one, other in zip(*found["weights"], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_what_it_was_started_with_is_remembered_and_what_it_goes_on_with_noted(found):
    first, second, third = found["configs"]
    assert "resumed" not in first
    assert [one["replicas"] for one in second["resumed"]] == [1]
    assert [one["replicas"] for one in third["resumed"]] == [1, 2]
    for config in (second, third):
        for name in ("replicas", "global_batch_size", "steps_per_epoch"):
            assert config[name] == first[name]


def test_a_number_that_does_not_divide_the_batch_is_refused_with_those_that_do(found):
    message = found["refused"]
    assert "was started on 2 device(s) with a batch of 2 images over all of them" in message
    assert "Expected a number of devices that divides it: 1, 2. Received: 3." in message
