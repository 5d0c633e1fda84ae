"""Commands with damaged files, wrong JSON, wrong options and odd folders: what they answer.

    PYTHONPATH=. python benchmarks/fuzz.py [--commands 1000] [--seed 0] [--first 0] [--keep FOLDER]

A tiny run is trained; every command gets a fresh copy of it (or of its data) in which one thing
is wrong, drawn from the seed and the command's number, so that any command can be repeated alone
(`--first N --commands 1`). A command may end well, or with one paragraph and status 2; anything
else (another exception, a crash of the process, more than two minutes) is a finding. Where a
command ends well, what it made is compared with what the undamaged files give: "same" or
"other". Whether "other" is right depends on what was damaged, and is for people to judge: the
table lists them by the kind of file.
"""

import argparse
import collections
import contextlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from fuzz_commands import RECIPE, SHARES, SOURCES, WAYS, words_of
from fuzz_damage import WRONG

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

_LIMIT = 120  # seconds of one command
_SIZE = (24, 24)


def main(arguments):
    if arguments.worker:
        return work(arguments, Path(arguments.worker))
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(arguments.keep or folder)
        folder.mkdir(parents=True, exist_ok=True)
        make_good(folder)
        log = folder / "log.jsonl"
        log.write_text("")
        number, last = arguments.first, arguments.first + arguments.commands
        while number < last:
            command = [sys.executable, __file__, "--seed", str(arguments.seed)]
            command += ["--first", str(number), "--commands", str(last - number)]
            done = subprocess.run([*command, "--worker", str(folder)], stderr=subprocess.DEVNULL)
            rows = [json.loads(line) for line in log.read_text().splitlines()]
            if done.returncode and len(rows) < last - arguments.first:
                unfinished = (folder / "now.txt").read_text()
                with log.open("a") as file:
                    what = unfinished.split(maxsplit=1)[1]
                    row = {"number": arguments.first + len(rows), "what": what, "kind": "crash"}
                    file.write(json.dumps(row | {"why": f"status {done.returncode}"}) + "\n")
            number = arguments.first + len(log.read_text().splitlines())
        show([json.loads(line) for line in log.read_text().splitlines()])


def make_good(folder):
    """A run, its data, a volume, a picture and a prepared file; in a process of its own."""
    if (folder / "good").exists():
        return
    code = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import fuzz; "
    code += f"fuzz.make_good_here({str(folder / 'unfinished')!r})"
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
    os.rename(folder / "unfinished", folder / "good")


