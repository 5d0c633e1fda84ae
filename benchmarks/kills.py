"""Commands that are killed at random moments, and started again.

    PYTHONPATH=. python benchmarks/kills.py [--kills 20] [--seed 0]

Runs `train`, `translate`, `bids` and `prepare` once to their end on the phantom. Then kills them
(SIGKILL) at random moments of the time that took, starts the same command again, and so on until
as many were killed as are asked for, the commands in turn (one may end before its moment comes);
lets every one come to its end and compares what lies there with what lay there before:
checkpoints and history of `train`, files byte by byte of the others.
Nothing else may lie there. Exit status 1 where something differs.
"""

import argparse
import csv
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from gan_mri.data import phantom_bids
from gan_mri.files import read_json

# Of the time that a command takes to its end. Before that nothing is read or written.
_FROM = 0.3

_TRAIN = [
    *("--contrasts", "T1w", "T2w", "--slices", "10:14", "--epochs", "3", "--decay-epoch", "1"),
    *("--steps-per-epoch", "15", "--checkpoint-every", "0.02", "--resume-or-start"),
    *("--precision", "float32", "--set", "filters=4", "residual_blocks=1"),
]


def main(kills, seed):
    draw = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        data = folder / "data"
        phantom_bids(data, subjects=range(4), shape=(48, 56, 24))
        commands = {
            "train": lambda out: ["train", "--data", data, "--out", out, *_TRAIN],
            "translate": lambda out: ["translate", model, source, out.with_suffix(".nii.gz")],
            "bids": lambda out: ["bids", data, out, "participant", "--model", model],
            "prepare": lambda out: [
                *("prepare", data, out.with_suffix(".h5"), "--contrasts", "T1w", "T2w")
            ],
        }
        model = folder / "whole-train"
        source = data / "sub-001" / "anat" / "sub-001_T1w.nii.gz"
        seconds = {}
        for name, command in commands.items():
            begun = time.monotonic()
            subprocess.run(run(command(folder / f"whole-{name}")), check=True, **QUIET)
            seconds[name] = time.monotonic() - begun
        wrong, hits = 0, dict.fromkeys(commands, 0)
        number = -1
        while sum(hits.values()) < kills:
            number += 1
            name = list(commands)[number % len(commands)]
            out = folder / f"killed-{name}"
            process = subprocess.Popen(run(commands[name](out)), **QUIET)
            after = draw.uniform(_FROM, 1) * seconds[name]
            try:
                ended = process.wait(timeout=after)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                ended = None
                hits[name] += 1
            left = sorted(path.name for path in folder.glob(f"killed-{name}*"))
            how = "killed" if ended is None else f"status {ended}"
            print(f"{number + 1:3d} {name:10s} {after:5.1f} s  {how}  {left}")
            if ended is not None:
                wrong += not check(name, folder)
                clear(name, folder)
        for name, command in commands.items():
            # What was finished is not done again: it refuses, or has nothing to do.
            subprocess.run(run(command(folder / f"killed-{name}")), **QUIET)
            wrong += not check(name, folder)
        print(", ".join(f"{name} {count} times" for name, count in hits.items()), "killed")
        print("all the same" if not wrong else f"{wrong} DIFFER")
    return 1 if wrong else 0


QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def run(arguments):
    return [sys.executable, "-m", f"gan_mri.{arguments[0]}", *map(str, arguments[1:])]


def check(name, folder):
    """Whether what was made in pieces is what was made at once, and nothing lies beside it."""
    whole, killed = folder / f"whole-{name}", folder / f"killed-{name}"
    if name == "train":
        same = tensors(whole) == tensors(killed) and history(whole) == history(killed)
        rest = [path for path in killed.rglob(".*") if path.name != ".lock"]
    else:
        one, other = contents(folder, whole.name), contents(folder, killed.name)
        same, rest = one == other, []
    if not same or rest:
        print(f"    {name} differs" if not same else f"    {name} left {rest}")
    return same and not rest


def contents(folder, beginning):
    """Bytes by the place, of a file or a tree whose name begins so."""
    found = {}
    for top in folder.glob(f"{beginning}*"):
        for path in [top, *top.rglob("*")]:
            if path.is_file():
                name = str(path.relative_to(folder)).removeprefix(beginning)
                found[name] = path.read_bytes()
    return found


def tensors(run):
    import tensorflow as tf

    last = run / "checkpoints" / read_json(run / "checkpoints" / "index.json")["last"]
    reader = tf.train.load_checkpoint(str(last / "variables"))
    names = [name for name in reader.get_variable_to_shape_map() if not name.startswith("_")]
    return {name: np.asarray(reader.get_tensor(name)).tobytes() for name in names}


def history(run):
    with open(run / "history.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    return [{k: v for k, v in row.items() if k != "images_per_second"} for row in rows]


def clear(name, folder):
    for path in folder.glob(f"killed-{name}*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.exit(main(**vars(parser.parse_args())))
