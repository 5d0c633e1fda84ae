"""Curves: intensities of synthetic against real images, and metrics over epochs."""

import math
import textwrap

from matplotlib.ticker import MaxNLocator

from gan_mri.evaluation.intensities import EDGES
from gan_mri.evaluation.passes import REAL
from gan_mri.evaluation.ways import by_target, made_by
from gan_mri.reporting.drawings import color, legend_below, new_figure, save, tidy

#: Held-out metrics of history.csv that are drawn: name to title, of translations and of cycles.
_HELD_OUT = {"mae": "MAE", "psnr": "PSNR / dB", "ssim": "SSIM"}
_CYCLES = {"cycle_mae": "cycle MAE"}
#: Panels beside each other, and the width of a letter of their titles in inches.
_MOST_BESIDE, _LETTER = 3, 0.07


def intensity_figure(path, intensities, methods, ways):
    """Draw the distribution of intensities of every method against the real one.

    Parameters
    ----------
    path : Path
        The PNG to write.
    intensities : gan_mri.evaluation.intensities.Intensities
    methods : list of str
    ways : dict of str to gan_mri.evaluation.ways.Way

    Returns
    -------
    Path
    """
    columns = min(len(ways), _MOST_BESIDE)
    lines = math.ceil(len(ways) / columns)
    figure = new_figure({1: 5.0, 2: 9.0}.get(columns, 12.0), 3.4 * lines)
    panels = figure.subplots(lines, columns, squeeze=False)
    made, labels = made_by(ways), {}
    for axes, way in zip(panels.flat, by_target(ways)):
        real = intensities.density((REAL, way.name))
        labels.setdefault(
            "real", axes.stairs(real, EDGES, fill=True, color="#d0d0d0", label="real")
        )
        highest = real[1:-1].max()
        for number, method in enumerate(methods):
            if (method, way.name) in intensities:
                density = intensities.density((method, way.name))
                style = {"color": color(number), "linewidth": 1.3, "label": method}
                labels.setdefault(method, axes.stairs(density, EDGES, **style))
                highest = max(highest, density[1:-1].max())
        # Pixels that were clipped, or that saturate the output, pile up in the end bins;
        # the axis is for what lies between.
        if highest > 0:
            axes.set_ylim(0, 1.08 * highest)
        axes.set_xlim(-1, 1)
        axes.set_xticks([-1, -0.5, 0, 0.5, 1])
        axes.set_xlabel("intensity, scaled to [-1, 1]")
        axes.set_title(made[way.name], loc="left", fontsize=10)
        tidy(axes)
    for axes in panels.flat[len(ways) :]:
        axes.set_axis_off()
    for axes in panels[:, 0]:
        axes.set_ylabel("density (foreground)")
    legend_below(figure, labels.values(), labels)
    return save(figure, path)


def curves_figure(path, histories, ways):
    """Draw the held-out metrics of every method over the epochs.

    Parameters
    ----------
    path : Path
        The PNG to write.
    histories : dict
        {method: rows of its history.csv}.
    ways : dict of str to gan_mri.evaluation.ways.Way

    Returns
    -------
    Path or None
        None if no run measured anything during training.
    """
    made = {name: str(way) for name, way in ways.items()}
    again = {
        next(iter(way.sources)): f"{way.source} there and back"
        for way in ways.values()
        if way.back is not None
    }
    chosen = [(_HELD_OUT, made), (_CYCLES, again)]
    chosen = [
        (f"{metric}_{end}", title, what)
        for metrics, ends in chosen
        for metric, title in metrics.items()
        for end, what in ends.items()
    ]
    panels = {}
    for number, (method, rows) in enumerate(histories.items()):
        for column, title, what in chosen:
            points = [(row["epoch"], row.get(column)) for row in rows]
            points = [(x, y) for x, y in points if y is not None and math.isfinite(y)]
            if points:
                panels.setdefault((title, what), []).append((number, method, points))
    if not panels:
        return None
    titles = list(dict.fromkeys(title for title, _ in panels))
    columns = list(dict.fromkeys(what for _, what in panels))
    width = max(9.0, 3.2 * len(columns))
    figure = new_figure(width, 2.2 * len(titles) + 0.6)
    grid = figure.subplots(len(titles), len(columns), sharex=True, squeeze=False)
    labels = {}
    for line, title in zip(grid, titles):
        for axes, what in zip(line, columns):
            for number, method, points in panels.get((title, what), ()):
                marker = "o" if len(points) <= 50 else None
                (labels[method],) = axes.plot(
                    *zip(*points), color=color(number), marker=marker, markersize=3, linewidth=1.2
                )
            letters = int(0.85 * width / len(columns) / _LETTER)
            # What stands in brackets stays together.
            text = textwrap.fill(f"{title}, {what} (held\N{NO-BREAK SPACE}out)", letters)
            text = text.replace("\N{NO-BREAK SPACE}", " ")
            axes.set_title(text, loc="left", fontsize=9)
            axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
            tidy(axes)
    for axes in grid[-1]:
        axes.set_xlabel("epoch")
    legend_below(figure, labels.values(), labels)
    return save(figure, path)
