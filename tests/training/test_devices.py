from types import SimpleNamespace

import pytest
import tensorflow as tf

from gan_mri.errors import GanMriError
from gan_mri.training import devices


def pretend(monkeypatch, *, gpus=(), cpu_flags=None, tmp_path=None):
    """Let TensorFlow report GPUs of these compute capabilities, and Linux these CPU flags."""
    names = [SimpleNamespace(name=f"GPU:{number}") for number in range(len(gpus))]
    details = {gpu.name: known for gpu, known in zip(names, gpus)}
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: names)
    monkeypatch.setattr(
        tf.config.experimental,
        "get_device_details",
        lambda gpu: {"compute_capability": details[gpu.name]} if details[gpu.name] else {},
    )
    if tmp_path:
        information = tmp_path / "cpuinfo"
        if cpu_flags is not None:
            information.write_text(f"model name : x\nflags\t\t: fpu {cpu_flags} sse\n")
        monkeypatch.setattr(devices, "Path", lambda name: information)


@pytest.mark.parametrize(
    "gpus, expected",
    [
        ([(8, 0)], "bfloat16"),
        ([(9, 0), (8, 6)], "bfloat16"),
        ([(7, 5)], "float32"),
        ([(9, 0), (7, 0)], "float32"),  # the slowest one decides
        ([None], "float32"),
    ],
)
def test_auto_precision_on_gpus(monkeypatch, gpus, expected):
    pretend(monkeypatch, gpus=gpus)
    assert devices.choose_precision("auto") == expected


@pytest.mark.parametrize(
    "flags, expected",
    [
        ("avx512f avx512_bf16", "bfloat16"),
        ("amx_bf16", "bfloat16"),
        ("avx512f avx512_bf16x", "float32"),
        ("avx2", "float32"),
        (None, "float32"),  # no Linux
    ],
)
def test_auto_precision_on_cpus(monkeypatch, tmp_path, flags, expected):
    pretend(monkeypatch, cpu_flags=flags, tmp_path=tmp_path)
    assert devices.choose_precision("auto") == expected


@pytest.mark.parametrize("name", ["float32", "bfloat16", "float16", "float64"])
def test_a_named_precision_is_taken(monkeypatch, name):
    pretend(monkeypatch, gpus=[(7, 0)])
    assert devices.choose_precision(name) == name


def test_an_unknown_precision_is_refused():
    with pytest.raises(GanMriError, match="precision must be one of auto, .*'int8'"):
        devices.choose_precision("int8")


def recorded_mirrors(monkeypatch, **counts):
    """Let TensorFlow have so many devices of each kind; returns what is mirrored."""
    mirrored = []
    monkeypatch.setattr(
        tf.config,
        "list_logical_devices",
        lambda kind: [SimpleNamespace(name=f"{kind}:{i}") for i in range(counts.get(kind, 0))],
    )
    monkeypatch.setattr(tf.distribute, "MirroredStrategy", mirrored.append)
    return mirrored


def test_auto_mirrors_over_several_gpus_only(monkeypatch):
    default = tf.distribute.get_strategy()
    for gpus in (0, 1):
        mirrored = recorded_mirrors(monkeypatch, CPU=2, GPU=gpus)
        assert devices.choose_strategy("auto") is default and mirrored == []
    mirrored = recorded_mirrors(monkeypatch, CPU=1, GPU=2)
    devices.choose_strategy("auto")
    assert mirrored == [["GPU:0", "GPU:1"]]


@pytest.mark.parametrize(
    "counts, names", [({"CPU": 2}, ["CPU:0", "CPU:1"]), ({"CPU": 1, "GPU": 1}, ["GPU:0"])]
)
def test_mirrored_takes_gpus_before_cpus(monkeypatch, counts, names):
    mirrored = recorded_mirrors(monkeypatch, **counts)
    devices.choose_strategy("mirrored")
    assert mirrored == [names]


def test_none_is_one_device():
    assert devices.choose_strategy("none").num_replicas_in_sync == 1


def test_strategies_that_are_refused(monkeypatch):
    with pytest.raises(GanMriError, match="strategy must be one of auto, .*'tpu'"):
        devices.choose_strategy("tpu")
    monkeypatch.delenv("TF_CONFIG", raising=False)
    with pytest.raises(GanMriError, match="multiworker needs the environment variable TF_CONFIG"):
        devices.choose_strategy("multiworker")


@pytest.mark.parametrize(
    "jobs, task_type, task_id, chief",
    [
        ({"worker": ["a:1", "b:1"]}, "worker", 0, True),
        ({"worker": ["a:1", "b:1"]}, "worker", 1, False),
        ({"chief": ["a:1"], "worker": ["b:1"]}, "chief", 0, True),
        ({"chief": ["a:1"], "worker": ["b:1"]}, "worker", 0, False),
    ],
)
def test_one_worker_is_the_chief(jobs, task_type, task_id, chief):
    resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
        tf.train.ClusterSpec(jobs), task_type=task_type, task_id=task_id
    )
    assert devices.is_chief(SimpleNamespace(cluster_resolver=resolver)) is chief


def test_a_single_process_is_the_chief():
    assert devices.is_chief(tf.distribute.get_strategy())
