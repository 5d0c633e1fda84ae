import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from gan_mri.errors import GanMriError
from gan_mri.reporting.sheets import sample_sheet

BACKGROUND = (20, 20, 22)


def noise(*shape, seed=0):
    """Values that are 8-bit greys exactly, so that no rounding is in doubt."""
    grays = np.random.default_rng(seed).integers(0, 256, shape)
    return (grays / 127.5 - 1).astype("float32")


def read(path):
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        return np.asarray(picture.convert("RGB"))


def positions(sheet, tile):
    """Where `tile` stands in `sheet`, pixel for pixel."""
    h, w = tile.shape[:2]
    windows = np.lib.stride_tricks.sliding_window_view(sheet[..., 0], (1, w))[:, :, 0]
    rows = np.argwhere((windows == tile[0, :, 0]).all(-1))
    return [(y, x) for y, x in rows if (sheet[y : y + h, x : x + w] == tile).all()]


def as_drawn(image, factor):
    """8-bit values by Pillow's nearest-neighbour enlargement, apart from our code."""
    pixels = np.round((image.astype("float64") + 1) * 127.5).astype("uint8")
    if pixels.ndim == 2:
        pixels = np.stack([pixels] * 3, axis=-1)
    size = (pixels.shape[1] * factor, pixels.shape[0] * factor)
    return np.asarray(Image.fromarray(pixels).resize(size, Image.NEAREST))


def test_every_image_is_there_pixel_for_pixel_in_its_cell(tmp_path):
    images = [[noise(64, 64, seed=4 * i + j) for j in range(4)] for i in range(2)]
    columns = ["T1w (real)", "T2w (translated)", "T1w (reconstructed)", "T2w (real)"]
    rows = [(f"sub-0{i} slice 95", images[i]) for i in range(2)]
    sample_sheet(tmp_path / "sheet.png", columns, rows, title="epoch 1 of 2")
    sheet = read(tmp_path / "sheet.png")
    found = [[positions(sheet, as_drawn(x, 3)) for x in line] for line in images]
    assert all(len(cell) == 1 for line in found for cell in line)
    y = [[cell[0][0] for cell in line] for line in found]
    x = [[cell[0][1] for cell in line] for line in found]
    assert y[0] == [y[0][0]] * 4 and y[1] == [y[0][0] + 192 + 4] * 4
    assert x[0] == x[1] == [x[0][0] + j * (192 + 4) for j in range(4)]
    assert [path.name for path in tmp_path.iterdir()] == ["sheet.png"]


def test_titles_and_labels_are_drawn_outside_the_cells(tmp_path):
    image = noise(64, 64)
    sample_sheet(tmp_path / "a.png", ["T1w (real)"], [("sub-01", [image])])
    sheet = read(tmp_path / "a.png").astype(int)
    ((top, left),) = positions(sheet, as_drawn(image, 3))
    ink = np.abs(sheet - BACKGROUND).max(-1) > 60
    assert ink[:top, left : left + 192].sum() > 50
    assert ink[top : top + 192, :left].sum() > 50
    assert not ink[0].any() and not ink[:, 0].any()
    sample_sheet(tmp_path / "b.png", ["T1w (real)"], [("sub-01", [image])], title="x")
    assert read(tmp_path / "b.png").shape[0] > sheet.shape[0]


@pytest.mark.parametrize(
    "shape, factor",
    [((17, 31), 6), ((182, 218), 1), ((80, 20, 3), 2), ((512, 100), 1), ((160, 1), 1)],
)
def test_images_are_enlarged_by_a_whole_factor_to_160_pixels(tmp_path, shape, factor):
    image = noise(*shape)
    sample_sheet(tmp_path / "a.png", ["A"], [("s", [image])])
    assert len(positions(read(tmp_path / "a.png"), as_drawn(image, factor))) == 1


@pytest.mark.parametrize(
    "shape, factor", [((20, 66), 8), ((64, 196), 3), ((218, 586), 1), ((66, 20), 3)]
)
def test_three_planes_are_enlarged_as_one_of_them_would_be(tmp_path, shape, factor):
    image = noise(*shape)
    sample_sheet(tmp_path / "a.png", ["A"], [("s", [image])], planes=3)
    assert len(positions(read(tmp_path / "a.png"), as_drawn(image, factor))) == 1


def test_a_sheet_is_as_wide_as_its_cells_to_the_pixel(tmp_path):
    widths = []
    for width in range(165, 195):
        path = tmp_path / f"{width}.png"
        sample_sheet(path, ["A"], [("s", [np.zeros((8, width), "float32")])])
        widths.append(read(path).shape[1])
    assert np.diff(widths).tolist() == [1] * 29


