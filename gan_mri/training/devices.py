"""Which devices a run uses, and in which precision."""

import os
from pathlib import Path

import tensorflow as tf

from gan_mri.backend import POLICIES
from gan_mri.errors import GanMriError
from gan_mri.training.cluster import gather, read_cluster

STRATEGIES = ("auto", "mirrored", "multiworker", "none")


def choose_strategy(name="auto"):
    """A `tf.distribute` strategy by name.

    Parameters
    ----------
    name : {"auto", "mirrored", "multiworker", "none"}
        "auto": every visible GPU through `MirroredStrategy` if there are
        several, else the one device. "mirrored": over all GPUs, or all CPU
        devices where there is no GPU. "multiworker": several machines, named
        by the environment variable TF_CONFIG. "none": one device.

    Returns
    -------
    tf.distribute.Strategy

    Raises
    ------
    GanMriError
        For another name, or "multiworker" with no or a wrong TF_CONFIG, or without all of its
        workers within `gan_mri.training.cluster.PATIENCE` seconds.
    """
    if name not in STRATEGIES:
        raise GanMriError(f"strategy must be one of {', '.join(STRATEGIES)}. Received: {name!r}.")
    if name == "multiworker":
        if "TF_CONFIG" not in os.environ:
            raise GanMriError(
                "strategy multiworker needs the environment variable TF_CONFIG on "
                "every machine (the cluster's addresses and this machine's place in "
                "it), see tensorflow.org/guide/distributed_training. It is not set."
            )
        gather(read_cluster(os.environ["TF_CONFIG"]))
        return tf.distribute.MultiWorkerMirroredStrategy()
    devices = tf.config.list_logical_devices("GPU")
    if name == "mirrored":
        devices = devices or tf.config.list_logical_devices("CPU")
        return tf.distribute.MirroredStrategy([device.name for device in devices])
    if name == "auto" and len(devices) > 1:
        return tf.distribute.MirroredStrategy([device.name for device in devices])
    return tf.distribute.get_strategy()


def is_chief(strategy):
    """Whether this process writes the run folder: one does, of several workers."""
    resolver = getattr(strategy, "cluster_resolver", None)
    if resolver is None or resolver.task_type is None:
        return True
    return resolver.task_type == "chief" or (
        resolver.task_type == "worker"
        and resolver.task_id == 0
        and "chief" not in resolver.cluster_spec().jobs
    )


def local_replicas(strategy):
    """How many replicas this machine computes."""
    # The default strategy knows no devices.
    several = strategy.num_replicas_in_sync > 1
    return len(strategy.extended.worker_devices) if several else 1


def choose_precision(name="auto"):
    """A precision by name.

    Parameters
    ----------
    name : {"auto", "float32", "bfloat16", "float16", "float64"}
        "auto": bfloat16 where the hardware computes in it (GPUs from Ampere
        on, CPUs with AVX512-BF16 or AMX), where it is about 1.4 times faster;
        else float32.

    Returns
    -------
    str
        One of the others.
    """
    if name == "auto":
        return "bfloat16" if _computes_in_bfloat16() else "float32"
    if name not in POLICIES:
        raise GanMriError(
            f"precision must be one of auto, {', '.join(POLICIES)}. Received: {name!r}."
        )
    return name


def _computes_in_bfloat16():
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        capabilities = [
            tf.config.experimental.get_device_details(gpu).get("compute_capability") for gpu in gpus
        ]
        return all(known is not None and known >= (8, 0) for known in capabilities)
    information = Path("/proc/cpuinfo")  # Linux; elsewhere there is no such file
    if not information.exists():
        return False
    flags = information.read_text(errors="replace").split()
    return "avx512_bf16" in flags or "amx_bf16" in flags
