"""The image of the BIDS App without Docker: its instructions are read and checked one by one."""

import importlib.util
import json
import re
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def instructions():
    """(word, arguments) of every instruction."""
    path = ROOT / "Dockerfile"
    if not path.exists():
        pytest.skip("the tests run apart from the project's folder")
    text = re.sub(r"\\\n", " ", path.read_text())
    lines = [line.strip() for line in text.splitlines()]
    return [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]


def arguments(instructions, word):
    return [rest for name, rest in instructions if name == word]


def test_every_word_is_an_instruction(instructions):
    known = {"FROM", "ARG", "ENV", "WORKDIR", "COPY", "RUN", "USER", "ENTRYPOINT"}
    assert instructions[0][0] == "FROM" and {name for name, _ in instructions} <= known


def test_what_it_copies_is_there_and_all_that_pip_reads(instructions):
    copied = {name for line in arguments(instructions, "COPY") for name in line.split()[:-1]}
    assert all((ROOT / name).exists() for name in copied)
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    described = config["metadata"]["long_description"].removeprefix("file: ")
    needed = {described, config["metadata"]["license_files"], "setup.cfg", "pyproject.toml"}
    assert needed | {"gan_mri"} <= copied


def test_python_and_the_extra_are_those_of_the_package(instructions):
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    least = config["options"]["python_requires"].removeprefix(">=")
    assert arguments(instructions, "FROM") == [f"python:{least}-slim"]
    assert arguments(instructions, "ARG") == ['EXTRA=""']
    assert "gpu" in config["options.extras_require"]
    (run,) = arguments(instructions, "RUN")
    assert run.startswith('pip install ".[${EXTRA}]"')


def test_it_runs_the_app_and_not_as_root(instructions):
    names = [name for name, _ in instructions]
    assert names[-1] == "ENTRYPOINT" and names.index("USER") > names.index("RUN")
    (run,), (user,) = arguments(instructions, "RUN"), arguments(instructions, "USER")
    assert f"--uid {user} " in run and int(user) > 0
    python, option, module = json.loads(arguments(instructions, "ENTRYPOINT")[0])
    assert (python, option) == ("python", "-m") and importlib.util.find_spec(module)


def test_the_linter_has_nothing_to_say():
    linter = Path(sys.executable).with_name("hadolint")
    if not linter.exists():
        pytest.skip("hadolint (extra validate) is not installed")
    found = subprocess.run([linter, ROOT / "Dockerfile"], capture_output=True, text=True)
    assert found.stdout == "" and found.returncode == 0
