"""The numbers that pictures are written in."""

import numpy as np
import pytest
from data_samples import write_png
from PIL import Image

from gan_mri.data.files import pixel_types
from gan_mri.data.files.pixel_types import as_type
from gan_mri.data.files.readers import read_image
from gan_mri.data.files.writers import write_like
from gan_mri.errors import GanMriError


def result(low, high, shape):
    return np.random.default_rng(1).uniform(low, high, shape).astype(np.float32)


def picture(path, dtype, shape=(9, 7)):
    """A picture of small values, as it is read."""
    source = (200 * np.random.default_rng(0).random(shape)).astype(dtype)
    if path.suffix == ".npy":
        np.save(path, source)
    else:
        write_png(path, source)
    image = read_image(path)
    assert image.array.dtype == dtype
    return image


@pytest.mark.parametrize(
    "source, dtype, name, window, expected",
    [
        ("a.png", np.uint8, "b.png", (0, 255), np.uint8),
        ("a.png", np.uint8, "b.png", (0, 65535), np.uint16),
        ("a.png", np.uint8, "b.png", (0, 300), np.uint16),
        ("a.png", np.uint16, "b.png", (0, 255), np.uint8),
        ("a.png", np.uint16, "b.tif", (10, 200), np.uint8),
        ("a.png", np.uint16, "b.tif", (0, 4000), np.uint16),
        ("a.png", np.uint8, "b.tif", (-1000, 2000), np.float32),
        ("a.png", np.uint8, "b.tif", (0, 1), np.float32),
        ("a.png", np.uint8, "b.tif", (0, 70000), np.float32),
        ("a.png", np.uint8, "b.npy", (0, 1), np.float32),
        ("a.png", np.uint8, "b.npy", (0, 4000), np.uint16),
        ("a.tif", np.float32, "b.png", (0, 255), np.uint8),
        ("a.tif", np.float32, "b.tif", (0, 255), np.float32),
        ("a.tif", np.int32, "b.tif", (-5, 500), np.float32),
        ("a.npy", np.float64, "b.npy", (0, 255), np.float32),
    ],
)
@pytest.mark.parametrize("shape", [(9, 7), (9, 1), (1, 7), (1, 1)])
def test_the_type_of_a_picture_follows_the_window(
    tmp_path, source, dtype, name, window, expected, shape
):
    image = picture(tmp_path / source, dtype, shape)
    array = result(*window, shape)
    write_like(tmp_path / name, array, image, window)
    written = read_image(tmp_path / name).array
    assert written.dtype == expected and written.shape == shape
    step = 0.5 if np.dtype(expected).kind == "u" else 0
    np.testing.assert_allclose(written, array, rtol=1e-6, atol=step)


@pytest.mark.parametrize(
    "name, window, expected",
    [
        ("b.png", (0, 255), np.uint8),
        ("b.tif", (20, 240), np.uint8),
        ("b.npy", (0, 4000), np.uint16),
        ("b.npy", (0, 1), np.float32),
    ],
)
@pytest.mark.parametrize("shape", [(9, 7, 3), (9, 1, 3), (1, 1, 3)])
def test_the_type_of_a_color_picture(tmp_path, name, window, expected, shape):
    image = picture(tmp_path / "a.png", np.uint8, shape)
    array = result(*window, shape)
    write_like(tmp_path / name, array, image, window)
    written = read_image(tmp_path / name).array
    assert written.dtype == expected and written.shape == shape
    step = 0.5 if np.dtype(expected).kind == "u" else 0
    np.testing.assert_allclose(written, array, rtol=1e-6, atol=step)


def test_a_constant_picture(tmp_path):
    image = picture(tmp_path / "a.png", np.uint8)
    write_like(tmp_path / "b.png", np.full((9, 7), 300, np.float32), image, (0, 1000))
    np.testing.assert_array_equal(read_image(tmp_path / "b.png").array, np.full((9, 7), 300))


def test_a_picture_beyond_its_type_is_clipped(tmp_path):
    image = picture(tmp_path / "a.png", np.uint8, (1, 3))
    write_like(tmp_path / "b.png", np.float32([[-20, 100, 300]]), image, (0, 255))
    np.testing.assert_array_equal(read_image(tmp_path / "b.png").array, [[0, 100, 255]])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_is_not_written(tmp_path, bad):
    image = picture(tmp_path / "a.png", np.uint8)
    array = result(0, 255, (9, 7))
    array[3, 3] = bad
    with pytest.raises(GanMriError, match=r"b\.png: expected finite intensities"):
        write_like(tmp_path / "b.png", array, image, (0, 255))
    assert not (tmp_path / "b.png").exists()


@pytest.mark.parametrize("window", [(0, np.nan), (5, 5), (1, 0), (0, np.inf), None, (1, 2, 3)])
def test_no_window(tmp_path, window):
    image = picture(tmp_path / "a.png", np.uint8)
    with pytest.raises(GanMriError, match="window: expected two finite numbers"):
        write_like(tmp_path / "b.png", result(0, 255, (9, 7)), image, window)


def test_what_is_written_is_a_picture_for_other_programs(tmp_path):
    source = np.random.default_rng(0).integers(0, 2**16, (9, 7)).astype(np.uint16)
    image = read_image(write_png(tmp_path / "in.png", source))
    write_like(tmp_path / "out.png", source.astype(np.float32), image, (0, 65535))
    with Image.open(tmp_path / "out.png") as opened:
        np.testing.assert_array_equal(np.array(opened), source)


def test_the_largest_whole_number_does_not_wrap():
    array = np.float32([3e9, -3e9, 5])
    np.testing.assert_array_equal(as_type(array, np.dtype(np.int32)), [2**31 - 128, -(2**31), 5])
    np.testing.assert_array_equal(array, np.float32([3e9, -3e9, 5]))


@pytest.mark.parametrize("order", ["C", "F"])
def test_large_images_are_rounded_part_by_part_as_a_whole(order, monkeypatch):
    monkeypatch.setattr(pixel_types, "_PART", 50)
    array = np.random.default_rng(0).normal(0, 3e4, (7, 11, 13)).astype(np.float32)
    array = np.asarray(array, order=order)[:, ::-1]
    typed = as_type(array, np.dtype(np.int16))
    assert typed.dtype == np.int16 and typed.shape == array.shape
    expected = np.clip(np.round(array.astype(np.float64)), -(2**15), 2**15 - 1)
    np.testing.assert_array_equal(typed, expected)
