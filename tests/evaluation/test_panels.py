import numpy as np
import pretended
import pytest
from PIL import Image

from gan_mri import metrics
from gan_mri.evaluation import panels
from gan_mri.evaluation.passes import Shown
from gan_mri.evaluation.ways import ways_of
from gan_mri.tasks import Task

WAYS = pretended.WAYS


def shown(channels=1, shape=(20, 16)):
    rng = np.random.default_rng(1)
    a, b, *made = rng.uniform(-1, 1, (6, *shape, channels)).astype("float32")
    return {
        "A2B": Shown("sub-1 slice 4", {"A": a}, made[0], made[1], b),
        "B2A": Shown("sub-1 slice 4", {"B": b}, made[2], made[3], a),
    }


@pytest.fixture
def drawn(monkeypatch):
    figures = []
    save = panels.save
    monkeypatch.setattr(
        panels, "save", lambda figure, path: figures.append(figure) or save(figure, path)
    )
    return figures


def test_truths_stand_above_their_translations_and_errors_at_the_sides(tmp_path, drawn):
    one = shown()
    path = panels.translation_figure(tmp_path / "f.png", {"unit": one, "simple": one}, WAYS)
    (figure,) = drawn
    grid = np.array(figure.axes[:12]).reshape(3, 4)
    pixels = [
        [cell.images[0].get_array() if cell.images else None for cell in line] for line in grid
    ]
    for direction, inner, outer in (("B2A", 1, 0), ("A2B", 2, 3)):
        case = one[direction]
        np.testing.assert_allclose(pixels[0][inner], (case.truth[..., 0] + 1) / 2)
        real, made = metrics.z_score(case.truth), metrics.z_score(case.translation)
        for row in (1, 2):
            np.testing.assert_allclose(pixels[row][inner], (case.translation[..., 0] + 1) / 2)
            error = np.abs(real - made) / np.maximum(np.abs(real), 0.1)
            np.testing.assert_allclose(pixels[row][outer], error[..., 0], rtol=1e-6)
    assert [grid[row, 0].get_ylabel() for row in (1, 2)] == ["unit", "simple"]
    assert grid[0, 1].get_title() == "real T1w" and grid[0, 2].get_title() == "real T2w"
    assert grid[1, 1].get_title() == "synthetic T1w, from T2w"
    assert "relative absolute difference" in figure.axes[12].get_xlabel()
    assert figure.get_suptitle() == "sub-1 slice 4"
    assert Image.open(path).format == "PNG"


def test_color_images_and_a_constant_translation_are_drawn(tmp_path, drawn):
    one = shown(channels=3)
    one["A2B"] = one["A2B"]._replace(translation=np.full((20, 16, 3), -1, "float32"))
    panels.translation_figure(tmp_path / "f.png", {"unit": one}, WAYS)
    grid = np.array(drawn[0].axes[:8]).reshape(2, 4)
    assert grid[0, 1].images[0].get_array().shape == (20, 16, 3)
    real = metrics.z_score(one["A2B"].truth)
    error = np.abs(real) / np.maximum(np.abs(real), 0.1)
    np.testing.assert_allclose(grid[1, 3].images[0].get_array(), error.mean(axis=-1))


def pixels_of(grid):
    return [[cell.images[0].get_array() if cell.images else None for cell in line] for line in grid]


def drawn_of(image):
    return (image[..., 0] + 1) / 2


def many(domains, shape=(20, 16)):
    """Every domain from all others: ways, real images, and what two methods show."""
    task = Task.each_from_the_others(domains)
    ways = ways_of(task, dict(zip(domains, domains)))
    rng = np.random.default_rng(2)
    images = rng.uniform(-1, 1, (2, len(domains), *shape, 1)).astype("float32")
    real, made = (dict(zip(domains, part)) for part in images)
    one = {
        name: Shown("sub-1", {d: real[d] for d in way.sources}, made[name], None, real[name])
        for name, way in ways.items()
    }
    return ways, real, made, one


def test_the_inputs_of_one_direction_stand_above_the_errors(tmp_path, drawn):
    ways, real, made, one = many(("T1w", "PDw", "T2w"))
    ways, one = {"T2w": ways["T2w"]}, {"T2w": one["T2w"]}
    panels.translation_figure(tmp_path / "f.png", {"unit": one}, ways)
    grid = np.array(drawn[0].axes[:6]).reshape(2, 3)
    found = pixels_of(grid)
    for place, domain in enumerate(("T2w", "T1w", "PDw")):
        np.testing.assert_allclose(found[0][place], drawn_of(real[domain]))
    np.testing.assert_allclose(found[1][0], drawn_of(made["T2w"]))
    assert found[1][2] is None
    titles = [[axes.get_title() for axes in line] for line in grid]
    assert titles[0] == ["real T2w", "real T1w (input)", "real PDw (input)"]
    assert titles[1][0].replace("\n", " ") == "synthetic T2w, from T1w + PDw"
    assert titles[1][1] == "error, T2w"


def test_inputs_that_are_truths_of_others_are_not_drawn_twice(tmp_path, drawn):
    ways, real, made, one = many(("T1w", "T2w", "PDw"))
    missing = {name: shown for name, shown in one.items() if name != "PDw"}
    panels.translation_figure(tmp_path / "f.png", {"lacks": missing, "unit": one}, ways)
    found = pixels_of(np.array(drawn[0].axes[:18]).reshape(3, 6))
    for place, domain in enumerate(ways):
        np.testing.assert_allclose(found[0][2 * place], drawn_of(real[domain]))
        np.testing.assert_allclose(found[2][2 * place], drawn_of(made[domain]))
        assert found[0][2 * place + 1] is None
    assert found[1][4] is found[1][5] is None


def test_of_volumes_three_planes_and_two_directions_a_line(tmp_path, drawn):
    ways, real, made, one = many(("T1w", "T2w", "PDw"), shape=(12, 11, 10))
    path = panels.translation_figure(tmp_path / "f.png", {"unit": one}, ways)
    found = pixels_of(np.array(drawn[0].axes[:16]).reshape(4, 4))
    places = {"T1w": (0, 0), "T2w": (0, 2), "PDw": (2, 0)}
    for domain, (row, column) in places.items():
        truth, picture = real[domain], found[row][column]
        assert picture.shape == (11, 12 + 2 + 12 + 2 + 11)
        np.testing.assert_allclose(picture[:, :12], drawn_of(truth)[:, ::-1, 5].T)
        error = np.abs(metrics.z_score(truth) - metrics.z_score(made[domain]))
        error /= np.maximum(np.abs(metrics.z_score(truth)), 0.1)
        picture = found[row + 1][column + 1]
        np.testing.assert_allclose(picture[:, :12], error[:, ::-1, 5, 0].T, rtol=1e-6)
    assert found[2][2] is found[3][3] is None
    width, height = Image.open(path).size
    assert width > height


def test_no_text_leaves_the_figure(tmp_path, drawn):
    ways, *_, one = many(("T1w", "PDw", "T2w"))
    panels.translation_figure(
        tmp_path / "f.png", {"unit": {"T2w": one["T2w"]}}, {"T2w": ways["T2w"]}
    )
    ways = {"A2B": WAYS["A2B"]}
    panels.translation_figure(tmp_path / "g.png", {"unit": {"A2B": shown()["A2B"]}}, ways)
    for figure in drawn:
        for text in figure.findobj(
            lambda artist: hasattr(artist, "get_text") and artist.get_text()
        ):
            box = text.get_window_extent()
            assert box.x0 >= -1 and box.x1 <= figure.bbox.x1 + 1, text
