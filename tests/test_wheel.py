"""The wheel holds all that the package needs, and nothing else."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    pytest.importorskip("setuptools", reason="builds the wheel without the network")
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    # Of a copy: setuptools leaves folders beside what it builds.
    names = subprocess.run(
        ["git", "ls-files", "gan_mri", "weights", "setup.cfg", "pyproject.toml", "README.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if names.returncode:
        pytest.skip("not a git checkout")
    for name in names.stdout.splitlines():
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    done = subprocess.run([*command, "--wheel-dir", out, source], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (path,) = out.glob("gan_mri-*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


def test_every_file_of_the_package_is_in_it(wheel):
    tracked = subprocess.run(
        ["git", "ls-files", "gan_mri"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    here = {name for name in tracked.stdout.splitlines() if (ROOT / name).is_file()}
    inside = {name for name in wheel.namelist() if name.startswith("gan_mri/")}
    assert inside == here


def test_nothing_else_is(wheel):
    tops = {name.split("/")[0].split("-")[0] for name in wheel.namelist()}
    assert tops == {"gan_mri"}


def test_it_brings_its_command(wheel):
    (entries,) = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]
    assert "gan-mri = gan_mri.__main__:console" in wheel.read(entries).decode()
