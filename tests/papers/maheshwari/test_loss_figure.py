import numpy as np
import pytest
from PIL import Image

from gan_mri.papers.maheshwari import loss_figure as module
from gan_mri.papers.maheshwari.loss_figure import loss_figure


@pytest.fixture
def drawn(monkeypatch):
    figures = []
    save = module.save
    monkeypatch.setattr(
        module, "save", lambda figure, path: figures.append(figure) or save(figure, path)
    )
    return figures


def history(*losses):
    """Rows of (G_total, D_A_real, D_B_fake), with other columns that are not drawn."""
    return [
        {
            "epoch": number,
            "G_total": g,
            "D_A_real": a,
            "D_B_fake": b,
            "cycle_A": 9.0,
            "mae_A2B": None,
        }
        for number, (g, a, b) in enumerate(losses, start=1)
    ]


def lines(axes):
    return {
        line.get_label(): list(zip(*map(list, line.get_data())))
        for line in axes.lines
        if not line.get_label().startswith("_")
    }


HISTORIES = {
    "plain": history((8.0, 1.0, 0.5), (6.0, 2.0, 0.5)),
    "other": history((7.0, 0.25, 0.5), (5.0, 0.25, 0.25)),
    "normal": history((3.0, 1.0, 1.0), (2.0, 1.5, 1.0)),
}


def test_totals_above_and_sums_of_the_discriminators_below(tmp_path, drawn):
    path = loss_figure(
        tmp_path / "f.png", HISTORIES, {"first": ["plain", "other"], "second": ["normal"]}
    )
    assert Image.open(path).format == "PNG"
    above, above_right, below, below_right = drawn[0].axes
    assert lines(above) == {"plain": [(1, 8.0), (2, 6.0)], "other": [(1, 7.0), (2, 5.0)]}
    assert lines(below) == {"plain": [(1, 1.5), (2, 2.5)], "other": [(1, 0.75), (2, 0.5)]}
    assert lines(above_right) == {"normal": [(1, 3.0), (2, 2.0)]}
    assert lines(below_right) == {"normal": [(1, 2.0), (2, 2.5)]}
    assert [axes.get_title(loc="left") for axes in (above, above_right)] == ["first", "second"]
    assert [text.get_text() for text in below.get_legend().get_texts()] == ["plain", "other"]


def test_a_method_has_its_own_color_and_marker_and_a_row_one_axis(tmp_path, drawn):
    panels = {"all": list(HISTORIES), "again": ["normal"]}
    loss_figure(tmp_path / "f.png", HISTORIES, panels)
    above, above_right, *_ = drawn[0].axes
    colors = [line.get_color() for line in above.lines]
    assert len(set(colors)) == len({line.get_marker() for line in above.lines}) == 3
    assert above_right.lines[0].get_color() == colors[2]
    assert above.get_ylim() == above_right.get_ylim()
    low, high = above.get_ylim()
    assert low == 0 and high > 8.0


def test_guessing_is_a_line_that_is_seen(tmp_path, drawn):
    loss_figure(tmp_path / "f.png", HISTORIES, {"all": ["plain", "normal"]}, chance=40.0)
    _, below = drawn[0].axes
    (line,) = (line for line in below.lines if line.get_label().startswith("_"))
    np.testing.assert_array_equal(line.get_ydata(), [40.0, 40.0])
    assert below.get_ylim()[1] > 40.0


def test_a_wide_span_is_logarithmic_and_what_is_no_number_is_left_out(tmp_path, drawn):
    rows = history((1e4, 1.0, 1.0), (np.inf, np.nan, 1.0), (1.0, None, 1.0))
    loss_figure(tmp_path / "f.png", {"wild": rows}, {"all": ["wild"]})
    above, below = drawn[0].axes
    assert above.get_yscale() == "log" and below.get_yscale() == "linear"
    assert lines(above) == {"wild": [(1, 1e4), (3, 1.0)]}
    assert lines(below) == {"wild": [(1, 2.0)]}


def test_long_trainings_have_few_markers(tmp_path, drawn):
    loss_figure(tmp_path / "f.png", {"long": history(*[(2.0, 1.0, 1.0)] * 200)}, {"all": ["long"]})
    line = drawn[0].axes[0].lines[0]
    assert len(line.get_xdata()) == 200 and 200 / line.get_markevery() <= 25


def test_columns_without_losses_are_left_out(tmp_path, drawn):
    histories = HISTORIES | {"silent": [{"epoch": 1, "G_total": None}]}
    loss_figure(
        tmp_path / "f.png",
        histories,
        {"none": ["silent"], "no method": [], "one": ["plain", "silent"]},
    )
    assert [axes.get_title(loc="left") for axes in drawn[0].axes[:1]] == ["one"]
    assert list(lines(drawn[0].axes[0])) == ["plain"]
    assert len(drawn[0].axes) == 2
    assert loss_figure(tmp_path / "n.png", histories, {"none": ["silent"]}) is None
    assert not (tmp_path / "n.png").exists()
