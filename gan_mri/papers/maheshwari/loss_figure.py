"""Losses of generators and discriminators over the epochs, method beside method."""

import math

from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from gan_mri.reporting.drawings import color, new_figure, save, tidy

# Told apart without colours too, within a column.
_MARKERS = "osD^vPX*"
# About as many markers on a line, however long the training.
_MOST_MARKERS = 25
# Over a wider span a linear axis shows the largest values only.
_WIDEST_SPAN = 30.0


def loss_figure(path, histories, panels, *, chance=None):
    """Draw the losses of several runs, as Figure 6 of paper 002.

    In the upper row the total of the generators (`G_total`), in the lower the
    sum of the discriminators' losses (`D_*`); both as weighted in the update,
    means over the steps of an epoch. A method has one colour, a row one axis.

    Parameters
    ----------
    path : Path
        The PNG to write.
    histories : dict
        {method: rows of its history.csv}.
    panels : dict
        {title: methods}: a column each; one without losses is left out.
    chance : float, optional
        The discriminators' sum if they guess; drawn as a line.

    Returns
    -------
    Path or None
        None if no method has losses.
    """
    curves = {
        method: (_points(rows, _generators), _points(rows, _discriminators))
        for method, rows in histories.items()
    }
    panels = {
        title: [one for one in methods if any(curves[one])] for title, methods in panels.items()
    }
    panels = {title: methods for title, methods in panels.items() if methods}
    if not panels:
        return None
    colors = {method: color(number) for number, method in enumerate(histories)}
    figure = new_figure(1.4 + 4.0 * len(panels), 6.0)
    grid = figure.subplots(2, len(panels), sharex=True, sharey="row", squeeze=False)
    for column, (title, methods) in zip(grid.T, panels.items()):
        for which, axes in enumerate(column):
            for number, method in enumerate(methods):
                marker = _MARKERS[number % len(_MARKERS)]
                _draw(axes, curves[method][which], colors[method], marker, method)
            tidy(axes)
        column[0].set_title(title, loc="left", fontsize=10)
        column[1].set_xlabel("epoch")
        column[1].xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        place = {"loc": "upper left", "bbox_to_anchor": (0, -0.2)}
        column[1].legend(
            *column[0].get_legend_handles_labels(), frameon=False, fontsize=8.5, **place
        )
    drawn = {method for methods in panels.values() for method in methods}
    for line, which, more in zip(grid, (0, 1), ([], [] if chance is None else [chance])):
        _set_scale(line[0], [y for method in drawn for _, y in curves[method][which]] + more)
    if chance is not None:
        for axes in grid[1]:
            axes.axhline(chance, color="#606060", linewidth=1, linestyle="--", zorder=1)
        place = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points"}
        grid[1, 0].annotate(
            "guessing", (0, chance), xytext=(3, 3), fontsize=8, color="#404040", **place
        )
    grid[0, 0].set_ylabel("generators: G_total")
    grid[1, 0].set_ylabel("discriminators: sum of D_*")
    return save(figure, path)


def _generators(row):
    return row.get("G_total")


def _discriminators(row):
    values = [value for name, value in row.items() if name.startswith("D_")]
    return sum(values) if values and None not in values else None


def _points(rows, loss):
    points = [(row["epoch"], loss(row)) for row in rows]
    return [(x, y) for x, y in points if y is not None and math.isfinite(y)]


def _draw(axes, points, shade, marker, method):
    if points:
        every = math.ceil(len(points) / _MOST_MARKERS)
        style = {"marker": marker, "markevery": every, "markersize": 3.5, "linewidth": 1.3}
        axes.plot(*zip(*points), color=shade, label=method, **style)


def _set_scale(axes, values):
    """From 0, or logarithmic where the span is wide."""
    if not values or min(values) < 0:
        return
    if 0 < min(values) < max(values) / _WIDEST_SPAN:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter(NullFormatter())
    elif max(values) > 0:
        axes.set_ylim(0, 1.1 * max(values))
