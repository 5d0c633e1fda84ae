import os

import pytest

from gan_mri import free_names
from gan_mri.errors import GanMriError
from gan_mri.files import replacing, replacing_folder

NO_LINKS = OSError(95, "Operation not supported")


@pytest.fixture(params=["links", "no links"])
def disk(request, monkeypatch):
    """A file system with hard links, and one without."""
    if request.param == "no links":

        def link(*arguments):
            raise NO_LINKS

        monkeypatch.setattr(free_names.os, "link", link)


def test_a_new_file(tmp_path, disk):
    with replacing(tmp_path / "a" / "x.txt", new=True) as temporary:
        temporary.write_text("new")
    assert [one.name for one in (tmp_path / "a").iterdir()] == ["x.txt"]
    assert (tmp_path / "a" / "x.txt").read_text() == "new"


@pytest.mark.parametrize("kind", ["file", "folder", "dangling link"])
def test_what_appeared_meanwhile_stays(tmp_path, disk, kind):
    path = tmp_path / "x"
    with pytest.raises(GanMriError, match=f"^{path} exists already and is not overwritten"):
        with replacing(path, new=True) as temporary:
            temporary.write_text("new")
            if kind == "file":
                path.write_text("precious")
            elif kind == "folder":
                path.mkdir()
            else:
                path.symlink_to("nowhere")
    assert os.listdir(tmp_path) == ["x"]
    kept = {"file": path.is_file(), "folder": path.is_dir(), "dangling link": path.is_symlink()}
    assert kept[kind] and (kind != "file" or path.read_text() == "precious")


@pytest.mark.parametrize("content", [["precious"], []])
def test_a_folder_that_appeared_meanwhile_stays(tmp_path, content):
    path = tmp_path / "x"
    with pytest.raises(GanMriError, match=f"^{path} exists already and is not overwritten"):
        with replacing_folder(path, new=True) as temporary:
            (temporary / "new").write_text("new")
            path.mkdir()
            for name in content:
                (path / name).touch()
    assert os.listdir(tmp_path) == ["x"] and os.listdir(path) == content


def test_a_new_folder(tmp_path):
    with replacing_folder(tmp_path / "x", new=True) as temporary:
        (temporary / "new").write_text("new")
    assert os.listdir(tmp_path) == ["x"] and os.listdir(tmp_path / "x") == ["new"]
