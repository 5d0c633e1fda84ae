"""Small files that would become large: refused before anything of that size is allocated.

What is allocated is measured in a process of its own, whose address space is limited.
"""

import gzip
import io
import struct
import subprocess
import sys
import zlib

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from gan_mri.data.files import limits
from gan_mri.data.files.readers import read_image
from gan_mri.errors import GanMriError

#: Bytes that a process may take beyond what the imports take.
_ROOM = 200 * 2**20

# Reads a file with a limit on memory; the last line says what came of it.
_READ = f"""
import resource, sys
import numpy, nibabel, PIL.Image, PIL.PngImagePlugin, PIL.TiffImagePlugin
from gan_mri.data.files.readers import read_image
from gan_mri.errors import GanMriError
with open("/proc/self/statm") as file:
    used = int(file.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + {_ROOM},) * 2)
try:
    read_image(sys.argv[1])
    print("read")
except GanMriError as error:
    print("refused", error)
"""


def chunk(kind, data):
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)


def png(width, height, *more):
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    # A whole picture of zeros, a thousandth of its size.
    squeezed = zlib.compressobj(1)
    data = b"".join(squeezed.compress(bytes(width + 1)) for _ in range(min(height, 9_000)))
    data += squeezed.flush()
    body = b"".join([chunk(b"IHDR", head), *more, chunk(b"IDAT", data), chunk(b"IEND", b"")])
    return b"\x89PNG\r\n\x1a\n" + body


def zeros(size):
    squeezed = zlib.compressobj(1)
    parts = [squeezed.compress(bytes(2**20)) for _ in range(size // 2**20)]
    return b"".join(parts) + squeezed.flush()


def tiff_that_never_ends():
    """A directory that is its own successor."""
    stream = io.BytesIO()
    Image.fromarray(np.arange(400, dtype=np.uint8).reshape(20, 20)).save(stream, "TIFF")
    raw = bytearray(stream.getvalue())
    (start,) = struct.unpack_from("<I", raw, 4)
    (count,) = struct.unpack_from("<H", raw, start)
    struct.pack_into("<I", raw, start + 2 + 12 * count, start)
    return bytes(raw)


def tiff_of(width, height):
    """A deflated strip of zeros of that size."""
    data = zeros(2**26)
    tags = [(256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 8), (262, 3, 1), (273, 4, 0)]
    tags += [(277, 3, 1), (278, 4, height), (279, 4, len(data))]
    place = 8 + 2 + 12 * len(tags) + 4
    entries = b"".join(
        struct.pack("<HHII", tag, kind, 1, place if tag == 273 else value)
        for tag, kind, value in tags
    )
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4) + data


def nifti(voxels, declared=None):
    """Compressed zeros behind a header that declares so many voxels a side."""
    header = nib.Nifti1Header()
    header.set_data_dtype(np.int16)
    header.set_data_shape((declared or voxels,) * 3)
    header["vox_offset"] = 352
    raw = header.binaryblock + bytes(4)
    squeezed = zlib.compressobj(1, wbits=31)
    data = squeezed.compress(raw)
    data += b"".join(squeezed.compress(bytes(2**20)) for _ in range(voxels**3 * 2 // 2**20))
    return data + squeezed.flush()


def archive():
    stream = io.BytesIO()
    np.savez_compressed(stream, a=np.zeros((6_000, 6_000)))
    return stream.getvalue()


BOMBS = {
    "a.png": lambda: png(30_000, 30_000),
    "text.png": lambda: png(20, 20, chunk(b"zTXt", b"a\0\0" + zeros(2**28))),
    "profile.png": lambda: png(20, 20, chunk(b"iCCP", b"a\0\0" + zeros(2**28))),
    "endless.tif": tiff_that_never_ends,
    "large.tif": lambda: tiff_of(40_000, 40_000),
    "longer.tif": lambda: tiff_of(20, 20),
    "voxels.nii.gz": lambda: nifti(512),
    "declared.nii.gz": lambda: nifti(10, declared=3000),
    "archive.npy": archive,
}


@pytest.mark.skipif(sys.platform != "linux", reason="limits memory as Linux does")
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_takes_no_memory(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(BOMBS[name]())
    assert path.stat().st_size < 8 * 2**20
    command = [sys.executable, "-c", _READ, str(path)]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert found.returncode == 0, found.stderr[-2000:]
    last = found.stdout.splitlines()[-1]
    # A strip longer than its picture is cut; pictures of 20 x 20 may be read.
    assert last.startswith(f"refused {path}") or (last == "read" and "a.png" != name)
    if name in ("a.png", "large.tif", "declared.nii.gz", "voxels.nii.gz", "archive.npy"):
        assert last.startswith("refused")


def test_the_memory_there_is_bounds_what_is_read(tmp_path, monkeypatch):
    (tmp_path / "a.nii.gz").write_bytes(nifti(128))
    monkeypatch.setattr(limits, "available_memory", lambda: 2**20)
    with pytest.raises(GanMriError, match="a.nii.gz: expected 0.00 GiB of free memory"):
        read_image(tmp_path / "a.nii.gz")


def test_what_follows_the_voxels_is_bounded(tmp_path, monkeypatch):
    from gan_mri.data.files import nifti as reader

    raw = gzip.decompress(nifti(10, declared=10))
    with gzip.open(tmp_path / "a.nii.gz", "wb", compresslevel=1) as file:
        file.write(raw + bytes(2000) + bytes(2**22))
    monkeypatch.setattr(reader, "MAX_BYTES", 2**20)
    with pytest.raises(GanMriError, match="goes on for more than 1048576 bytes"):
        read_image(tmp_path / "a.nii.gz")
