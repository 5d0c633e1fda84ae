"""The finished run that the tests of this folder read."""

import pytest
import runs


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """Folder of a finished run; only to be read."""
    return runs.finished_run(tmp_path_factory)
