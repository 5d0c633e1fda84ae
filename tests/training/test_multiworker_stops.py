"""Workers that are told to stop, or killed, go on by the same command as if nothing had been."""

import pytest
import runs
import tensorflow as tf
from processes import TRAIN, finish, start_workers

from gan_mri.files import read_json
from gan_mri.runs.run import load_run

# With a pool, of which each worker fills its own.
SETTINGS = {**runs.SMALLEST, "pool_size": 2}

#: A worker to which something happens while it makes its step NUMBER.
STRUCK = """
import os, signal
from gan_mri.training.trainer import Trainer

real = Trainer._step

def step(self, number, batch):
    if number == NUMBER:
        os.kill(os.getpid(), signal.SIGNAL)
    return real(self, number, batch)

Trainer._step = step
"""


def struck(signal, number):
    return STRUCK.replace("SIGNAL", signal).replace("NUMBER", str(number)) + TRAIN


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    return runs.write_pictures(folder / "pictures", (21, 20), trainA=8, trainB=8)


def train(data, out, *codes, status=0):
    arguments = [
        *("--resume-or-start", "--data", data, "--out", out, "--image-size", 20, 20),
        *("--epochs", 2, "--precision", "float32", "--strategy", "multiworker"),
        *("--set", *(f"{name}={value}" for name, value in SETTINGS.items())),
    ]
    return finish(*start_workers(arguments, arguments, codes=codes or None), status=status)


def last_checkpoint(folder):
    """Every tensor of it, the pools of all replicas among them."""
    folder = folder / "checkpoints" / read_json(folder / "checkpoints" / "index.json")["last"]
    found = {}
    for prefix in (folder / "variables", folder / "pools"):
        reader = tf.train.load_checkpoint(str(prefix))
        for name in reader.get_variable_to_shape_map():
            if not name.startswith("_"):
                found[f"{prefix.name}/{name}"] = reader.get_tensor(name)
    return found


def test_one_of_two_is_told_to_stop_then_killed(data, tmp_path):
    whole, run = tmp_path / "whole", tmp_path / "run"
    train(data, whole)

    said = train(data, run, TRAIN, struck("SIGTERM", 5), status=75)
    assert "interrupted after step 6, everything is saved. Continue with: " in said[0]
    assert "interrupted after step 6 (SIGTERM), everything is saved." in said[1]

    said, _ = train(data, run, TRAIN, struck("SIGKILL", 7), status=[75, -9])
    assert "error: strategy multiworker: expected all workers to train together." in said
    assert f"The last checkpoint is {run / 'checkpoints' / 'step-00000006'}." in said
    assert "Traceback" not in said

    train(data, run)
    expected, found = last_checkpoint(whole), last_checkpoint(run)
    assert expected["pools/value_0/.ATTRIBUTES/VARIABLE_VALUE"].shape == (2, 2, 20, 20, 1)
    runs.assert_same_tensors(expected, found)
    assert runs.history_without_time(run) == runs.history_without_time(whole)
    assert load_run(run).config["replicas"] == 2
