import subprocess
import sys
import threading
from pathlib import Path

import pytest

from gan_mri.errors import GanMriError
from gan_mri.runs import lock
from gan_mri.runs.lock import is_abandoned, locked, reserve_folder

ROOT = Path(__file__).resolve().parents[2]


def test_a_new_folder_is_made_with_its_parents(tmp_path):
    folder = tmp_path / "a" / "b"
    assert reserve_folder(folder) == folder and folder.is_dir()
    with pytest.raises(GanMriError, match=f"^{folder} exists already, and is empty. Delete it"):
        reserve_folder(folder)


def test_numbers_go_on_from_the_first_that_is_free(tmp_path):
    (tmp_path / "full" / "a").mkdir(parents=True)
    with pytest.raises(GanMriError, match="full exists already. Give --out another name"):
        reserve_folder(tmp_path / "full")
    for number in (1, 2, 4):
        (tmp_path / f"cycle-gan-{number}").mkdir()
    first = tmp_path / "cycle-gan-1"
    assert reserve_folder(first, numbered=True) == tmp_path / "cycle-gan-3"
    assert reserve_folder(first, numbered=True) == tmp_path / "cycle-gan-5"


def test_many_at_once_get_a_folder_each(tmp_path):
    barrier, found = threading.Barrier(16), []

    def reserve():
        barrier.wait()
        found.append(reserve_folder(tmp_path / "runs" / "x-1", numbered=True))

    threads = [threading.Thread(target=reserve) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(tmp_path / "runs" / f"x-{n}" for n in range(1, 17))


@pytest.mark.parametrize("numbered", [False, True])
def test_a_place_where_no_folder_can_be_is_named(tmp_path, numbered):
    (tmp_path / "file").write_text("precious")
    with pytest.raises(GanMriError, match="x-1: expected a place to write to, received .*a file"):
        reserve_folder(tmp_path / "file" / "x-1", numbered=numbered)
    with pytest.raises(GanMriError, match="received a name that is too long"):
        reserve_folder(tmp_path / f"{'x' * 300}-1", numbered=numbered)
    assert (tmp_path / "file").read_text() == "precious"


def test_who_holds_a_folder_keeps_others_out(tmp_path):
    with locked(tmp_path):
        with pytest.raises(GanMriError, match=f"^{tmp_path}: another process is training"):
            with locked(tmp_path):
                pytest.fail("both hold it")
    with locked(tmp_path):
        pass  # and gives it back


def test_an_error_gives_it_back(tmp_path):
    with pytest.raises(ZeroDivisionError), locked(tmp_path):
        raise ZeroDivisionError
    with locked(tmp_path):
        pass


HOLD = """
import sys
from gan_mri.runs.lock import locked, reserve_folder
with locked(reserve_folder(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_process_that_is_killed_lets_go_and_its_folder_can_be_used_again(tmp_path):
    folder = tmp_path / "run"
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, folder],
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout.readline() == "held\n"
        # Its folder looks abandoned, but is not.
        with pytest.raises(GanMriError, match="another process is training"):
            with locked(reserve_folder(folder)):
                pytest.fail("both hold it")
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()
    # A name such as that of a file which was being written.
    (folder / ".0123456789abcdef.json").write_text("{")
    assert is_abandoned(folder)
    with locked(reserve_folder(folder)):
        pass


@pytest.mark.parametrize("names", [[], ["config.json"], [".lock", "notes.txt"], [".lock", ".git"]])
def test_what_is_somebody_s_is_not_abandoned(tmp_path, names):
    for name in names:
        (tmp_path / name).write_text("")
    assert not is_abandoned(tmp_path)
    with pytest.raises(GanMriError, match="exists already"):
        reserve_folder(tmp_path)


def test_a_file_is_not_abandoned(tmp_path):
    (tmp_path / "run").write_text("")
    assert not is_abandoned(tmp_path / "run") and not is_abandoned(tmp_path / "none")


def test_without_locks_a_folder_is_still_marked(tmp_path, monkeypatch):
    """As on Windows: nobody is kept out, but what was killed can be started again."""
    monkeypatch.setattr(lock, "fcntl", None)
    with locked(tmp_path), locked(tmp_path):
        assert is_abandoned(tmp_path)


def test_what_a_killed_training_was_writing_is_removed(tmp_path):
    name = ".0123456789abcdef"
    mine = [tmp_path / f"{name}.json", tmp_path / "export" / name, tmp_path / "weights" / name]
    others = [tmp_path / name, tmp_path / "evaluation" / f"{name}.png", tmp_path / "export" / "A2B"]
    for path in (*mine, *others):
        (path.parent if path.suffix else path).mkdir(parents=True, exist_ok=True)
        (path if path.suffix else path / "saved_model.pb").write_text("half")
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples" / name).symlink_to(tmp_path / "evaluation")
    with locked(tmp_path):
        assert not any(path.exists() for path in mine)
        assert not (tmp_path / "samples" / name).is_symlink()
        assert all(path.exists() for path in others)
