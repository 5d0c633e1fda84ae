"""Places that nothing can be written to or read from: told by every command before any work."""

import errno
import os
from pathlib import Path

import pytest
import runs

import gan_mri
from gan_mri import files
from gan_mri.errors import GanMriError

COMMANDS = {
    "train": lambda out: gan_mri.train(out=out),
    "translate": lambda out: gan_mri.translate("model", "a.png", out.with_name(out.name + ".png")),
    "compare": lambda out: gan_mri.compare("welander", out=out),
    "prepare": lambda out: gan_mri.prepare("phantom", out.with_name(out.name + ".h5")),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("place", ["too long", "below a file", "read-only", "full"])
def test_output_that_cannot_be_written(tmp_path, monkeypatch, command, place):
    (tmp_path / "file").write_text("precious")
    out = tmp_path / "out"
    if place == "too long":
        out, reason = tmp_path / ("x" * 300), "a name that is too long"
    elif place == "below a file":
        out, reason = tmp_path / "file" / "out", "a file where a folder is needed|is none"
    else:
        number = {"read-only": errno.EROFS, "full": errno.ENOSPC}[place]
        reason = {"read-only": "a read-only file system", "full": "no space left on the disk"}[
            place
        ]

        def fail(**where):
            raise OSError(number, "on purpose")

        monkeypatch.setattr(files.tempfile, "TemporaryFile", fail)
    with pytest.raises(GanMriError, match=rf"{out.name}.*expected .*({reason})"):
        COMMANDS[command](out)
    assert os.listdir(tmp_path) == ["file"] and (tmp_path / "file").read_text() == "precious"


LONG = "x" * 300


@pytest.mark.parametrize(
    "command",
    [
        lambda out: gan_mri.train(data=LONG, out=out),
        lambda out: gan_mri.train(resume=True, out=LONG),
        lambda out: gan_mri.prepare(LONG, out.with_suffix(".h5")),
        lambda out: gan_mri.evaluate(LONG, out=out),
        lambda out: gan_mri.generate(LONG, out, number=1),
        lambda out: gan_mri.load_run(LONG),
    ],
)
def test_input_whose_name_is_too_long(tmp_path, command):
    with pytest.raises(GanMriError, match=f"{LONG}.*(no such|too long)"):
        command(tmp_path / "out")
    assert not os.listdir(tmp_path)


#: "dér" in Latin-1: a name that Linux has and UTF-8 has not.
STRANGE = os.fsdecode(b"d\xe9r")


def test_places_that_are_no_utf8(tmp_path):
    data = runs.write_pictures(tmp_path / STRANGE, trainA=2, trainB=2)
    before = sorted(tmp_path.rglob("*"))
    message = r"^'.*d\\xe9r': expected a path in UTF-8, {}\. Rename it"
    with pytest.raises(GanMriError, match=message.format("which an HDF5 file can record")):
        gan_mri.prepare(data, tmp_path / "out.h5")
    with pytest.raises(GanMriError, match=message.format("in which TensorFlow can write")):
        gan_mri.train(out=tmp_path / "new" / STRANGE)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_picture_whose_name_is_no_utf8(tmp_path):
    data = runs.write_pictures(tmp_path / "data", trainA=2, trainB=2)
    picture = data / "trainA" / "trainA-0.png"
    picture.rename(picture.with_name(STRANGE + ".png"))
    for command in (
        lambda: gan_mri.train(data=data, out=tmp_path / "run"),
        lambda: gan_mri.prepare(data, tmp_path / "data.h5"),
    ):
        with pytest.raises(GanMriError, match=r"expected names of files in UTF-8, .*d\\xe9r"):
            command()
    assert [Path(name) for name in os.listdir(tmp_path)] == [Path("data")]