def make_good_here(folder):
    import nibabel as nib
    from PIL import Image

    import gan_mri

    folder, rng = Path(folder), np.random.default_rng(0)
    shutil.rmtree(folder, ignore_errors=True)
    for number in range(4):
        for name in ("T1w", "T2w"):
            path = folder / "data" / f"sub-{number}" / "anat" / f"sub-{number}_{name}.nii.gz"
            path.parent.mkdir(parents=True, exist_ok=True)
            voxels = np.zeros((*_SIZE, 6), np.int16)
            voxels[4:20, 3:21] = rng.integers(200, 900, (16, 18, 6))
            nib.save(nib.Nifti1Image(voxels, np.diag([-1.0, 1, 2, 1])), path)
        mask = np.zeros((*_SIZE, 6), np.uint8)
        mask[8:12, 8:12, 2:4] = 1
        path = (
            folder / "masks" / f"sub-{number}" / "anat" / f"sub-{number}_label-lesion_mask.nii.gz"
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        nib.save(nib.Nifti1Image(mask, np.diag([-1.0, 1, 2, 1])), path)
    path = folder / "data" / "sub-3" / "anat" / "sub-3_T2w.nii.gz"
    nib.save(nib.Nifti1Image(voxels, np.diag([-1.0, 1, 2, 1])), folder / "volume.nii")
    shutil.copy(path, folder / "volume.nii.gz")
    Image.fromarray(voxels[..., 0].astype(np.uint16)).save(folder / "picture.png")
    Image.fromarray(voxels[..., 0].astype(np.uint16)).save(folder / "picture.tif")
    np.save(folder / "picture.npy", voxels[..., 0])
    data = {"data": folder / "data", "contrasts": ("T1w", "T2w"), "split": (0.5, 0.25, 0.25)}
    options = {"epochs": 1, "precision": "float32", "strategy": "none", "progress": False}
    gan_mri.train("welander/cyclegan", out=folder / "run", **data, **options, **RECIPE)
    gan_mri.prepare(folder / "data", folder / "data.h5", contrasts=("T1w", "T2w"))
    said = dict.fromkeys(("title", "license", "data", "attribution"), "of noise")
    gan_mri.publish(folder / "run", folder / "weights", **said)
    key = gan_mri.study.make([folder / "run"], folder / "study", synthetic=2, progress=False)
    answers = [{"image": name, "answer": "real"} for name in key.images]
    content = {"format": 1, "study": key.study, "reader": "AE", "answers": answers}
    (folder / "study" / "answers.json").write_text(json.dumps(content))


def work(arguments, folder):
    """Commands one after the other, each a line of the log."""
    import importlib

    from gan_mri.errors import GanMriError

    mains = {name: importlib.import_module(f"gan_mri.{name}").main for name in SHARES}
    signal.signal(signal.SIGALRM, _too_long)
    expected = {}
    for name, source in [("translate", source) for source in SOURCES] + [("bids", "")]:
        place = Path(tempfile.mkdtemp(dir=folder))
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            mains[name](words_of(name, source, folder / "good", place, None))
        expected[name, source] = _content(place / "out")
        shutil.rmtree(place)
    for number in range(arguments.first, arguments.first + arguments.commands):
        rng = np.random.default_rng([arguments.seed, number])
        place = Path(tempfile.mkdtemp(dir=folder))
        name, command, what, group = _draw(rng, folder / "good", place)
        (folder / "now.txt").write_text(f"{number} {what}: {name}")
        started, kind, why = time.monotonic(), "done", ""
        signal.alarm(_LIMIT)
        try:
            with (
                contextlib.redirect_stdout(io.StringIO()),
                contextlib.redirect_stderr(io.StringIO()),
            ):
                mains[name](command)
        except GanMriError as error:
            kind, why = (
                ("refused", str(error))
                if str(error) and "\n" not in str(error)
                else ("finding", f"no paragraph: {str(error)!r}")
            )
        except SystemExit as error:
            kind, why = ("refused" if error.code in (1, 2) else "finding"), f"status {error.code}"
        except BaseException as error:  # every other one is what is looked for
            kind, why = "finding", f"{type(error).__name__}: {error}"[:600]
            trace = error.__traceback__
            while trace.tb_next:
                trace = trace.tb_next
                if "gan_mri" in trace.tb_frame.f_code.co_filename:
                    where = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
            why += f" at {where}"
        finally:
            signal.alarm(0)
        if kind == "done":
            made = _content(place / "out")
            if (name, group) in expected:
                kind = "same" if made == expected[name, group] else "other"
        row = {"number": number, "what": what, "command": name, "kind": kind, "why": why}
        row |= {"arguments": [word.replace(str(place), ".") for word in command]}
        with (folder / "log.jsonl").open("a", errors="backslashreplace") as file:
            file.write(json.dumps(row | {"seconds": round(time.monotonic() - started, 1)}) + "\n")
        shutil.rmtree(place, ignore_errors=True)
    return None


def _too_long(*_):
    raise TimeoutError(f"more than {_LIMIT} s")


def _draw(rng, good, place):
    """(command, its arguments, what is wrong, what its result may be compared with)."""
    name = list(SHARES)[rng.choice(len(SHARES), p=list(SHARES.values()))]
    source = SOURCES[rng.integers(len(SOURCES))] if name == "translate" else ""
    how = WAYS.get(name, [name])[rng.choice(3, p=[0.4, 0.5, 0.1]) if name in WAYS else 0]
    command = words_of(name, source, good, place, how)
    kind = ["bits", "cut", "json", "options", "names", "nothing"][
        rng.choice(6, p=[0.34, 0.14, 0.26, 0.16, 0.06, 0.04])
    ]
    if kind == "json" and not list(place.rglob("*.json")):
        kind = "bits"
    command, what = WRONG[kind](rng, place, command, name)
    # Weights of 16 bits translate a little otherwise than the run that is compared with.
    return name, command, what, "" if how == "published" else source


def _content(folder):
    """Voxels and pixels that a command wrote, whatever it calls the files."""
    import nibabel as nib

    found = []
    for path in sorted(folder.rglob("*")):
        if path.name.endswith((".nii", ".nii.gz")):
            found.append(nib.load(path).get_fdata().round(2).tobytes())
        elif path.suffix == ".npy":
            found.append(np.load(path).round(2).tobytes())
    return found


def show(rows):
    """The table of outcomes, and every finding."""
    kinds = ("same", "other", "done", "refused", "finding", "crash")
    table = collections.defaultdict(collections.Counter)
    for row in rows:
        table[" ".join(row["what"].split()[:3])][row["kind"]] += 1
    print(f"{'what is wrong':44s}" + "".join(f"{kind:>9s}" for kind in kinds))
    for what in sorted(table):
        print(f"{what[:44]:44s}" + "".join(f"{table[what][kind] or '':>9}" for kind in kinds))
    total = collections.Counter(row["kind"] for row in rows)
    print(f"{'all ' + str(len(rows)):44s}" + "".join(f"{total[kind]:>9}" for kind in kinds))
    for row in rows:
        if row["kind"] in ("finding", "crash"):
            print(f"{row['number']}: {row['what']}: {row.get('command', '')}: {row['why']}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--commands", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first command")
    parser.add_argument("--keep", metavar="FOLDER", help="for the files and log.jsonl")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    main(parser.parse_args())
