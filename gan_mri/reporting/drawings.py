"""What the figures share: colours, canvas, how they are written."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from gan_mri.reporting.sheets import save_pixels

#: Okabe and Ito's colours, told apart by colour-blind readers too; black is for real images.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8A6D3B", "#7F7F7F")


def color(number):
    """The colour of the `number`-th method or contrast, from 0."""
    return COLORS[number % len(COLORS)]


def new_figure(width, height):
    """An empty figure of a size in inches, at 150 dots an inch."""
    figure = Figure((width, height), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def legend_below(figure, handles, labels):
    """A legend under everything, in as many columns as the width has room for."""
    labels = list(labels)
    # Inches: letters of 9 points are about 0.08 wide, a line and its gaps 0.6.
    column = 0.6 + 0.08 * max(map(len, labels), default=1)
    columns = min(6, len(labels), max(1, int(figure.get_figwidth() / column)))
    figure.legend(
        handles, labels, loc="outside lower center", ncols=columns, frameon=False, fontsize=9
    )


def take_words_as_they_are(figure):
    """Let no text of a figure be a formula, before it is drawn.

    Names of contrasts, files and methods are the user's. Matplotlib takes what
    stands between two `$` for a formula, and raises where it is none. An axis
    with powers of ten needs a formatter that writes none either, "{x:g}".
    """
    for text in figure.findobj(Text):
        text.set_parse_math(False)


def save(figure, path):
    """Write a figure as a PNG, atomically, and return the path; its words are no formulas."""
    take_words_as_they_are(figure)
    figure.canvas.draw()
    save_pixels(path, np.asarray(figure.canvas.buffer_rgba())[..., :3])
    return path


def tidy(axes):
    """Take away what carries no information."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", alpha=0.3)
    axes.set_axisbelow(True)
