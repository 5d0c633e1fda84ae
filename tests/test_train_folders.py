"""Where a run goes, and that no two of them go to one place."""

import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest
import runs

import gan_mri
from gan_mri.commands import run_command
from gan_mri.data.sources.built_in import BUILT_IN
from gan_mri.errors import GanMriError
from gan_mri.runs.lock import locked
from gan_mri.runs.run import load_run
from gan_mri.train import main
from gan_mri.training import monitor, session
from gan_mri.training.session import Session

ROOT = Path(__file__).resolve().parents[1]

TRAIN = """
import sys
sys.path.insert(0, "tests")
import runs
from gan_mri.data.sources.built_in import BUILT_IN
import gan_mri.train, gan_mri.training.monitor
BUILT_IN["phantom"] = runs.few(6)
gan_mri.training.monitor.history_figure = lambda *arguments: None
# Both wait for each other where the folder is taken.
from gan_mri.training import session
real = session.reserve_folder
def reserve(*arguments, **options):
    print("ready", flush=True)
    sys.stdin.readline()
    return real(*arguments, **options)
session.reserve_folder = reserve
import os
os.chdir(sys.argv[1])
gan_mri.train(progress=False, **{**runs.QUICK, "epochs": 1})
"""


def test_two_trainings_that_start_together_get_a_folder_each(tmp_path):
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", TRAIN, tmp_path],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    try:
        for process in processes:
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        outputs = [process.communicate(timeout=300) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert [process.returncode for process in processes] == [0, 0], outputs
    folders = sorted((tmp_path / "runs").iterdir())
    assert [folder.name for folder in folders] == ["welander-simple-1", "welander-simple-2"]
    for folder in folders:
        run = load_run(folder)
        assert len(run.history) == 1 and run.exported("A2B").is_dir()


def test_a_folder_in_which_somebody_trains_is_refused(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(BUILT_IN, "phantom", runs.few(6))
    monkeypatch.setattr(monitor, "history_figure", lambda *arguments: None)
    folder = tmp_path / "run"
    run = gan_mri.train(out=folder, progress=False, **{**runs.QUICK, "epochs": 1})
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with locked(folder), pytest.raises(SystemExit) as caught:
        run_command(main, ["--resume", "--out", str(folder), "--epochs", "2"])
    assert caught.value.code == 2
    assert f"error: {folder}: another process is training in this folder" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert len(gan_mri.train(out=run.folder, resume=True, epochs=2, progress=False).history) == 2


def test_what_was_killed_before_its_config_can_be_started_again(tmp_path, monkeypatch):
    """By the same command; from then on it is resumed."""
    monkeypatch.setattr(monitor, "history_figure", lambda *arguments: None)
    folder, killed = tmp_path / "run", SystemError("killed, on purpose")
    with mock.patch.object(Session, "_write_config", side_effect=killed):
        with pytest.raises(SystemError):
            runs.train_phantom(folder, **runs.QUICK)
    assert [path.name for path in folder.iterdir()] == [".lock"]
    with pytest.raises(GanMriError, match="stopped before .* again without --resume"):
        runs.train_phantom(folder, resume=True)
    with mock.patch.object(session, "Monitor", side_effect=killed), pytest.raises(SystemError):
        runs.train_phantom(folder, **runs.QUICK)
    with pytest.raises(GanMriError, match="exists already. Give --out another name, or --resume"):
        runs.train_phantom(folder, **runs.QUICK)
    assert len(runs.train_phantom(folder, resume=True).history) == 2


@pytest.mark.parametrize("kind", ["a file", "too long"])
def test_a_place_that_cannot_be_written_to_is_told_before_the_work(tmp_path, capsys, kind):
    out = tmp_path / ("file" if kind == "a file" else "x" * 300) / "run"
    if kind == "a file":
        (tmp_path / "file").write_text("precious")
    with mock.patch.object(session, "load_data", side_effect=AssertionError):
        with pytest.raises(SystemExit) as caught:
            run_command(main, ["--out", str(out)])
    assert caught.value.code == 2
    message = capsys.readouterr().err
    assert message.startswith(f"error: {out}: expected a place to write to, received ")
    assert kind in message and message.count("\n") == 1
