import sys
import types

import pytest

from gan_mri import commands
from gan_mri.errors import GanMriError


def test_arguments_reach_the_command(monkeypatch):
    seen = []
    commands.run_command(seen.extend, ["a", "b"])
    assert seen == ["a", "b"]
    monkeypatch.setattr(sys, "argv", ["gan_mri.train", "c"])
    commands.run_command(seen.extend)
    assert seen == ["a", "b", "c"]


def test_error_of_use_is_one_paragraph_and_status_2(capsys):
    def main(arguments):
        raise GanMriError("--epochs must be a whole number from 1. Received: 'x'.")

    with pytest.raises(SystemExit) as caught:
        commands.run_command(main, [])
    assert caught.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "error: --epochs must be a whole number from 1. Received: 'x'.\n"


def test_ctrl_c_is_status_130(capsys):
    def main(arguments):
        raise KeyboardInterrupt

    with pytest.raises(SystemExit) as caught:
        commands.run_command(main, [])
    assert caught.value.code == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_defects_are_not_hidden():
    def main(arguments):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        commands.run_command(main, [])


def test_module_can_be_called(monkeypatch):
    module = types.ModuleType("package_of_a_test.add")
    module.add = lambda a, *, b: a + b
    monkeypatch.setitem(sys.modules, module.__name__, module)
    commands.make_callable(module.__name__)
    assert module(1, b=2) == 3
    assert module.add(1, b=2) == 3
    assert isinstance(module, types.ModuleType)
