"""Commands in processes of their own, several workers among them."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

TRAIN = "import sys, gan_mri.train; gan_mri.train.run_command(gan_mri.train.main)"


def start(code, arguments, **environment):
    """A process of this Python that runs `code` with arguments."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": "", **environment},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def start_workers(*arguments, codes=None):
    """A cluster on this machine of as many workers as there are lists of arguments for `train`."""
    addresses = [f"127.0.0.1:{port}" for port in _free_ports(len(arguments))]
    processes = []
    for index, own in enumerate(arguments):
        place = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
        code = codes[index] if codes else TRAIN
        processes.append(start(code, own, TF_CONFIG=json.dumps(place)))
    return processes


def finish(*processes, status=0):
    """What they printed; each must end with the status, or its own of a list."""
    expected = [status] * len(processes) if isinstance(status, int) else status
    try:
        outputs = [process.communicate(timeout=300) for process in processes]
    finally:  # none outlives the test
        for process in processes:
            process.kill()
            process.wait()
    for process, (_, error), code in zip(processes, outputs, expected):
        assert process.returncode == code, error[-3000:]
    return [f"{out}{error}" if code else out for (out, error), code in zip(outputs, expected)]


def _free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
