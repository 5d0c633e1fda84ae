"""Files of an independent writer, tifffile, read back to their values or refused."""

import itertools

import numpy as np
import pytest
import tifffile
from PIL import Image

from gan_mri.data.files.pictures import read_picture
from gan_mri.errors import GanMriError

READ = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "float32")


def samples(dtype, shape=(20, 37)):
    """Random values over the whole range of a type, both ends included."""
    random = np.random.default_rng(0)
    if np.dtype(dtype).kind == "f":
        return (random.normal(size=shape) * 1000).astype(dtype)
    limits = np.iinfo(dtype)
    array = random.integers(limits.min, limits.max, shape, dtype=dtype, endpoint=True)
    array.flat[:2] = limits.min, limits.max
    return array


def write(path, array, **options):
    tifffile.imwrite(path, array, **options)
    assert np.array_equal(tifffile.imread(path), array)
    return path


@pytest.mark.parametrize("tile", [None, (16, 16)])
@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("dtype", READ)
def test_every_type_keeps_its_values(tmp_path, dtype, compression, tile):
    array = samples(dtype)
    path = write(tmp_path / "a.tif", array, compression=compression, tile=tile)
    read = read_picture(path)
    assert read.dtype == dtype and read.dtype.isnative
    np.testing.assert_array_equal(read, array)


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_white_is_zero(tmp_path, dtype, compression):
    array = samples(dtype)
    path = write(tmp_path / "a.tif", array, photometric="miniswhite", compression=compression)
    read = read_picture(path)
    assert read.dtype == dtype
    np.testing.assert_array_equal(read, np.iinfo(dtype).max - array)


@pytest.mark.parametrize("dtype", ["int8", "int16", "uint32", "int32", "float32", "float64"])
def test_no_white_is_guessed(tmp_path, dtype):
    path = write(tmp_path / "a.tif", samples(dtype), photometric="miniswhite")
    with pytest.raises(GanMriError, match=r"a\.tif: expected "):
        read_picture(path)


def test_floats_in_which_white_is_zero_say_what_to_do(tmp_path):
    path = write(tmp_path / "a.tif", samples("float32"), photometric="miniswhite")
    with pytest.raises(GanMriError, match=r"a\.tif: .*floating-point.*WhiteIsZero.*BlackIsZero"):
        read_picture(path)


@pytest.mark.parametrize("dtype", ["float16", "float64", "int64", "uint64"])
def test_other_types_are_refused(tmp_path, dtype):
    path = write(tmp_path / "a.tif", samples(dtype))
    with pytest.raises(GanMriError, match=r"a\.tif: .*of TIFF it knows grey of 8, 16 and 32 bits"):
        read_picture(path)


@pytest.mark.parametrize("photometric", ["minisblack", "miniswhite"])
@pytest.mark.parametrize("dtype", [*READ, "float64"])
def test_no_combination_is_read_wrongly(tmp_path, dtype, photometric):
    """Whatever tifffile writes comes back right or is refused."""
    array = samples(dtype)
    expected = array
    if photometric == "miniswhite" and np.dtype(dtype).kind == "u":
        expected = np.iinfo(dtype).max - array
    count = 0
    for compression, predictor, order, tile in itertools.product(
        [None, "zlib"], [False, True], "<>", [None, (16, 16)]
    ):
        try:
            tifffile.imwrite(
                tmp_path / "a.tif",
                array,
                photometric=photometric,
                compression=compression,
                predictor=predictor,
                byteorder=order,
                tile=tile,
            )
        except (KeyError, ValueError, ImportError):
            continue  # needs imagecodecs
        count += 1
        try:
            read = read_picture(tmp_path / "a.tif")
        except GanMriError:
            continue
        assert photometric == "minisblack" or np.dtype(dtype).kind == "u"
        np.testing.assert_array_equal(read, expected)
    assert count >= 6


def test_compressed_big_endian_samples_are_refused(tmp_path):
    """Pillow swaps their bytes twice."""
    options = {"compression": "zlib", "byteorder": ">"}
    path = write(tmp_path / "a.tif", samples("float32"), **options)
    with pytest.raises(GanMriError, match=r"a\.tif: .*compressed big-endian samples of 32 bits"):
        read_picture(path)
    np.testing.assert_array_equal(
        read_picture(write(tmp_path / "b.tif", samples("uint16"), **options)), samples("uint16")
    )


def test_differences_of_pack_bits_are_refused(tmp_path):
    """libtiff takes back a predictor for other compressions only."""
    Image.fromarray(samples("uint8")).save(
        tmp_path / "a.tif", compression="packbits", tiffinfo={317: 2}
    )
    with pytest.raises(GanMriError, match=r"a\.tif: .*PackBits after a predictor"):
        read_picture(tmp_path / "a.tif")


@pytest.mark.parametrize("planes", ["contig", "separate"])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_rgb(tmp_path, compression, planes):
    array = samples("uint8", (20, 37, 3))
    stored = array if planes == "contig" else np.moveaxis(array, -1, 0)
    path = write(
        tmp_path / "a.tif",
        stored,
        photometric="rgb",
        planarconfig=planes,
        compression=compression,
    )
    np.testing.assert_array_equal(read_picture(path), array)
