"""With a package called tensorflow that writes to standard error as the real one does."""

import os
import subprocess
import sys

import pytest

PACKAGE = """
import os
import sys

os.write(2, b"WARNING: All log messages before absl::InitializeLog() is called are written\\n")
os.write(2, b"I0000 00:00:1795629735.248714  197 port.cc:153] oneDNN custom operations are on\\n")
os.write(2, b"2026-11-25 18:06:33.448871: E x/cuda_dnn.cc] Unable to register cuDNN factory\\n")
os.write(2, b"2026-11-25 18:06:33.448871: E x/gpu.cc:1] out of memory on GPU 0\\n")
print("deprecated", file=sys.stderr)


class config:
    def list_physical_devices(kind):
        os.write(2, b"E0000 00:00:1795.4 205 cuda_platform.cc:52] failed call to cuInit: ERROR\\n")


if os.environ.get("FAILS"):
    raise ImportError("no such library")
"""
USE = """
from gan_mri.quiet_start import quiet_start
quiet_start()
import tensorflow
import os
os.write(2, b"I0000 00:00:1795629735.248714 after the start\\n")
print(tensorflow.__spec__.loader.__class__.__name__, tensorflow.__file__)
"""


def start(tmp_path, **environment):
    (tmp_path / "tensorflow").mkdir()
    (tmp_path / "tensorflow" / "__init__.py").write_text(PACKAGE)
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    paths = os.pathsep.join([str(tmp_path), here])
    clean = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    return subprocess.run(
        [sys.executable, "-c", USE],
        env={**clean, "PYTHONPATH": paths, **environment},
        capture_output=True,
        text=True,
    )


def test_notes_are_left_out_and_errors_are_not(tmp_path):
    done = start(tmp_path)
    assert done.stderr.splitlines() == [
        "2026-11-25 18:06:33.448871: E x/gpu.cc:1] out of memory on GPU 0",
        "deprecated",
        "I0000 00:00:1795629735.248714 after the start",
    ]
    assert done.stdout == f"SourceFileLoader {tmp_path}/tensorflow/__init__.py\n"


@pytest.mark.parametrize("level", ["0", "1"])
def test_who_asks_for_them_reads_them(tmp_path, level):
    done = start(tmp_path, TF_CPP_MIN_LOG_LEVEL=level)
    assert "oneDNN" in done.stderr and "InitializeLog" in done.stderr


def test_an_import_that_fails_says_why(tmp_path):
    done = start(tmp_path, FAILS="yes")
    assert done.returncode == 1 and "ImportError: no such library" in done.stderr
    assert "out of memory" in done.stderr and "oneDNN" not in done.stderr
