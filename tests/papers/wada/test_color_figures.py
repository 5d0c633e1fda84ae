import color_runs
import numpy as np
import pytest
from color_runs import Domain, Translator, tinted
from PIL import Image

from gan_mri.papers.wada import figures as color_figures
from gan_mri.papers.wada.round_robin import round_robin


@pytest.fixture
def drawn(monkeypatch):
    figures = []
    save = color_figures.save
    monkeypatch.setattr(
        color_figures, "save", lambda figure, path: figures.append(figure) or save(figure, path)
    )
    return figures


def found(translator=None, **counts):
    data = color_runs.data(**counts)
    return round_robin(color_runs.run(translator or Translator(tinted), data), progress=False)


def plain():
    return Translator(lambda image: 0.8 * image, takes_reference=False)


def cells(figure, rows, columns):
    return np.array(figure.axes).reshape(rows, columns)


def pixels(axes):
    return axes.images[0].get_array()


def test_figure_3_has_a_row_a_combination_and_a_column_a_method(tmp_path, drawn):
    results = {"method1": found(plain()), "method6": found()}
    path = color_figures.methods_figure(tmp_path / "new" / "figure.png", results)
    grid = cells(drawn[0], 3, 4)
    assert [axes.get_title() for axes in grid[0]] == ["source", "reference", "method1", "method6"]
    data = color_runs.data()
    for place, line in enumerate(grid):
        row = results["method6"].grid.rows[place]
        source, reference = data.test.A[row], data.test.B[place]
        expected = [source, reference, 0.8 * source, tinted(source, reference)]
        for axes, image in zip(line, expected):
            np.testing.assert_allclose(pixels(axes), (image + 1) / 2, atol=1e-6)
        numbers = [f"{one.differences[row, place]:.1f}" for one in results.values()]
        assert [axes.get_xlabel() for axes in line] == [f"render {row}", f"photo {place}", *numbers]
    with Image.open(path) as image:
        assert (image.format, image.mode) == ("PNG", "RGB")
    assert [one.name for one in path.parent.iterdir()] == ["figure.png"]


def test_figure_4_has_references_above_and_sources_at_the_left(tmp_path, drawn):
    result = found(sources=3, references=6)
    color_figures.grid_figure(tmp_path / "figure.png", result)
    grid = cells(drawn[0], 4, 6)
    assert not grid[0, 0].images and not grid[0, 0].get_xlabel()
    data = color_runs.data(sources=3, references=6)
    for axes, column in zip(grid[0, 1:], result.grid.columns):
        np.testing.assert_allclose(pixels(axes), (data.test.B[column] + 1) / 2, atol=1e-6)
        assert axes.get_xlabel() == f"photo {column}"
    for line, source in zip(grid[1:], data.test.A):
        np.testing.assert_allclose(pixels(line[0]), (source + 1) / 2, atol=1e-6)
        for axes, column in zip(line[1:], result.grid.columns):
            expected = tinted(source, data.test.B[column])
            np.testing.assert_allclose(pixels(axes), (expected + 1) / 2, atol=1e-6)
    assert grid[2, 3].get_xlabel() == f"{result.differences[1, result.grid.columns[2]]:.1f}"


def test_names_may_be_long_and_hold_dollars(tmp_path, drawn):
    data = color_runs.data(sources=1, references=1)
    data.test.A.name, data.test.B.name = "$x_{" + 40 * "long", "$\\frac{"
    result = round_robin(color_runs.run(Translator(tinted), data), progress=False)
    color_figures.grid_figure(tmp_path / "figure.png", result)
    label = drawn[0].axes[2].get_xlabel()
    assert label.startswith("$x_{long") and label.endswith("…") and len(label) == 20


def test_pictures_of_several_shapes_fit_into_one_figure(tmp_path, drawn):
    data = color_runs.data()
    data.test.images["A"] = Domain(color_runs.images(1, 1) + color_runs.images(1, 3, (40, 18)))
    result = round_robin(color_runs.run(Translator(tinted), data, fit="crop"), progress=False)
    color_figures.methods_figure(tmp_path / "figure.png", {"method6": result})
    grid = cells(drawn[0], 2, 3)
    assert [pixels(axes).shape for axes in grid[1]] == [(40, 18, 3), (20, 24, 3), (40, 18, 3)]


def test_of_volumes_three_planes(tmp_path, drawn):
    data = color_runs.data()
    for name, count in (("A", 1), ("B", 2)):
        data.test.images[name] = Domain(color_runs.images(count, count, (13, 12, 11)))
    run = color_runs.run(Translator(tinted), data, size=(20, 20, 20), fit="crop")
    result = round_robin(run, progress=False)
    color_figures.grid_figure(tmp_path / "grid.png", result)
    color_figures.methods_figure(tmp_path / "methods.png", {"method6": result})
    source, reference = data.test.A[0], data.test.B[0]
    expected = (tinted(source, reference) + 1) / 2
    for picture in (pixels(cells(drawn[0], 2, 3)[1, 1]), pixels(cells(drawn[1], 1, 3)[0, 2])):
        assert picture.shape == (12, 13 + 2 + 13 + 2 + 12, 3)
        axial = expected[:, ::-1, 5].swapaxes(0, 1)
        np.testing.assert_allclose(picture[:, :13], axial, atol=1e-6)
