import errno
import json
import os
import threading
from pathlib import Path

import pytest

from gan_mri import files
from gan_mri.errors import GanMriError
from gan_mri.files import (
    check_writable,
    explained,
    read_json,
    replacing,
    replacing_folder,
    write_json,
)


def test_replacing_keeps_the_old_file_when_the_block_raises(tmp_path):
    path = tmp_path / "file.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError, match="on purpose"):
        with replacing(path) as temporary:
            temporary.write_text("half")
            assert path.read_text() == "old"
            raise RuntimeError("on purpose")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    with replacing(path) as temporary:
        temporary.write_text("new")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_the_temporary_name_keeps_the_suffixes_and_is_never_shared(tmp_path):
    path = tmp_path / "sub-1.x" / "volume.nii.gz"
    with replacing(path) as first:
        first.write_text("1")
        with replacing(path) as second:
            assert first != second and {first.parent, second.parent} == {path.parent}
            assert first.name.endswith(".nii.gz") and second.name.endswith(".nii.gz")
            second.write_text("2")
        assert path.read_text() == "2" and first.read_text() == "1"
    assert path.read_text() == "1"


def test_threads_that_write_one_file_do_not_disturb_each_other(tmp_path):
    path, failed = tmp_path / "x.json", []

    def work(number):
        try:
            for _ in range(10):
                write_json(path, {"number": [number] * 1000})
                assert len(set(read_json(path)["number"])) == 1
        except (GanMriError, AssertionError, OSError) as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert list(tmp_path.iterdir()) == [path]


def test_file_and_folder_are_on_the_disk_before_and_after_the_rename(tmp_path, monkeypatch):
    done = []
    real = {"fsync": os.fsync, "replace": os.replace}

    def fsync(descriptor):
        name = os.readlink(f"/proc/self/fd/{descriptor}")
        done.append("folder" if name == str(tmp_path) else Path(name).read_text())
        real["fsync"](descriptor)

    def replace(old, new):
        done.append("rename")
        real["replace"](old, new)

    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("Linux only")
    monkeypatch.setattr(files.os, "fsync", fsync)
    monkeypatch.setattr(files.os, "replace", replace)
    with replacing(tmp_path / "x.txt") as temporary:
        temporary.write_text("content")
    assert done == ["content", "rename", "folder"]


def test_a_folder_that_cannot_be_synchronized_is_no_error(tmp_path, monkeypatch):
    def fsync(descriptor):
        if os.path.isdir(f"/proc/self/fd/{descriptor}"):
            raise OSError(errno.EINVAL, "not here")

    monkeypatch.setattr(files.os, "fsync", fsync)
    with replacing(tmp_path / "x.txt") as temporary:
        temporary.write_text("content")
    assert (tmp_path / "x.txt").read_text() == "content"


def one_paragraph(caught, *words):
    message = str(caught.value)
    assert "\n" not in message and "expected a place to write to, received" in message
    assert all(word in message for word in words), message


def test_a_name_that_is_too_long(tmp_path):
    longest = os.pathconf(tmp_path, "PC_NAME_MAX")
    fits = tmp_path / ("n" * (longest - 4) + ".txt")
    check_writable(fits)
    with replacing(fits) as temporary:
        temporary.write_text("fits")
    assert fits.read_text() == "fits"
    for path in (tmp_path / ("n" * longest + ".txt"), tmp_path / ("é" * longest) / "x.txt"):
        with pytest.raises(GanMriError) as caught, replacing(path) as temporary:
            temporary.write_text("does not fit")
        one_paragraph(caught, str(path), "a name that is too long")
        with pytest.raises(GanMriError) as caught:
            check_writable(path)
        one_paragraph(caught, str(path), "a name that is too long")
    assert list(tmp_path.iterdir()) == [fits]
    with pytest.raises(GanMriError, match="a name that is too long"):
        check_writable(tmp_path / "/".join(["folder"] * 1000))


@pytest.mark.parametrize("name", ["file/x.txt", "file/folder/x.txt"])
def test_a_parent_that_is_a_file(tmp_path, name):
    (tmp_path / "file").write_text("a file")
    path = tmp_path / name
    with pytest.raises(GanMriError) as caught, replacing(path) as temporary:
        temporary.write_text("nowhere")
    one_paragraph(caught, f"{path}: ", f"a file where a folder is needed ({tmp_path / 'file'})")
    with pytest.raises(GanMriError) as caught:
        check_writable(path)
    one_paragraph(caught, f"{path}: ", f"a file where a folder is needed ({tmp_path / 'file'})")


