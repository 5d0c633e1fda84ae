"""The scripts for clusters, with the programs that they call replaced by ones that take notes."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from gan_mri.training.cluster import Cluster, read_cluster

SCRIPTS = Path(__file__).resolve().parents[2] / "examples" / "cluster"

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")


def run(script, tmp_path, *arguments, programs, **environment):
    """Run a script with other programs found before the real ones."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, lines in programs.items():
        (folder / name).write_text(f"#!/bin/bash\n{lines}\n")
        (folder / name).chmod(0o755)
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", SCRIPTS / script, *arguments],
        cwd=tmp_path,
        env={**os.environ, "PATH": path, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("status", [0, 2, 75])
def test_slurm(tmp_path, status):
    ran = run(
        "slurm.sh",
        tmp_path,
        programs={
            # As on the second of two machines.
            "srun": f'SLURM_PROCID=1 "$@"; exit {status}',
            "scontrol": '[ "$1" = show ] && printf "node-a\\nnode-b\\n" || echo "$@" > requeued',
            "python": 'printf "%s" "$TF_CONFIG" > config; printf "%s\\n" "$@" > arguments',
        },
        SLURM_JOB_NODELIST="node-[a-b]",
        SLURM_JOB_ID="17",
    )
    assert ran.returncode == status, ran.stderr
    read = read_cluster((tmp_path / "config").read_text())
    assert read == Cluster({"worker 0": "node-a:2222", "worker 1": "node-b:2222"}, "worker 1")
    assert json.loads((tmp_path / "config").read_text())["task"]["index"] == 1
    words = (tmp_path / "arguments").read_text().split()
    assert words[:3] == ["-m", "gan_mri.train", "welander/cyclegan"]
    assert_understood(words[2:])
    asked = tmp_path / "requeued"
    assert (asked.read_text() if asked.exists() else "") == ("requeue 17\n" if status == 75 else "")


def test_until_done(tmp_path):
    """Stopped twice, then finished with an error of its own."""
    ran = run(
        "until_done.sh",
        tmp_path,
        "--data",
        "STUDY",
        programs={
            "python": 'printf "%s " "$@" >> times; echo >> times\n'
            '[ "$(wc -l < times)" -lt 3 ] && exit 75; exit 2',
            "sleep": "exit 0",
        },
    )
    assert ran.returncode == 2
    times = (tmp_path / "times").read_text().splitlines()
    assert len(times) == 3 and len(set(times)) == 1
    assert_understood(times[0].split()[2:])


def assert_understood(words):
    """By the parser of `gan_mri.train`."""
    from gan_mri.train import _parser

    options = _parser().parse_args(words)
    assert options.resume_or_start and options.out == "runs/t1-t2" and options.data == "STUDY"
    assert options.checkpoint_every == 15
