"""Curves: intensities of synthetic against real images, and metrics over epochs."""

import math

from matplotlib.ticker import MaxNLocator

from gan_mri.evaluation.intensities import EDGES
from gan_mri.evaluation.passes import REAL
from gan_mri.reporting.drawings import color, legend_below, new_figure, save, tidy

#: Held-out metrics of history.csv that are drawn: name to title.
_HELD_OUT = {"mae": "MAE", "psnr": "PSNR / dB", "ssim": "SSIM", "cycle_mae": "cycle MAE"}


def intensity_figure(path, intensities, methods, contrasts):
    """Draw the distribution of intensities of every method against the real one.

    Parameters
    ----------
    path : Path
        The PNG to write.
    intensities : gan_mri.evaluation.intensities.Intensities
    methods : list of str
    contrasts : dict
        The contrast that each direction makes.

    Returns
    -------
    Path
    """
    figure = new_figure(9, 3.4)
    panels = figure.subplots(1, 2)
    for axes, direction in zip(panels, ("B2A", "A2B")):
        real = intensities.density((REAL, direction))
        axes.stairs(real, EDGES, fill=True, color="#d0d0d0", label="real")
        curves = [intensities.density((method, direction)) for method in methods]
        for number, (method, density) in enumerate(zip(methods, curves)):
            axes.stairs(density, EDGES, color=color(number), linewidth=1.3, label=method)
        # Pixels that were clipped, or that saturate the output, pile up in the end bins;
        # the axis is for what lies between.
        highest = max(density[1:-1].max() for density in (real, *curves))
        if highest > 0:
            axes.set_ylim(0, 1.08 * highest)
        axes.set_xlim(-1, 1)
        axes.set_xticks([-1, -0.5, 0, 0.5, 1])
        axes.set_xlabel("intensity, scaled to [-1, 1]")
        axes.set_title(contrasts[direction], loc="left", fontsize=10)
        tidy(axes)
    panels[0].set_ylabel("density (foreground)")
    handles, labels = panels[0].get_legend_handles_labels()
    legend_below(figure, handles, labels)
    return save(figure, path)


def curves_figure(path, histories, contrasts):
    """Draw the held-out metrics of every method over the epochs.

    Parameters
    ----------
    path : Path
        The PNG to write.
    histories : dict
        {method: rows of its history.csv}.
    contrasts : dict
        The contrast that each direction makes.

    Returns
    -------
    Path or None
        None if no run measured anything during training.
    """
    a, b = contrasts["B2A"], contrasts["A2B"]
    ends = {
        "_A2B": f"{a} to {b}",
        "_B2A": f"{b} to {a}",
        "_A": f"{a} there and back",
        "_B": f"{b} there and back",
    }
    panels = {}
    for number, (method, rows) in enumerate(histories.items()):
        for name, title in _HELD_OUT.items():
            for end, what in ends.items():
                points = [(row["epoch"], row.get(name + end)) for row in rows]
                points = [(x, y) for x, y in points if y is not None and math.isfinite(y)]
                if points:
                    panels.setdefault((title, what), []).append((number, method, points))
    if not panels:
        return None
    titles = list(dict.fromkeys(title for title, _ in panels))
    columns = list(dict.fromkeys(what for _, what in panels))
    figure = new_figure(9, 2.2 * len(titles) + 0.6)
    grid = figure.subplots(len(titles), len(columns), sharex=True, squeeze=False)
    labels = {}
    for line, title in zip(grid, titles):
        for axes, what in zip(line, columns):
            for number, method, points in panels.get((title, what), ()):
                marker = "o" if len(points) <= 50 else None
                (labels[method],) = axes.plot(
                    *zip(*points), color=color(number), marker=marker, markersize=3, linewidth=1.2
                )
            axes.set_title(f"{title}, {what} (held out)", loc="left", fontsize=9)
            axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
            tidy(axes)
    for axes in grid[-1]:
        axes.set_xlabel("epoch")
    legend_below(figure, labels.values(), labels)
    return save(figure, path)
