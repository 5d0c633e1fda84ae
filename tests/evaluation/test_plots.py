import numpy as np
import pretended
import pytest

from gan_mri.evaluation import plots
from gan_mri.evaluation.intensities import Intensities
from gan_mri.evaluation.ways import ways_of
from gan_mri.tasks import Task

WAYS = pretended.WAYS


@pytest.fixture
def drawn(monkeypatch):
    figures = []
    save = plots.save
    monkeypatch.setattr(
        plots, "save", lambda figure, path: figures.append(figure) or save(figure, path)
    )
    return figures


def test_every_panel_holds_the_real_and_the_synthetic_intensities_of_a_contrast(tmp_path, drawn):
    intensities, rng = Intensities(), np.random.default_rng(0)
    for method in ("real", "unit", "simple"):
        for direction in ("A2B", "B2A"):
            intensities.add((method, direction), rng.uniform(-1, 1, (9, 9, 1)), None)
    path = tmp_path / "i.png"
    assert plots.intensity_figure(path, intensities, ["unit", "simple"], WAYS) == path
    for axes, direction, contrast in zip(drawn[0].axes, ("B2A", "A2B"), ("T1w", "T2w")):
        assert axes.get_title(loc="left") == contrast
        drawn_values = {patch.get_label(): patch.get_data().values for patch in axes.patches}
        assert list(drawn_values) == ["real", "unit", "simple"]
        for method, values in drawn_values.items():
            np.testing.assert_array_equal(values, intensities.density((method, direction)))
    assert path.stat().st_size > 1000


def test_saturated_images_can_be_drawn(tmp_path, drawn):
    intensities = Intensities()
    for method in ("real", "unit"):
        for direction in ("A2B", "B2A"):
            intensities.add((method, direction), np.full((4, 4, 1), -1.0), None)
    plots.intensity_figure(tmp_path / "i.png", intensities, ["unit"], WAYS)
    assert drawn[0].axes[0].get_ylim()[1] > 0


def test_curves_are_what_was_measured_of_every_method(tmp_path, drawn):
    rows = [
        {"epoch": e, "G_total": 2.0, "mae_A2B": m, "mae_B2A": m}
        for e, m in ((1, 0.5), (2, None), (3, 0.2))
    ]
    other = [{"epoch": 1, "mae_A2B": 0.9, "psnr_A2B": np.inf}]
    path = plots.curves_figure(tmp_path / "c.png", {"unit": rows, "simple": other}, WAYS)
    assert path.exists()
    there, back = drawn[0].axes
    assert there.get_title(loc="left") == "MAE, T1w to T2w (held out)"
    assert back.get_title(loc="left") == "MAE, T2w to T1w (held out)"
    points = [list(zip(*line.get_data())) for line in there.lines]
    assert points == [[(1, 0.5), (3, 0.2)], [(1, 0.9)]]
    assert [text.get_text() for text in drawn[0].legends[0].get_texts()] == ["unit", "simple"]


def test_cycles_of_unpaired_runs_have_curves_too(tmp_path, drawn):
    rows = [{"epoch": 1, "cycle_mae_A": 0.5, "cycle_mae_B": 0.4, "cycle_A": 3.0}]
    plots.curves_figure(tmp_path / "c.png", {"unit": rows}, WAYS)
    titles = [axes.get_title(loc="left") for axes in drawn[0].axes]
    assert titles == [
        "cycle MAE, T1w there and back (held out)",
        "cycle MAE, T2w there and back (held out)",
    ]


def test_runs_that_measured_nothing_have_no_curves(tmp_path):
    assert (
        plots.curves_figure(tmp_path / "c.png", {"unit": [{"epoch": 1, "G_total": 2.0}]}, WAYS)
        is None
    )
    assert not (tmp_path / "c.png").exists()


def test_long_names_of_methods_stay_inside_the_figure(tmp_path, drawn):
    names = [f"attention_encoder_charbonnier_sn {number}" for number in range(8)]
    rows = [{"epoch": epoch, "mae_A2B": 0.5, "mae_B2A": 0.5} for epoch in (1, 2)]
    plots.curves_figure(tmp_path / "c.png", dict.fromkeys(names, rows), WAYS)
    legend = drawn[0].legends[0].get_window_extent()
    assert len(drawn[0].legends[0].get_texts()) == 8
    assert drawn[0].bbox.x0 <= legend.x0 and legend.x1 <= drawn[0].bbox.x1


def many(*domains):
    task = Task.each_from_the_others(domains)
    return ways_of(task, dict(zip(domains, domains)))


def test_a_panel_for_each_of_many_contrasts(tmp_path, drawn):
    ways, intensities, rng = (
        many("T1w", "T2w", "PDw", "FLAIR"),
        Intensities(),
        np.random.default_rng(0),
    )
    for name in ways:
        intensities.add(("real", name), rng.uniform(-1, 1, (9, 9, 1)), None)
    intensities.add(("unit", "PDw"), rng.uniform(-1, 1, (9, 9, 9, 1)), None)
    plots.intensity_figure(tmp_path / "i.png", intensities, ["unit"], ways)
    panels = drawn[0].axes
    titles = [axes.get_title(loc="left") for axes in panels if axes.axison]
    assert titles == ["T1w", "T2w", "PDw", "FLAIR"]
    assert [len(axes.patches) for axes in panels[:4]] == [1, 1, 2, 1]
    assert [text.get_text() for text in drawn[0].legends[0].get_texts()] == ["real", "unit"]


def test_curves_of_directions_that_are_named_as_their_target(tmp_path, drawn):
    ways = many("T1w", "T2w", "PDw")
    rows = [{"epoch": 1, "mae_T1w": 0.5, "mae_T2w": 0.25, "cycle_mae_T1w": 9.0}]
    plots.curves_figure(tmp_path / "c.png", {"unit": rows}, ways)
    titles = [axes.get_title(loc="left").replace("\n", " ") for axes in drawn[0].axes]
    assert titles == ["MAE, T2w + PDw to T1w (held out)", "MAE, T1w + PDw to T2w (held out)"]
    values = [axes.lines[0].get_ydata().tolist() for axes in drawn[0].axes]
    assert values == [[0.5], [0.25]]


def test_titles_stay_within_their_panels(tmp_path, drawn):
    ways = many(*(f"a long contrast {number}" for number in range(5)))
    rows = [{"epoch": 1, **{f"mae_{name}": 0.5 for name in ways}}]
    plots.curves_figure(tmp_path / "c.png", {"unit": rows}, ways)
    boxes = [axes._left_title.get_window_extent() for axes in drawn[0].axes]
    assert all(one.x1 <= other.x0 + 1 for one, other in zip(boxes, boxes[1:]))
    assert boxes[-1].x1 <= drawn[0].bbox.x1
