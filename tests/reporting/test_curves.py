import numpy as np
import pytest
from PIL import Image

from gan_mri.errors import GanMriError
from gan_mri.reporting import curves
from gan_mri.reporting.curves import history_figure


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


def test_the_history_has_its_curves_in_their_panels(tmp_path, figures):
    history_figure(tmp_path / "h.png", losses())
    (figure,) = figures
    panels = {
        axes.get_title("left").split()[0]: {
            line.get_label(): line.get_xydata().tolist() for line in axes.get_lines()
        }
        for axes in figure.axes
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
    history_figure(tmp_path / "h.png", rows)
    assert [axes.get_yscale() for axes in figures[0].axes] == ["linear"]


def test_one_epoch_is_enough_for_a_picture(tmp_path, figures):
    history_figure(tmp_path / "h.png", losses(epochs=1))
    ticks = figures[0].axes[-1].get_xticks()
    assert [tick for tick in ticks if 0.5 <= tick <= 1.5] == [1]


@pytest.mark.parametrize("rows", [[], [{"epoch": 1, "speed": 1.0, "D_A": None}]])
def test_a_history_without_curves_is_refused(tmp_path, rows):
    with pytest.raises(GanMriError, match=f"Received: {len(rows)} rows"):
        history_figure(tmp_path / "h.png", rows)
    assert list(tmp_path.iterdir()) == []