def test_a_folder_of_that_name(tmp_path):
    (tmp_path / "x").mkdir()
    with pytest.raises(GanMriError) as caught, replacing(tmp_path / "x") as temporary:
        temporary.write_text("x")
    one_paragraph(caught, "a folder of that name")
    with pytest.raises(GanMriError) as caught:
        check_writable(tmp_path / "x")
    one_paragraph(caught, "a folder of that name")
    check_writable(tmp_path / "x", folder=True)
    assert list(tmp_path.iterdir()) == [tmp_path / "x"] and not list((tmp_path / "x").iterdir())


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Linux only")
def test_a_full_disk(tmp_path):
    path = tmp_path / "x.txt"
    path.write_text("old")
    with pytest.raises(GanMriError) as caught, replacing(path) as temporary:
        temporary.write_text("half")
        with open("/dev/full", "w") as full:
            full.write("the rest")
    one_paragraph(caught, f"{path}: ", "no space left on the disk")
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "number, reason",
    [
        (errno.EROFS, "a read-only file system"),
        (errno.EACCES, "no permission to write there"),
        (errno.EDQUOT, "no space left in the quota"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
def test_what_the_system_says(tmp_path, monkeypatch, number, reason):
    def refuse(*arguments, **options):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch, pytest.raises(GanMriError) as caught:
        patch.setattr(files.os, "replace", refuse)
        write_json(tmp_path / "x.json", {})
    one_paragraph(caught, f"{tmp_path / 'x.json'}: ", reason)
    assert not list(tmp_path.iterdir())
    with monkeypatch.context() as patch, pytest.raises(GanMriError) as caught:
        patch.setattr(files.tempfile, "TemporaryFile", refuse)
        check_writable(tmp_path / "x.json")
    one_paragraph(caught, f"{tmp_path / 'x.json'}: ", reason)


def test_errors_without_a_number_and_of_other_files(tmp_path):
    with pytest.raises(GanMriError) as caught, explained(tmp_path / "x.npy"):
        raise OSError("4096 requested and 17 written")  # as NumPy does on a full disk
    one_paragraph(caught, "no space left on the disk")
    with pytest.raises(GanMriError) as caught, explained(tmp_path / "x.h5"):
        raise OSError("HDF5 says\nso")
    one_paragraph(caught, "HDF5 says so")
    with pytest.raises(GanMriError) as caught, explained(tmp_path / "x.npy"):
        open(tmp_path / "other" / "file")
    one_paragraph(caught, str(tmp_path / "other" / "file"))


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_without_permission(tmp_path):
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    for path in (folder / "x.txt", folder / "new" / "x.txt"):
        with pytest.raises(GanMriError, match="no permission to write there"):
            check_writable(path)
        with pytest.raises(GanMriError, match="no permission to write there"):
            write_json(path, {})


def test_what_can_be_written_is_left_alone(tmp_path):
    (tmp_path / "old.txt").write_text("old")
    for path in (tmp_path / "old.txt", tmp_path / "new.txt", tmp_path / "a" / "b" / "new.txt"):
        check_writable(path, needed=1000)
        check_writable(str(path.parent), folder=True)
    assert [path.name for path in tmp_path.iterdir()] == ["old.txt"]
    assert (tmp_path / "old.txt").read_text() == "old"


def test_too_little_space_is_told_before(tmp_path):
    with pytest.raises(
        GanMriError, match=r"x\.h5: expected 1,073,741,824\.0 MiB of free space.*MiB\."
    ):
        check_writable(tmp_path / "x.h5", needed=2**50)


def test_json_comes_back(tmp_path):
    content = {"a": [1, 2.5, None], "b": {"c": "é"}}
    write_json(tmp_path / "folder" / "x.json", content)
    assert read_json(tmp_path / "folder" / "x.json") == content
    assert json.loads((tmp_path / "folder" / "x.json").read_text()) == content


@pytest.mark.parametrize("text", ["", "{", "[1]", "{'a': 1}", "[" * 100_000])
def test_what_is_no_json_object_is_refused_by_name(tmp_path, text):
    path = tmp_path / "config.json"
    path.write_text(text)
    with pytest.raises(GanMriError, match="config.json: expected a JSON object"):
        read_json(path)


def test_a_missing_file_is_refused_by_name(tmp_path):
    with pytest.raises(GanMriError, match="missing.json"):
        read_json(tmp_path / "missing.json")


def test_a_folder_appears_whole_and_replaces_an_older_one(tmp_path):
    path = tmp_path / "new" / "folder"
    with replacing_folder(path) as unfinished:
        (unfinished / "inner").mkdir()
        (unfinished / "inner" / "x.txt").write_text("first")
        assert not path.exists() and unfinished.parent == path.parent
    with replacing_folder(path) as unfinished:
        (unfinished / "y.txt").write_text("second")
        assert (path / "inner" / "x.txt").read_text() == "first"
    assert [one.name for one in path.iterdir()] == ["y.txt"]
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_stays_when_the_block_raises(tmp_path):
    path = tmp_path / "folder"
    path.mkdir()
    (path / "x.txt").write_text("old")
    with pytest.raises(RuntimeError, match="on purpose"), replacing_folder(path) as unfinished:
        (unfinished / "x.txt").write_text("half")
        raise RuntimeError("on purpose")
    assert (path / "x.txt").read_text() == "old" and list(tmp_path.iterdir()) == [path]
    (tmp_path / "file").write_text("a file")
    for place in (tmp_path / "file" / "folder", tmp_path / "file"):
        with pytest.raises(GanMriError) as caught, replacing_folder(place):
            pass
        one_paragraph(caught, f"{place}: ")
    assert (tmp_path / "file").read_text() == "a file"


def test_errors_of_a_library_that_writes(tmp_path):
    class Refused(Exception):
        """As tf.errors.OpError, which is no OSError."""

    with pytest.raises(GanMriError) as caught, replacing_folder(tmp_path / "x", also=(Refused,)):
        raise Refused("/tmp/variables.index; No space left on device")
    one_paragraph(caught, f"{tmp_path / 'x'}: ", "no space left on the disk")
    with pytest.raises(GanMriError) as caught, explained(tmp_path / "x", also=(Refused,)):
        raise Refused("a worker\nis gone")
    one_paragraph(caught, "a worker is gone")
    assert not list(tmp_path.iterdir())
