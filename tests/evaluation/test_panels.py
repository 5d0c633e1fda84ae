import numpy as np
import pytest
from PIL import Image

from gan_mri import metrics
from gan_mri.evaluation import panels
from gan_mri.evaluation.passes import Shown

CONTRASTS = {"A2B": "T2w", "B2A": "T1w"}


def shown(channels=1, shape=(20, 16)):
    rng = np.random.default_rng(1)
    a, b, *made = rng.uniform(-1, 1, (6, *shape, channels)).astype("float32")
    return {
        "A2B": Shown("sub-1 slice 4", a, made[0], made[1], b),
        "B2A": Shown("sub-1 slice 4", b, made[2], made[3], a),
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
    path = panels.translation_figure(tmp_path / "f.png", {"unit": one, "simple": one}, CONTRASTS)
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
    panels.translation_figure(tmp_path / "f.png", {"unit": one}, CONTRASTS)
    grid = np.array(drawn[0].axes[:8]).reshape(2, 4)
    assert grid[0, 1].images[0].get_array().shape == (20, 16, 3)
    real = metrics.z_score(one["A2B"].truth)
    error = np.abs(real) / np.maximum(np.abs(real), 0.1)
    np.testing.assert_allclose(grid[1, 3].images[0].get_array(), error.mean(axis=-1))


def test_the_cycle_sheet_has_three_images_each_way(tmp_path, monkeypatch):
    sheets = []
    monkeypatch.setattr(panels, "sample_sheet", lambda *args, **kw: sheets.append(args))
    one = shown()
    panels.cycle_sheet(tmp_path / "c.png", {"unit": one}, CONTRASTS)
    ((_, columns, ((label, images),)),) = sheets
    assert columns == [
        "T1w (real)", "T2w (translated)", "T1w (reconstructed)",
        "T2w (real)", "T1w (translated)", "T2w (reconstructed)",
    ]  # fmt: skip
    expected = [
        x for d in ("A2B", "B2A") for x in (one[d].source, one[d].translation, one[d].cycled)
    ]
    assert label == "unit" and all(image is other for image, other in zip(images, expected))
