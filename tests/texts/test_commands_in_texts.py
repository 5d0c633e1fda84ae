"""Every command that a text of ours shows is one that the command line takes."""

import importlib
import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXTS = [ROOT / name for name in ("README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md")]
TEXTS += sorted((ROOT / "docs").rglob("*.md")) + sorted((ROOT / "examples").rglob("*.md"))
TEXTS += sorted((ROOT / "weights").rglob("*.md"))


class Reached(Exception):
    """The command line was understood."""


def commands_in(text):
    """Lines of shell blocks that run a command of ours, without what stands before it."""
    for block in re.findall(r"```(?:sh|bash)\n(.*?)```", text, re.S):
        for line in block.replace("\\\n", " ").splitlines():
            found = re.search(r"(?:python3? -m gan_mri\.|\bgan-mri )(\w+) *(.*)", line)
            if found:
                yield found[1], shlex.split(found[2].split(" && ")[0], comments=True)


def cases():
    for path in TEXTS:
        for number, (name, words) in enumerate(commands_in(path.read_text(encoding="utf-8"))):
            yield pytest.param(name, words, id=f"{path.name}-{number}-{name}")


def test_there_are_many():
    assert len(list(cases())) > 20


@pytest.mark.parametrize(("name", "words"), cases())
def test_it_is_understood(name, words, monkeypatch):
    module = importlib.import_module(f"gan_mri.{name}")

    def reached(*args, **options):
        raise Reached

    for function in {"study": ("make", "score")}.get(name, (name,)):
        monkeypatch.setattr(module, function, reached)
    with pytest.raises((Reached, SystemExit)) as caught:
        module.main(words)
    # --help and --list print, and end well.
    assert caught.type is Reached or caught.value.code == 0
