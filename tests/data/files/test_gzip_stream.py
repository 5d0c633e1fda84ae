import gzip
import zlib

import numpy as np
import pytest

from gan_mri.data.files import gzip_stream
from gan_mri.data.files.gzip_stream import GzipStream

CONTENT = np.random.default_rng(0).integers(0, 40, 300_000, dtype=np.uint8).tobytes()


def write(path, *parts):
    path.write_bytes(b"".join(parts))
    return path


def whole(path, first=1000):
    """All content by both ways of reading, checked to the end."""
    with GzipStream(path) as stream:
        start = stream.read(first)
        rest = np.zeros(len(CONTENT), np.uint8)
        count = stream.readinto(memoryview(rest))
        stream.finish(limit=0)
    return start + rest[:count].tobytes()


@pytest.mark.parametrize("blocks", [(2**18, 2**20), (7, 5), (2, 1000)])
def test_content(tmp_path, monkeypatch, blocks):
    monkeypatch.setattr(gzip_stream, "_READ", blocks[0])
    monkeypatch.setattr(gzip_stream, "_BLOCK", blocks[1])
    assert whole(write(tmp_path / "a.gz", gzip.compress(CONTENT[:20_000]))) == CONTENT[:20_000]


@pytest.mark.parametrize("read", [2**18, 3])
def test_members_and_padding(tmp_path, monkeypatch, read, caplog):
    monkeypatch.setattr(gzip_stream, "_READ", read)
    cuts = [0, 10, 10, 5_000, 20_000]
    members = [gzip.compress(CONTENT[a:b]) for a, b in zip(cuts, cuts[1:])]
    assert whole(write(tmp_path / "a.gz", *members, bytes(700))) == CONTENT[:20_000]
    assert whole(write(tmp_path / "b.gz", members[0], bytes(9), *members[1:])) == CONTENT[:20_000]
    assert not caplog.records


@pytest.mark.parametrize("garbage", [b"x", b"\x1f", b"\0\0garbage", b"hello" * 1000])
def test_what_follows_is_ignored_with_a_warning(tmp_path, garbage, caplog):
    path = write(tmp_path / "a.gz", gzip.compress(CONTENT), garbage)
    assert whole(path) == CONTENT
    assert "a.gz: what follows the compressed data is no gzip" in caplog.text


def test_every_truncation_is_found(tmp_path):
    packed = gzip.compress(CONTENT[:5000])
    for length in range(1, len(packed), 37):
        with pytest.raises((EOFError, ValueError)):
            whole(write(tmp_path / "a.gz", packed[:length]), first=10)
    for length in range(len(packed) - 9, len(packed)):  # the checksum and the length
        with pytest.raises(EOFError):
            whole(write(tmp_path / "a.gz", packed[:length]), first=10)


@pytest.mark.parametrize("place", [-8, -5, -4, -1])
def test_checksum_and_length_are_compared(tmp_path, place):
    packed = bytearray(gzip.compress(CONTENT))
    packed[place] ^= 1
    with pytest.raises(zlib.error, match="incorrect"):
        whole(write(tmp_path / "a.gz", packed))


def test_no_gzip(tmp_path):
    for content in (b"", b"hello", b"\x1f"):
        with pytest.raises(ValueError, match="does not begin like a gzip file"):
            whole(write(tmp_path / "a.gz", content))


def test_a_stream_that_goes_on_is_refused(tmp_path):
    path = write(tmp_path / "a.gz", gzip.compress(bytes(10**7)))
    with GzipStream(path) as stream, pytest.raises(ValueError, match="more than 5000000 bytes"):
        stream.read(100)
        stream.finish(limit=5 * 10**6)
