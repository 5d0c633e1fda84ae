"""TensorFlow's notes at its start kept out of what the commands print.

TensorFlow writes lines to standard error while it is imported, before any setting of its log is
looked at: that oneDNN is on, that there are no CUDA drivers. Then, as errors, that what was
registered is registered (2.15), and when it looks for GPUs, that there are none. They would bury
our own lines.
"""

import importlib.util
import os
import re
import sys
import tempfile

#: Lines of absl and of TensorFlow's start: "I0000 00:00:1795.24 197 port.cc:153] oneDNN ...".
_NOTE = re.compile(
    rb"[IW]\d{4} \d\d:\d\d:\d|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [IW] |To enable the following"
    rb"|WARNING: All log messages before absl::InitializeLog"
    rb"|.*(Unable to register cu\w+ factory|failed call to cuInit)"
)


def quiet_start():
    """Leave the notes out when TensorFlow is imported, whenever that is.

    Warnings and errors of other kinds are written as ever. Somebody who sets
    `TF_CPP_MIN_LOG_LEVEL` to 0 or 1 wants to read the notes, and does.
    """
    asked = os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2") in ("0", "1")
    if not asked and "tensorflow" not in sys.modules:
        sys.meta_path.insert(0, _Finder())


class _Finder:
    """Finds TensorFlow once, with a loader that listens."""

    def find_spec(self, name, path=None, target=None):
        if name != "tensorflow":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None:
            spec.loader = _Loader(spec.loader)
        return spec


class _Loader:
    def __init__(self, loader):
        self._loader = loader

    def __getattr__(self, name):
        return getattr(self._loader, name)

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        module.__spec__.loader = module.__loader__ = self._loader
        with tempfile.TemporaryFile() as heard:
            sys.stderr.flush()
            terminal = os.dup(2)
            os.dup2(heard.fileno(), 2)
            try:
                self._loader.exec_module(module)
                module.config.list_physical_devices("GPU")  # looks for them now, while we listen
            finally:
                sys.stderr.flush()
                os.dup2(terminal, 2)
                os.close(terminal)
                heard.seek(0)
                for line in heard:
                    if not _NOTE.match(line):
                        os.write(2, line)
