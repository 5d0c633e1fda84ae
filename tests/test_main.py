"""`gan-mri` lists the commands without TensorFlow, and is each of them."""

import subprocess
import sys

import pytest

import gan_mri
from gan_mri.__main__ import commands, console, main
from gan_mri.errors import GanMriError


def test_every_command_is_found():
    """Those that can be called from Python as `gan_mri.NAME(...)`, and the two in `study`."""
    expected = {name for name in gan_mri._MODULES if callable(getattr(gan_mri, name))}
    assert set(commands()) == expected | {"study"} >= {"train", "translate", "evaluate", "bids"}
    for name, what in commands().items():
        assert what and "\n" not in what and hasattr(getattr(gan_mri, name), "main")


def test_alone_it_lists(capsys):
    main([])
    text = capsys.readouterr().out
    for name, what in commands().items():
        assert f"  {name} " in text and what in text
    assert "  welander/cyclegan\n" in text and "Trained weights" in text
    with pytest.raises(GanMriError, match="expected one of .*train.* Received: 'trian'"):
        main(["trian"])


def test_it_is_the_command(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "argv", ["gan-mri", "translate", "nothing", "a.png", "b.png"])
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as left:
        console()
    assert left.value.code == 2
    assert capsys.readouterr().err.startswith("error: nothing")
    with pytest.raises(SystemExit) as left:
        main(["train", "--help"])
    assert left.value.code == 0 and "gan_mri.train" in capsys.readouterr().out


def test_the_list_needs_no_tensorflow():
    code = "import sys, gan_mri.__main__ as m; m.main([]); print('tensorflow' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.endswith("False\n")


def test_nobody_reads_to_the_end():
    command = [sys.executable, "-m", "gan_mri"]
    listing = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
    listing.stdout.close()
    assert listing.stderr.read() == b"" and listing.wait(timeout=60) == 141
