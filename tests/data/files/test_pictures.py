import struct
import zlib

import numpy as np
import pytest
from data_samples import write_png
from PIL import Image

from gan_mri.data.files import limits
from gan_mri.data.files.pictures import read_npy, read_picture
from gan_mri.errors import GanMriError

RANDOM = np.random.default_rng(0)
GRAY8 = RANDOM.integers(0, 255, (6, 5), dtype=np.uint8)
GRAY16 = RANDOM.integers(0, 65535, (6, 5), dtype=np.uint16)
RGB = RANDOM.integers(0, 255, (6, 5, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    "name, array",
    [
        ("g.png", GRAY8),
        ("g16.png", GRAY16),
        ("c.png", RGB),
        ("g.tif", GRAY8),
        ("g16.tiff", GRAY16),
        ("c.TIFF", RGB),
        ("i.tif", GRAY16.astype(np.int32) - 30000),
        ("f.tif", GRAY16.astype(np.float32) / 7),
    ],
)
def test_lossless_formats_keep_dtype_and_values(tmp_path, name, array):
    read = read_picture(write_png(tmp_path / name, array))
    assert read.dtype == array.dtype and read.dtype.isnative
    np.testing.assert_array_equal(read, array)


def test_big_endian_tiff(tmp_path):
    Image.frombytes("I;16B", (5, 6), GRAY16.astype(">u2").tobytes()).save(tmp_path / "b.tif")
    read = read_picture(tmp_path / "b.tif")
    assert read.dtype.isnative
    np.testing.assert_array_equal(read, GRAY16)


@pytest.mark.parametrize("array", [GRAY8, RGB])
def test_jpeg(tmp_path, array):
    smooth = np.full_like(array, 90)
    read = read_picture(write_png(tmp_path / "p.jpg", smooth))
    assert read.shape == smooth.shape and read.dtype == np.uint8
    assert np.abs(read.astype(int) - 90).max() <= 2


def test_palette_bilevel_and_opaque_alpha(tmp_path):
    four_colors = RGB[:2, :2].repeat(3, 0).repeat(2, 1)
    Image.fromarray(four_colors).quantize(4).save(tmp_path / "p.png")
    assert Image.open(tmp_path / "p.png").mode == "P"
    np.testing.assert_array_equal(read_picture(tmp_path / "p.png"), four_colors)
    Image.fromarray(GRAY8 > 100).save(tmp_path / "one.png")
    np.testing.assert_array_equal(read_picture(tmp_path / "one.png"), np.where(GRAY8 > 100, 255, 0))
    opaque = np.full((6, 5, 1), 255, np.uint8)
    np.testing.assert_array_equal(
        read_picture(write_png(tmp_path / "a.png", np.concatenate([RGB, opaque], -1))), RGB
    )
    gray_alpha = np.stack([GRAY8, opaque[..., 0]], -1)
    np.testing.assert_array_equal(read_picture(write_png(tmp_path / "la.png", gray_alpha)), GRAY8)


def test_see_through_pixels_are_refused(tmp_path):
    path = write_png(tmp_path / "a.png", np.concatenate([RGB, GRAY8[..., None]], -1))
    with pytest.raises(GanMriError, match=r"a\.png: expected an opaque picture.*RGBA"):
        read_picture(path)
    Image.fromarray(GRAY8).save(tmp_path / "t.png", transparency=int(GRAY8[0, 0]))
    with pytest.raises(GanMriError, match=r"t\.png: expected an opaque picture"):
        read_picture(tmp_path / "t.png")


def test_several_frames_are_refused(tmp_path):
    frames = [Image.fromarray(GRAY8) for _ in range(3)]
    frames[0].save(tmp_path / "s.tif", save_all=True, append_images=frames[1:])
    with pytest.raises(GanMriError, match=r"s\.tif: expected one picture, received 3 frames"):
        read_picture(tmp_path / "s.tif")


def test_cmyk_is_refused(tmp_path):
    Image.new("CMYK", (5, 6)).save(tmp_path / "c.jpg")
    with pytest.raises(
        GanMriError, match=r"c\.jpg: expected a grey or RGB picture, received Pillow mode CMYK"
    ):
        read_picture(tmp_path / "c.jpg")


def png_of_16_bits(rows, *, color, extra=b""):
    """A PNG of samples (H, W) or (H, 3 W) with another chunk before the data."""

    def chunk(name, data):
        crc = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", crc)

    width = rows.shape[1] // (3 if color == 2 else 1)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, len(rows), 16, color, 0, 0, 0))
    data = zlib.compress(b"".join(b"\0" + row.astype(">u2").tobytes() for row in rows))
    extra = chunk(extra[:4], extra[4:]) if extra else b""
    return b"\x89PNG\r\n\x1a\n" + head + extra + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize("transparent", [3000, 3001])
def test_a_transparent_value_does_not_cut_16_bits_to_8(tmp_path, transparent):
    rows = np.arange(0, 60000, 1000).reshape(6, 10)
    png = png_of_16_bits(rows, color=0, extra=b"tRNS" + struct.pack(">H", transparent))
    (tmp_path / "t.png").write_bytes(png)
    if transparent in rows:
        with pytest.raises(GanMriError, match=r"t\.png: expected an opaque picture"):
            read_picture(tmp_path / "t.png")
    else:
        read = read_picture(tmp_path / "t.png")
        assert read.dtype == np.uint16
        np.testing.assert_array_equal(read, rows)


def test_rgb_of_16_bits_is_refused_because_pillow_would_cut_it(tmp_path):
    rows = RANDOM.integers(0, 65535, (2, 9))
    png = png_of_16_bits(rows, color=2)
    (tmp_path / "deep.png").write_bytes(png)
    assert np.asarray(Image.open(tmp_path / "deep.png")).dtype == np.uint8
    with pytest.raises(GanMriError, match=r"deep\.png: .*received 16-bit RGB"):
        read_picture(tmp_path / "deep.png")


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")  # Pillow's own, on the way to the error
@pytest.mark.parametrize("name", ["p.png", "p.tif", "p.jpg"])
@pytest.mark.parametrize("keep", [0, 20, 0.6])
def test_truncated(tmp_path, name, keep):
    path = write_png(tmp_path / name, RANDOM.integers(0, 255, (64, 64), dtype=np.uint8))
    raw = path.read_bytes()
    path.write_bytes(raw[: int(keep * len(raw)) if isinstance(keep, float) else keep])
    with pytest.raises(
        GanMriError, match=f"{name}: expected a PNG, TIFF or JPEG picture, could not read it"
    ):
        read_picture(path)


def test_decompression_bomb(tmp_path, monkeypatch):
    path = write_png(tmp_path / "bomb.png", np.zeros((40, 40), np.uint8))
    for limit in (1000, 100):  # Pillow warns from one limit on, and raises from twice the limit on.
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
        with pytest.raises(GanMriError, match=r"bomb\.png: .*1600 pixels"):
            read_picture(path)


@pytest.mark.parametrize("array", [GRAY8, RGB, GRAY16.astype(np.float64), GRAY16.astype(">i4")])
def test_npy(tmp_path, array):
    np.save(tmp_path / "a.npy", array)
    read = read_npy(tmp_path / "a.npy")
    assert read.dtype == array.dtype.newbyteorder("=") and not isinstance(read, np.memmap)
    np.testing.assert_array_equal(read, array)


def test_npy_with_one_channel_is_gray(tmp_path):
    np.save(tmp_path / "a.npy", GRAY8[..., None])
    np.testing.assert_array_equal(read_npy(tmp_path / "a.npy"), GRAY8)


@pytest.mark.parametrize(
    "array, received",
    [
        (np.zeros((4, 5, 2)), r"shape .*received \(4, 5, 2\)"),
        (np.zeros(4), r"shape .*received \(4,\)"),
        (np.ones((4, 5), bool), "dtype bool"),
        (np.ones((4, 5), complex), "dtype complex128"),
        (np.array([[1, None]], object), "could not read it"),
    ],
)
def test_npy_of_another_kind(tmp_path, array, received):
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(GanMriError, match=rf"a\.npy: expected .*{received}"):
        read_npy(tmp_path / "a.npy")


@pytest.mark.parametrize("keep", [0, 5, 100, 140])
def test_npy_truncated(tmp_path, keep):
    np.save(tmp_path / "a.npy", GRAY16)
    (tmp_path / "a.npy").write_bytes((tmp_path / "a.npy").read_bytes()[:keep])
    with pytest.raises(
        GanMriError, match=r"a\.npy: expected an array saved by numpy\.save, could not read it"
    ):
        read_npy(tmp_path / "a.npy")


@pytest.mark.parametrize("text", [b"[", b"(", b"'", b"\0", b"\xff", b"#"])
def test_npy_with_a_damaged_header(tmp_path, text):
    np.save(tmp_path / "a.npy", GRAY16)
    raw = bytearray((tmp_path / "a.npy").read_bytes())
    raw[30:31] = text  # inside the dictionary that describes the array
    (tmp_path / "a.npy").write_bytes(raw)
    with pytest.raises(
        GanMriError, match=r"a\.npy: expected an array saved by numpy\.save, could not read it"
    ):
        read_npy(tmp_path / "a.npy")


def test_npz_under_another_name(tmp_path):
    np.savez(tmp_path / "a.npz", GRAY8)
    (tmp_path / "a.npz").rename(tmp_path / "a.npy")
    with pytest.raises(GanMriError, match=r"a\.npy: .*received an archive"):
        read_npy(tmp_path / "a.npy")


def test_npy_larger_than_memory(tmp_path, monkeypatch):
    np.save(tmp_path / "a.npy", GRAY16)
    monkeypatch.setattr(limits, "available_memory", lambda: 50)
    with pytest.raises(GanMriError, match=r"a\.npy: expected .* free memory"):
        read_npy(tmp_path / "a.npy")
