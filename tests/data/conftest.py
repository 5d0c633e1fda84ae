"""Fixtures of the tests of gan_mri.data; `data_samples` writes the files."""

from pathlib import Path

import pytest
from data_samples import write_bids, write_pictures

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture
def bids(tmp_path):
    """A BIDS folder of three subjects with T1w and T2w."""
    return write_bids(tmp_path / "bids")


@pytest.fixture
def gan_mri_folder(tmp_path):
    """trainA ... testB of 8-bit pictures: four training pairs and two test pairs."""
    folder = tmp_path / "pictures"
    for i, (name, names) in enumerate(
        {"trainA": "abcd", "trainB": "abcd", "testA": "ef", "testB": "ef"}.items()
    ):
        write_pictures(folder / name, names, seed=i)
    return folder


@pytest.fixture
def shared():
    """Folder of real images, or skip."""
    if not SHARED.is_dir():
        pytest.skip(f"real images are not at {SHARED}")
    return SHARED
