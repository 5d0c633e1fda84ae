"""Several devices and several processes give the weights of one with a larger batch."""

import numpy as np
import pytest
import runs
from processes import finish, start, start_workers

import gan_mri
from gan_mri.runs.run import load_run

SETTINGS = {**runs.SMALLEST, "pool_size": 0}
EPOCHS, STEPS = 2, 3
#: Adam divides by the root of tiny second moments: sums in another order show.
TOLERANCE = {"rtol": 1e-4, "atol": 1e-5}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    return runs.write_pictures(folder / "pictures", (21, 20), trainA=2 * STEPS, trainB=2 * STEPS)


@pytest.fixture(scope="module")
def alone(data, tmp_path_factory):
    """One process, one device, two images in a batch."""
    return gan_mri.train(
        data=data,
        out=tmp_path_factory.mktemp("alone") / "run",
        image_size=(20, 20),
        epochs=EPOCHS,
        batch_size=2,
        precision="float32",
        strategy="none",
        progress=False,
        **SETTINGS,
    )


def arguments(data, out, strategy):
    """Of a run of one image a replica."""
    return [
        *("--data", data, "--out", out, "--image-size", 20, 20, "--epochs", EPOCHS),
        *("--precision", "float32", "--strategy", strategy),
        *("--set", *(f"{name}={value}" for name, value in SETTINGS.items())),
    ]


def assert_same_run(folder, alone):
    run = load_run(folder)
    assert run.config["replicas"] == 2
    assert [row["step"] for row in run.history] == [STEPS, EPOCHS * STEPS]
    for one, other in zip(run.history, alone.history, strict=True):
        for name, value in other.items():
            if name != "images_per_second":
                assert one[name] == pytest.approx(value, rel=1e-4, abs=1e-6), name
    for name in ("G_A2B", "G_B2A", "D_A", "D_B"):
        for one, other in zip(
            run.network(name).get_weights(), alone.network(name).get_weights(), strict=True
        ):
            np.testing.assert_allclose(one, other, **TOLERANCE)


MIRRORED = """
import sys
import numpy as np
import tensorflow as tf
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)
import gan_mri.train
from gan_mri.backend import tf_variables
from gan_mri.training import session

models = []
real = session.Checkpoints
session.Checkpoints = lambda folder, model, **options: (models.append(model), real(folder, model,
**options))[1]
gan_mri.train.main(sys.argv[1:])
(model,) = models
count = 0
for network in model.networks.values():
    for variable in tf_variables(network.variables):
        first, second = (value.numpy() for value in variable.values)
        np.testing.assert_array_equal(first, second)
        count += 1
print("equal on both replicas:", count)
"""


def test_two_devices_of_one_process(data, alone, tmp_path):
    (printed,) = finish(start(MIRRORED, arguments(data, tmp_path / "run", "mirrored")))
    assert int(printed.rpartition("equal on both replicas:")[2]) > 20
    assert_same_run(tmp_path / "run", alone)


def test_two_processes_and_one_run_folder(data, alone, tmp_path):
    """Each has a folder of its own, to see that only the chief writes."""
    folders = [tmp_path / f"run-{index}" for index in range(2)]
    processes = start_workers(*(arguments(data, folder, "multiworker") for folder in folders))
    chief, worker = finish(*processes)
    assert "Run folder" in chief and worker == ""
    assert not (tmp_path / "run-1").exists()
    assert_same_run(tmp_path / "run-0", alone)
