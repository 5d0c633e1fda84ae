import numpy as np
import pytest
from PIL import Image

from gan_mri.reporting.curves import history_figure
from gan_mri.reporting.drawings import legend_below, new_figure, save
from gan_mri.tasks import Term

#: Neither is a formula that Matplotlib could draw.
HOSTILE = ("$x_{$", "$\\frac{$")


def test_dollars_are_drawn_and_no_formulas(tmp_path):
    figure = new_figure(4, 3)
    axes = figure.subplots()
    (line,) = axes.plot([0, 1], label=HOSTILE[0])
    axes.set_xticks([0, 1], HOSTILE)
    axes.set_title(HOSTILE[0], loc="left")
    axes.set_xlabel(HOSTILE[1])
    figure.suptitle(HOSTILE[1])
    figure.supxlabel(HOSTILE[0])
    axes.annotate(HOSTILE[1], (0, 0))
    axes.legend()
    legend_below(figure, [line], HOSTILE[:1])
    path = save(figure, tmp_path / "f.png")
    assert Image.open(path).size == (600, 450)


def test_curves_of_contrasts_with_dollars(tmp_path):
    names = [f"mae_{name}" for name in HOSTILE] + [f"cycle_{name}" for name in HOSTILE]
    rows = [{"epoch": epoch, **dict.fromkeys(names, 10.0**epoch)} for epoch in (1, 2)]
    terms = {name: Term("image") for name in names[2:]}
    history_figure(tmp_path / "c.png", rows, terms)
    assert Image.open(tmp_path / "c.png").format == "PNG"


@pytest.mark.parametrize("text", ["$a$", "plain"])
def test_a_formula_takes_the_room_of_its_letters(tmp_path, text):
    figure = new_figure(4, 3)
    label = figure.text(0.1, 0.5, text)
    save(figure, tmp_path / "f.png")
    width, _, _ = figure.canvas.get_renderer().get_text_width_height_descent(
        text, label.get_fontproperties(), False
    )
    assert label.get_window_extent().width == pytest.approx(width, abs=1)


def test_the_file_holds_the_figure(tmp_path):
    figure = new_figure(1, 2)
    figure.patch.set_facecolor((1, 0, 0))
    pixels = np.asarray(Image.open(save(figure, tmp_path / "new" / "f.png")))
    assert pixels.shape == (300, 150, 3) and (pixels == (255, 0, 0)).all()
