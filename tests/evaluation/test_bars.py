import numpy as np
import pretended
import pytest
from PIL import Image

from gan_mri.evaluation import bars
from gan_mri.evaluation.statistics import summarize
from gan_mri.evaluation.ways import ways_of
from gan_mri.reporting.drawings import color
from gan_mri.tasks import Task


def subjects(count, methods=("cyclegan", "unit")):
    rng = np.random.default_rng(0)
    return [
        {
            "method": m,
            "direction": d,
            "contrast": c,
            "subject": f"s{i}",
            "images": 1,
            "mae_z": rng.uniform(0.2, 0.4),
        }
        for m in methods
        for d, c in (("A2B", "T2w"), ("B2A", "T1w"))
        for i in range(count)
    ]


@pytest.fixture
def drawn(monkeypatch):
    """Figures on their way to the file."""
    figures = []
    save = bars.save
    monkeypatch.setattr(
        bars, "save", lambda figure, path: figures.append(figure) or save(figure, path)
    )
    return figures


def texts(figure):
    (axes,) = figure.axes
    return axes.get_title(loc="left"), [label.get_text() for label in axes.get_xticklabels()]


def test_bars_are_means_in_the_order_of_the_methods(tmp_path, drawn):
    rows = subjects(7)
    path = bars.bar_figure(tmp_path / "a.png", "mae_z", summarize(rows), rows, pretended.WAYS)
    (axes,) = drawn[0].axes
    heights = {round(patch.get_height(), 12) for patch in axes.patches}
    means = {
        round(
            float(np.mean([r["mae_z"] for r in rows if (r["method"], r["contrast"]) == (m, c)])), 12
        )
        for m in ("cyclegan", "unit")
        for c in ("T1w", "T2w")
    }
    assert heights == means and len(means) == 4
    title, labels = texts(drawn[0])
    assert labels == ["cyclegan", "unit"]
    assert "lower is better" in title and "7 test subjects" in title and "bootstrap" in title
    assert [text.get_text() for text in drawn[0].legends[0].get_texts()] == [
        "synthetic T1w",
        "synthetic T2w",
    ]
    points = [line.get_ydata() for line in axes.lines]
    assert sorted(np.concatenate(points)) == pytest.approx(sorted(row["mae_z"] for row in rows))
    assert Image.open(path).format == "PNG"


def test_one_subject_has_no_interval_and_no_points(tmp_path, drawn):
    rows = subjects(1)
    bars.bar_figure(tmp_path / "a.png", "mae_z", summarize(rows), rows, pretended.WAYS)
    (axes,) = drawn[0].axes
    assert not axes.lines and not axes.collections
    assert "no interval" in texts(drawn[0])[0]


def test_contrasts_have_colors_that_differ():
    assert len({color(number) for number in range(8)}) == 8
    assert color(8) == color(0)


def test_every_direction_has_a_bar_in_the_order_of_the_domains(tmp_path, drawn):
    task = Task.each_from_the_others(("T2w", "T1w", "PDw"))
    ways = ways_of(task, dict(zip(task.domains, task.domains)))
    rows = [
        {"method": m, "direction": d, "contrast": d, "subject": "s", "images": 1, "mae_z": value}
        for m, start in (("unit", 1.0), ("other", 4.0))
        for value, d in enumerate(("PDw", "T1w", "T2w"), start=int(start))
        if (m, d) != ("other", "T1w")
    ]
    bars.bar_figure(tmp_path / "a.png", "mae_z", summarize(rows), rows, ways)
    labels = [text.get_text() for text in drawn[0].legends[0].get_texts()]
    assert labels == ["synthetic T2w", "synthetic T1w", "synthetic PDw"]
    heights = [patch.get_height() for patch in drawn[0].axes[0].patches]
    assert heights == [3, 6, 2, 1, 4]  # T2w, T1w of one method, PDw
    centers = [patch.get_x() + patch.get_width() / 2 for patch in drawn[0].axes[0].patches]
    assert centers[0] < centers[2] < centers[3] < centers[1] < centers[4]
