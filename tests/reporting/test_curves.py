import numpy as np
import pytest
import tiny
from PIL import Image

import gan_mri
from gan_mri.errors import GanMriError
from gan_mri.reporting import curves
from gan_mri.reporting.curves import history_figure
from gan_mri.tasks import Term

TERMS = {
    "D_A_real": Term("discriminator"),
    "G_total": Term("total"),
    "cycle_A": Term("image", 10.0, "B2A"),
}


def losses(epochs=6):
    rows = []
    for epoch in range(1, epochs + 1):
        row = {"epoch": epoch, "learning_rate": 2e-4, "D_A_real": 0.2, "G_total": 6.0}
        row |= {"cycle_A": 0.3, "mae_A2B": None, "psnr_A2B": np.inf, "ssim_A2B": None}
        rows.append(row | ({"mae_A2B": 0.1 / epoch} if epoch % 2 == 0 else {}))
    return rows


@pytest.fixture
def figures(monkeypatch):
    """The figures that are drawn, to be asked about their axes."""
    made = []

    class Recorded(curves.Figure):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            made.append(self)

    monkeypatch.setattr(curves, "Figure", Recorded)
    return made


def lines_of(figure):
    """Title of every panel to its lines."""
    return {axes.get_title("left"): axes.get_lines() for axes in figure.axes}


def names_of(figure):
    return {title: [x.get_label() for x in lines] for title, lines in lines_of(figure).items()}


def test_the_history_has_its_curves_in_their_panels(tmp_path, figures):
    history_figure(tmp_path / "h.png", losses(), TERMS)
    (figure,) = figures
    panels = {
        title.split()[0]: {line.get_label(): line.get_xydata().tolist() for line in lines}
        for title, lines in lines_of(figure).items()
    }
    assert [list(curves) for curves in panels.values()] == [
        ["D_A_real", "G_total"],
        ["cycle_A"],
        ["mae_A2B"],
    ]
    assert panels["losses"]["G_total"] == [[e, 6.0] for e in range(1, 7)]
    assert panels["MAE"]["mae_A2B"] == [[2, 0.05], [4, 0.1 / 4], [6, 0.1 / 6]]
    assert [axes.get_yscale() for axes in figure.axes] == ["log", "log", "linear"]
    with Image.open(tmp_path / "h.png") as file:
        picture = np.asarray(file)
    assert picture.shape[1] == 900 and picture.min() < 64 and picture.max() == 255


def test_losses_below_zero_take_a_linear_axis(tmp_path, figures):
    rows = [{"epoch": e, "G_total": 1.0 - e} for e in range(1, 4)]
    history_figure(tmp_path / "h.png", rows, TERMS)
    assert [axes.get_yscale() for axes in figures[0].axes] == ["linear"]


def test_one_epoch_is_enough_for_a_picture(tmp_path, figures):
    history_figure(tmp_path / "h.png", losses(epochs=1), TERMS)
    ticks = figures[0].axes[-1].get_xticks()
    assert [tick for tick in ticks if 0.5 <= tick <= 1.5] == [1]


@pytest.mark.parametrize("rows", [[], [{"epoch": 1, "speed": 1.0, "D_A": None}]])
def test_a_history_without_curves_is_refused(tmp_path, rows):
    with pytest.raises(GanMriError, match=f"Received: {len(rows)} rows"):
        history_figure(tmp_path / "h.png", rows, TERMS)
    assert list(tmp_path.iterdir()) == []


LOSSES = "losses of discriminators and generators"
PARTS = "terms of the generators' loss, unweighted"


def test_every_term_of_unit_is_drawn_and_held_out_cycles_are_no_losses(tmp_path, figures):
    terms = tiny.unit().terms
    rows = [
        {"epoch": epoch, "step": 3 * epoch, "learning_rate_factor": 1.0}
        | {name: (1 + number) / epoch for number, name in enumerate(terms)}
        | {"cycle_mae_A": 0.3 / epoch, "cycle_mae_B": 0.2 / epoch}
        for epoch in range(1, 5)
    ]
    history_figure(tmp_path / "h.png", rows, terms)
    drawn = names_of(figures[0])
    assert set(drawn[LOSSES]) == {"D_A_real", "D_A_fake", "D_B_real", "D_B_fake", "G_total"}
    kinds = {"kl", "reconstruction", "adversarial", "cycle"}
    assert kinds <= {name.split("_")[0] for name in drawn[PARTS]}
    assert {*drawn[LOSSES], *drawn[PARTS]} == set(terms)
    assert drawn["MAE of cycles (held out)"] == ["cycle_mae_A", "cycle_mae_B"]
    assert not any("mae" in name for name in drawn[LOSSES] + drawn[PARTS])


def test_histogram_terms_are_drawn(tmp_path, figures):
    settings = {**tiny.SETTINGS, "bins": 8, "spectral_normalization": False}
    terms = gan_mri.build("wada/method6", (20, 20, 3), **settings).terms
    rows = [{"epoch": 1} | dict.fromkeys(terms, 0.5)]
    history_figure(tmp_path / "h.png", rows, terms)
    drawn = names_of(figures[0])
    assert any("histogram" in name for name in drawn[PARTS])
    assert {*drawn[LOSSES], *drawn[PARTS]} == set(terms)


def test_a_run_without_known_terms_shows_what_was_measured(tmp_path, figures):
    history_figure(tmp_path / "h.png", losses(), {})
    assert names_of(figures[0]) == {"MAE (held out)": ["mae_A2B"]}
