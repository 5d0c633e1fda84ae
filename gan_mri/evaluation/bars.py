"""Figure 1 of paper 001: bars per method and contrast."""

import numpy as np

from gan_mri.evaluation.measures import METRICS
from gan_mri.evaluation.ways import by_target, made_by
from gan_mri.reporting.drawings import color, new_figure, save, tidy

#: The three panels of the paper's Figure 1.
FIGURE_1 = {"figure1_mae": "mae_z", "figure1_psnr": "psnr_z", "figure1_mi": "mi_z"}


def bar_figure(path, metric, summary, subjects, ways):
    """Draw one metric: a group of bars a method, a bar a direction.

    The bar is the mean over subjects, the line its 95 % bootstrap interval
    (none with one subject), the points are the subjects.

    Parameters
    ----------
    path : Path
        The PNG to write.
    metric : str
        A key of `METRICS`.
    summary, subjects : list of dict
        From `statistics.summarize` and `statistics.by_subject`.
    ways : dict of str to gan_mri.evaluation.ways.Way

    Returns
    -------
    Path
    """
    rows = [row for row in summary if row["metric"] == metric]
    methods = list(dict.fromkeys(row["method"] for row in rows))
    made, known = made_by(ways), {row["direction"] for row in rows}
    # The first contrast first, as in the paper.
    directions = [way.name for way in by_target(ways) if way.name in known]
    group = 1.25 * max(1, len(directions) / 2)  # inches
    figure = new_figure(max(4.2, 1.5 + group * len(methods)), 3.6)
    axes = figure.subplots()
    width = 0.8 / len(directions)
    for number, direction in enumerate(directions):
        shift = (number - (len(directions) - 1) / 2) * width
        mine = {row["method"]: row for row in rows if row["direction"] == direction}
        places = [methods.index(method) + shift for method in mine]
        axes.bar(
            places,
            [row["mean"] for row in mine.values()],
            0.94 * width,
            color=color(number),
            label=f"synthetic {made[direction]}",
        )
        for place, (method, row) in zip(places, mine.items()):
            if row["n"] > 1:
                _draw_points(axes, place, 0.3 * width, _values(subjects, row))
            if row["low"] is not None:
                for line, shade in ((3.6, "white"), (1.8, "black")):
                    axes.vlines(
                        place, row["low"], row["high"], color=shade, linewidth=line, zorder=4
                    )
    title, unit, better, _ = METRICS[metric]
    axes.set_xticks(range(len(methods)), methods, rotation=20 if len(methods) > 4 else 0)
    axes.set_ylabel(f"{title} / {unit}" if unit else title)
    count = rows[0]["n"]
    spread = "one test subject: no interval"
    if count > 1:
        spread = f"mean of {count} test subjects (points)\nand its 95 % bootstrap interval"
    axes.set_title(f"{better} is better; {spread}", loc="left", fontsize=8)
    axes.margins(y=0.08)
    tidy(axes)
    figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=9)
    return save(figure, path)


def _values(subjects, row):
    names = ("method", "direction", "contrast")
    return [
        subject[row["metric"]]
        for subject in subjects
        if all(subject[name] == row[name] for name in names) and row["metric"] in subject
    ]


def _draw_points(axes, place, width, values):
    # Golden-ratio steps spread points evenly without a random number.
    offsets = (np.arange(len(values)) * 0.618034) % 1 - 0.5
    few = len(values) <= 50
    axes.plot(
        place + 2 * width * offsets,
        values,
        linestyle="none",
        marker="o",
        markersize=2.6 if few else 1.6,
        markerfacecolor="white" if few else "#303030",
        markeredgecolor="#303030",
        markeredgewidth=0.5 if few else 0,
        alpha=0.8 if few else 0.4,
        zorder=3,
    )
