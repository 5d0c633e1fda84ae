"""The workers of a training on several machines: who they are, and whether all are there."""

import json
import logging
import os
import selectors
import socket
import time
from typing import NamedTuple

from gan_mri.errors import GanMriError

_log = logging.getLogger("gan_mri")

#: Seconds that the workers of a cluster wait for each other before they give up.
PATIENCE = 300.0
# Seconds between two lines on who is waited for, and between two tries to reach the first worker.
_EVERY, _AGAIN = 10.0, 0.5

_EXAMPLE = '{"cluster": {"worker": ["a:2222", "b:2222"]}, "task": {"type": "worker", "index": 0}}'
_JOBS = ("chief", "worker")


class Cluster(NamedTuple):
    """What TF_CONFIG says.

    Attributes
    ----------
    addresses : dict of str to str
        "host:port" by the name of the worker ("worker 1"), the one that leads first.
    own : str
        The name of this process.
    """

    addresses: dict
    own: str


def read_cluster(text):
    """The cluster that the environment variable TF_CONFIG describes.

    Parameters
    ----------
    text : str
        Its value, JSON of the form that TensorFlow documents.

    Returns
    -------
    Cluster

    Raises
    ------
    GanMriError
        Naming TF_CONFIG and what is wrong with it.

    Examples
    --------
    >>> read_cluster(_EXAMPLE).addresses
    {'worker 0': 'a:2222', 'worker 1': 'b:2222'}
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _wrong(f"no JSON ({error})") from error
    content = content if isinstance(content, dict) else {}
    jobs, task = content.get("cluster"), content.get("task")
    if not isinstance(jobs, dict) or not jobs:
        raise _wrong("no cluster of addresses in it")
    strange = [name for name in jobs if name not in _JOBS]
    if strange:
        raise _wrong(f"a job {strange[0]!r} in its cluster, where all are chief or worker")
    addresses = {}
    for job in filter(jobs.get, _JOBS):
        if not isinstance(jobs[job], list):
            raise _wrong(f"{jobs[job]!r} for the list of addresses of {job}")
        for index, address in enumerate(jobs[job]):
            _check_address(address, job)
            addresses[f"{job} {index}"] = address
    if len(jobs.get("chief") or ()) > 1:
        raise _wrong("more than one chief")
    if len(set(addresses.values())) < len(addresses):
        raise _wrong(f"the same address twice in {', '.join(addresses.values())}")
    if not isinstance(task, dict) or "type" not in task or "index" not in task:
        raise _wrong("no task with type and index, which say which of the workers this one is")
    own = f"{task['type']} {task['index']}"
    if own not in addresses:
        raise _wrong(f"the task {own!r}, where the cluster has {', '.join(addresses) or 'none'}")
    return Cluster(addresses, own)


def _check_address(address, job):
    host, _, port = address.rpartition(":") if isinstance(address, str) else ("", "", "")
    if not host or not (port.isascii() and port.isdigit() and 0 < int(port) < 2**16):
        raise _wrong(f"{address!r} among the addresses of {job}, where HOST:PORT is needed")


def _wrong(received):
    return GanMriError(
        f"TF_CONFIG: expected the cluster's addresses and this machine's place in it, such as "
        f"{_EXAMPLE}. Received: {received}."
    )


def gather(cluster, patience=PATIENCE):
    """Return when all workers are there, before TensorFlow waits for them without a word.

    The others come to the first worker's address and stay on the line; when all are there it
    says so and leaves the address to TensorFlow. Who is missing is logged every ten seconds.

    Parameters
    ----------
    cluster : Cluster
    patience : float
        Seconds to wait.

    Raises
    ------
    GanMriError
        Naming who did not come.
    """
    until = time.monotonic() + patience
    lead = next(iter(cluster.addresses))
    if len(cluster.addresses) == 1:
        return
    if cluster.own == lead:
        missing = _lead(cluster, until)
    else:
        missing = _follow(cluster, lead, until)
    if missing:
        named = ", ".join(f"{name} ({cluster.addresses[name]})" for name in missing)
        raise GanMriError(
            f"strategy multiworker: expected every worker of TF_CONFIG within {patience:g} "
            f"seconds. {cluster.own} waited in vain for {named}. Start the same command on all "
            "of them, and check that they can reach each other's addresses."
        )


def _lead(cluster, until):
    """Answer who comes until all are there; the names of those that are not."""
    address = cluster.addresses[cluster.own]
    missing = [name for name in cluster.addresses if name != cluster.own]
    lines, told = {}, time.monotonic()
    with _listening(address) as door, selectors.DefaultSelector() as ready:
        ready.register(door, selectors.EVENT_READ)
        while missing and time.monotonic() < until:
            for key, _ in ready.select(timeout=_AGAIN):
                if key.fileobj is door:
                    line, _ = door.accept()
                    line.settimeout(_AGAIN)
                    ready.register(line, selectors.EVENT_READ)
                    continue
                name = _read(key.fileobj)
                if name in cluster.addresses:
                    lines[name] = key.fileobj
                else:  # gone, or nobody of ours
                    lines = {who: line for who, line in lines.items() if line is not key.fileobj}
                    ready.unregister(key.fileobj)
                    key.fileobj.close()
            missing = [name for name in cluster.addresses if name not in {*lines, cluster.own}]
            if missing and time.monotonic() > told + _EVERY:
                told = time.monotonic()
                _tell(cluster, missing)
                for line in lines.values():
                    _say(line, f"missing {', '.join(missing)}")
        for line in lines.values():
            _say(line, "go" if not missing else f"late {', '.join(missing)}")
        # The others hang up first, so that the address is free at once.
        for line in lines.values():
            _read(line)
        for key in list(ready.get_map().values()):
            key.fileobj.close()
    return missing


def _follow(cluster, lead, until):
    """Go to the first worker and wait for its word; the names of those that are missing."""
    host, _, port = cluster.addresses[lead].rpartition(":")
    told, missing = time.monotonic(), [lead]
    while time.monotonic() < until + _EVERY:
        try:
            with socket.create_connection((host.strip("[]"), int(port)), timeout=_AGAIN) as line:
                _say(line, cluster.own)
                line.settimeout(max(until + _EVERY - time.monotonic(), _AGAIN))
                while word := _read(line):
                    if word == "go":
                        return []
                    kind, _, names = word.partition(" ")
                    missing = [name for name in names.split(", ") if name in cluster.addresses]
                    if kind == "late":
                        return missing
                    _tell(cluster, missing)
                missing = [lead]
        except OSError:
            time.sleep(_AGAIN)  # not there yet
        if time.monotonic() > told + _EVERY:
            told = time.monotonic()
            _tell(cluster, missing)
    return missing


def _tell(cluster, missing):
    named = ", ".join(f"{name} ({cluster.addresses[name]})" for name in missing)
    _log.warning("%s waits for %s.", cluster.own, named)


def _listening(address):
    """A socket at the port of an address, on all interfaces, as TensorFlow's own."""
    port = int(address.rpartition(":")[2])
    try:
        return socket.create_server(("", port))
    except OSError as error:
        raise GanMriError(
            f"TF_CONFIG: expected a free port for this worker. Received: {address}, which cannot "
            f"be opened ({os.strerror(error.errno) if error.errno else error})."
        ) from error


def _say(line, word):
    try:
        line.sendall(f"{word}\n".encode())
    except OSError:
        pass  # gone: it is missing when it is looked for again


def _read(line):
    """One word of a line, "" where there is none: whoever is there has hung up."""
    word = b""
    try:
        while not word.endswith(b"\n") and len(word) < 2**16:
            piece = line.recv(1)
            if not piece:
                return ""
            word += piece
    except OSError:
        return ""
    return word.decode("utf-8", "replace").strip()