def test_images_beyond_512_pixels_are_averaged_down(tmp_path):
    image = noise(600, 700)
    sample_sheet(tmp_path / "a.png", ["A"], [("s", [image])])
    sheet = read(tmp_path / "a.png").astype(float)
    assert 350 < sheet.shape[1] < 450 and 300 < sheet.shape[0] < 350
    block_means = (image.reshape(300, 2, 350, 2).mean((1, 3)) + 1) * 127.5
    cell = sheet[-8 - 300 : -8, -8 - 350 : -8]
    np.testing.assert_allclose(cell[..., 0], block_means, atol=1.5)


def test_gray_values_are_fixed_and_what_lies_outside_is_clipped(tmp_path):
    image = np.full((4, 4), -0.5, "float32")
    image[0] = [-7.0, -1.0, 1.0, 7.0]
    sample_sheet(tmp_path / "a.png", ["A"], [("s", [image])])
    cell = read(tmp_path / "a.png")[-8 - 160 : -8, -8 - 160 : -8, 0]
    assert cell[0, ::40].tolist() == [0, 0, 255, 255]
    assert set(cell[40:].ravel().tolist()) == {64}  # (-0.5 + 1) * 127.5 = 63.75


def test_values_that_are_not_finite_are_magenta(tmp_path):
    image = np.zeros((4, 4, 1), "float32")
    image[0, :2, 0] = np.nan, np.inf
    sample_sheet(tmp_path / "a.png", ["A"], [("s", [image])])
    cell = read(tmp_path / "a.png")[-8 - 160 : -8, -8 - 160 : -8]
    assert (cell[:40, :80] == (255, 0, 255)).all()
    assert (cell[40:] == 128).all() and (cell[:, 80:] == 128).all()


def test_mixed_sizes_channels_and_empty_cells_in_one_sheet(tmp_path):
    images = [[noise(64, 64), noise(200, 100, 3)], [None, noise(17, 31, 1)], [None] * 2]
    # "$\T1$" would be an error if it were read as a formula.
    rows = [(f"IXI00{i}-Guys $\\T1$", line) for i, line in enumerate(images)]
    sample_sheet(tmp_path / "a.png", ["A", "a title far too long for it"], rows)
    sheet = read(tmp_path / "a.png")
    drawn = [as_drawn(images[0][0], 3), as_drawn(images[0][1], 1)]
    drawn.append(as_drawn(images[1][1][..., 0], 6))
    places = [positions(sheet, tile) for tile in drawn]
    assert [len(place) for place in places] == [1, 1, 1]
    centers = [p[0][1] + d.shape[1] / 2 for p, d in zip(places[1:], drawn[1:])]
    assert abs(centers[0] - centers[1]) <= 1
    assert (sheet == (34, 34, 37)).all(-1).sum() >= 192 * 102 + 160 * (192 + 186)


def test_a_label_may_be_empty(tmp_path):
    image = noise(160, 160)
    sample_sheet(tmp_path / "a.png", [""], [("", [image])])
    assert len(positions(read(tmp_path / "a.png"), as_drawn(image, 1))) == 1


@pytest.mark.parametrize(
    "columns, rows, message",
    [
        ([], [("s", [])], "at least one column"),
        (["A"], [], "at least one column and one row"),
        (["A", "B"], [("s1", [None])], "2 images in row 's1'.*Received: 1"),
        (["A"], [("s1", [np.zeros((8, 8), "uint8")])], "row 's1', column 'A'.*uint8"),
        (["A"], [("s1", [np.zeros((8, 8, 2))])], r"Received: shape \(8, 8, 2\)"),
        (["A"], [("s1", [np.zeros((1, 8, 8, 1))])], r"Received: shape \(1, 8, 8, 1\)"),
        (["A"], [("s1", [np.zeros((0, 8))])], r"Received: shape \(0, 8, 1\)"),
    ],
)
def test_bad_sheets_are_refused_and_leave_no_file(tmp_path, columns, rows, message):
    with pytest.raises(GanMriError, match=message):
        sample_sheet(tmp_path / "a.png", columns, rows)
    assert list(tmp_path.iterdir()) == []


def test_a_sheet_too_large_to_draw_is_refused(tmp_path):
    rows = [("s", [None])] * 200
    with pytest.raises(GanMriError, match="200 rows and 1 columns"):
        sample_sheet(tmp_path / "a.png", ["A"], rows)
    assert list(tmp_path.iterdir()) == []


def test_drawing_leaves_pyplot_and_tensorflow_alone():
    code = (
        "import sys, gan_mri.metrics;"
        "import gan_mri.reporting.curves, gan_mri.runs.history, gan_mri.reporting.sheets;"
        "print([m for m in ('matplotlib.pyplot', 'tensorflow') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
