"""The curves of a run's history, as a PNG."""

import math

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from gan_mri.errors import GanMriError
from gan_mri.reporting.drawings import take_words_as_they_are
from gan_mri.reporting.sheets import save_pixels

# Panels of a step's terms: title, kinds.
_TERMS = (
    ("losses of discriminators and generators", ("discriminator", "total")),
    ("terms of the generators' loss, unweighted", ("generator", "image")),
)

# Panels of what is measured on held-out images: title, beginning of the columns' names.
_MEASURES = (
    ("MAE (held out)", "mae_"),
    ("MAE of cycles (held out)", "cycle_mae_"),
    ("PSNR / dB (held out)", "psnr_"),
    ("SSIM (held out)", "ssim_"),
    ("rank correlation of output and input", "rank_"),
    ("shift of output against input / voxels", "shift_"),
    ("diversity of outputs over that of inputs", "diversity_"),
)


def history_figure(path, rows, terms):
    """Draw the curves of a run, epoch by epoch, as a PNG.

    One panel for the losses of discriminators and the generators' weighted sums, one
    for the terms of the generators' loss, one for each held-out metric. Loss
    panels are logarithmic where every value is positive. Other columns
    (learning rate, speed) are not drawn; neither are empty cells, NaN and
    infinity.

    Parameters
    ----------
    path : str or path-like
        The PNG to write; an older one is replaced, a missing folder is made.
    rows : list of dict
        `History(folder).rows`.
    terms : dict of str to gan_mri.tasks.Term
        What each loss is, by the name of its column.

    Raises
    ------
    GanMriError
        If no row holds a finite number in any of these columns.
    """
    names = list(dict.fromkeys(name for row in rows for name in row))
    chosen = [
        (title, [name for name in names if name in terms and terms[name].kind in kinds], True)
        for title, kinds in _TERMS
    ]
    chosen += [
        (title, [name for name in names if name.startswith(start) and name not in terms], False)
        for title, start in _MEASURES
    ]
    panels = []
    for title, columns, logarithmic in chosen:
        curves = {name: _points(rows, name) for name in columns}
        curves = {name: points for name, points in curves.items() if points}
        if curves:
            panels.append((title, curves, logarithmic))
    if not panels:
        raise GanMriError(
            f"{path}: expected rows of a history with finite losses or metrics. "
            f"Received: {len(rows)} rows with the columns {names}"
        )
    figure = Figure((9, 2.6 * len(panels) + 0.3), dpi=100, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    grid = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for axes, panel in zip(grid, panels):
        _draw_panel(axes, *panel)
    epochs = [row["epoch"] for row in rows]
    grid[-1].set_xlim(min(epochs) - 0.5, max(epochs) + 0.5)
    ticks = MaxNLocator(integer=True, min_n_ticks=1, steps=[1, 2, 5, 10])
    grid[-1].xaxis.set_major_locator(ticks)
    grid[-1].set_xlabel("epoch")
    take_words_as_they_are(figure)
    canvas.draw()
    save_pixels(path, np.asarray(canvas.buffer_rgba())[..., :3])


def _draw_panel(axes, title, curves, logarithmic):
    for name, points in curves.items():
        # Markers where there is room for them: a metric measured once has no line.
        marker = "o" if len(points) <= 50 else None
        axes.plot(*zip(*points), marker=marker, markersize=3, linewidth=1.2, label=name)
    values = [value for points in curves.values() for _, value in points]
    if logarithmic and min(values) > 0:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_title(title, loc="left", fontsize=10)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    legend = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0)}
    axes.legend(fontsize=8, frameon=False, **legend)


def _points(rows, name):
    points = [(row["epoch"], row.get(name)) for row in rows]
    return [(x, y) for x, y in points if y is not None and math.isfinite(y)]
