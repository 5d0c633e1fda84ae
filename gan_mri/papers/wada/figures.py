"""Figures 3 and 4 of paper 000: what becomes of sources and references."""

import numpy as np

from gan_mri.reporting.drawings import new_figure, save
from gan_mri.reporting.planes import as_picture

_CELL = 1.3  # inches, the width of an image
_LETTERS = 20  # of a name under an image
_NUMBERS = "numbers: CIE76 difference from the reference's mean colour"


def methods_figure(path, results):
    """Draw Figure 3: a row a combination, then a column a method.

    The combinations run through sources and references at once: the first
    drawn source with the first drawn reference, and so on. Under every
    translation stands its colour difference from the reference.

    Parameters
    ----------
    path : Path
        The PNG to write.
    results : dict
        {method: RoundRobin}, of the same images.

    Returns
    -------
    Path
    """
    first = next(iter(results.values()))
    count = min(len(first.grid.sources), len(first.grid.references))
    titles = ["source", "reference", *results]
    figure, cells = _sheet(count, len(titles), _picture(first.grid.sources[0]).shape)
    for axes, title in zip(cells[0], titles):
        axes.set_title(_short(title, 14), fontsize=9)
    for place, line in enumerate(cells):
        row, column = first.grid.rows[place], first.grid.columns[place]
        _draw(line[0], first.grid.sources[place], _short(first.sources[row]))
        _draw(line[1], first.grid.references[place], _short(first.references[column]))
        for axes, found in zip(line[2:], results.values()):
            image = found.grid.translations[place][place]
            _draw(axes, image, _difference(found, row, column))
    figure.supxlabel(_NUMBERS, fontsize=8)
    return save(figure, path)


def grid_figure(path, found):
    """Draw Figure 4: every drawn source (rows) with every drawn reference (columns).

    Parameters
    ----------
    path : Path
        The PNG to write.
    found : gan_mri.papers.wada.round_robin.RoundRobin
        Of one method.

    Returns
    -------
    Path
    """
    grid = found.grid
    shape = _picture(grid.sources[0]).shape
    figure, cells = _sheet(len(grid.rows) + 1, len(grid.columns) + 1, shape)
    for axes, column, image in zip(cells[0, 1:], grid.columns, grid.references):
        _draw(axes, image, _short(found.references[column]))
    for line, row, source, images in zip(cells[1:], grid.rows, grid.sources, grid.translations):
        _draw(line[0], source, _short(found.sources[row]))
        for axes, column, image in zip(line[1:], grid.columns, images):
            _draw(axes, image, _difference(found, row, column))
    figure.supxlabel(f"rows: sources; columns: references\n{_NUMBERS}", fontsize=8)
    return save(figure, path)


def _sheet(rows, columns, shape):
    """A figure of empty cells for images of about this shape."""
    height = _CELL * min(shape[0] / shape[1], 2.0) + 0.2
    figure = new_figure(max(columns * (_CELL + 0.08) + 0.1, 3.6), rows * height + 0.6)
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0.0, hspace=0.0)
    cells = figure.subplots(rows, columns, squeeze=False)
    for axes in cells.flat:
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[:].set_visible(False)
    return figure, cells


def _draw(axes, image, text):
    axes.set_xlabel(text, fontsize=7, labelpad=2)
    axes.imshow(np.clip((_picture(image) + 1) / 2, 0, 1))


def _picture(image):
    return as_picture(image, image.ndim - 1)


def _difference(found, row, column):
    return f"{found.differences[row, column]:.1f}"


def _short(text, letters=_LETTERS):
    return text if len(text) <= letters else text[: letters - 1] + "…"
