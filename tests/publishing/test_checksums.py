import shutil
import subprocess

import pytest

from gan_mri.errors import GanMriError
from gan_mri.publishing.checksums import SUMS, check_checksums, write_checksums


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "A2B").mkdir()
    (tmp_path / "A2B" / "weights.npz").write_bytes(b"abc")
    (tmp_path / "a card.md").write_text("card")
    write_checksums(tmp_path)
    return tmp_path


def test_the_list_is_that_of_sha256sum(folder):
    check_checksums(folder)
    first, second = (folder / SUMS).read_text().splitlines()
    # SHA-256 of "abc", from FIPS 180-2.
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert first == f"{known}  A2B/weights.npz" and second.endswith("  a card.md")
    if shutil.which("sha256sum"):
        subprocess.run(["sha256sum", "--check", "--quiet", SUMS], cwd=folder, check=True)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda folder: (folder / "A2B" / "weights.npz").write_bytes(b"abd"), "changed or damaged"),
        (lambda folder: (folder / "a card.md").unlink(), "no such file"),
        (lambda folder: (folder / "A2B" / "more.py").write_text("x"), "does not have"),
        (lambda folder: (folder / SUMS).unlink(), "a list of checksums"),
        (lambda folder: (folder / SUMS).write_text("abc  A2B/weights.npz\n"), "the line"),
    ],
)
def test_what_was_changed_is_named(folder, change, said):
    change(folder)
    with pytest.raises(GanMriError, match=said):
        check_checksums(folder)
