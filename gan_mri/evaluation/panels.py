"""Figure 2 of paper 001: real and synthetic images and their differences, side by side."""

import textwrap

import numpy as np

from gan_mri import metrics
from gan_mri.evaluation.measures import ERROR_FLOOR, z_scored_output
from gan_mri.evaluation.names import readable
from gan_mri.evaluation.ways import by_target
from gan_mri.reporting.drawings import new_figure, save
from gan_mri.reporting.planes import as_picture

#: Upper end of the error's colours.
_LARGEST_ERROR = 2.0
#: Letters of a method's name that fit beside an image.
_LABEL_WIDTH = 22
#: Inches: the width of an image (three planes of a volume), and of a letter of a title.
_WIDTH, _LETTER = {2: 1.75, 3: 3.6}, 0.066
#: Directions beside each other.
_MOST_BESIDE = {2: 4, 3: 2}


def translation_figure(path, shown, ways):
    """Draw real and synthetic images and their relative absolute difference.

    As the paper's Figure 2: real images at the top, below each the synthetic
    images of every method, beside them their errors. Of two directions that
    lead there and back, errors are at the outside, and the real image of one
    is the input of the other. Elsewhere an input that is nobody's real image
    stands above the errors. Of volumes three planes are shown.

    Parameters
    ----------
    path : Path
        The PNG to write.
    shown : dict
        {method: {direction: Shown}}; directions without truths are left out.
    ways : dict of str to gan_mri.evaluation.ways.Way

    Returns
    -------
    Path
    """
    firsts = first_shown(shown, ways)
    drawn = [way for way in by_target(ways) if firsts[way.name].truth is not None]
    rank = firsts[drawn[0].name].truth.ndim - 1
    beside = min(_MOST_BESIDE[rank], len(drawn))
    lines = [drawn[start : start + beside] for start in range(0, len(drawn), beside)]
    real = {way.domain for way in drawn}
    inputs = {way.name: [name for name in way.sources if name not in real] for way in drawn}
    columns = max(sum(_columns(inputs[way.name]) for way in line) for line in lines)
    shape = _picture(firsts[drawn[0].name].truth).shape
    width, height = _WIDTH[rank], _WIDTH[rank] * min(shape[0] / shape[1], 2.0)
    rows = len(lines) * (len(shown) + 1)
    # Titles of volumes stand above pictures that are lower than wide.
    figure = new_figure(columns * width + 0.4, rows * (height + 0.2 * (rank == 3)) + 1.6)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes in grid.flat:
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[:].set_visible(False)
    image = None
    for number, line in enumerate(lines):
        part = grid[number * (len(shown) + 1) :][: len(shown) + 1]
        for row, method in enumerate(shown, start=1):
            part[row, 0].set_ylabel(textwrap.fill(readable(method), _LABEL_WIDTH), fontsize=9)
        there_and_back = len(line) == 2 and line[0].back == line[1].name
        start = 0
        for way in line:
            block = part[:, start : start + _columns(inputs[way.name])]
            start += block.shape[1]
            if there_and_back and way is line[0]:
                block = block[:, ::-1]
            image = _draw_way(block, way, shown, inputs[way.name], int(width / _LETTER))
    bar = figure.colorbar(
        image, ax=grid, location="bottom", shrink=0.7, pad=0.01, aspect=40, extend="max"
    )
    bar.ax.tick_params(labelsize=8)
    text = (
        "error: relative absolute difference of z-scored images, "
        f"|real - synthetic| / max(|real|, {ERROR_FLOOR:g} SD)"
    )
    bar.set_label(textwrap.fill(text, int(figure.get_figwidth() / _LETTER)), fontsize=8)
    labels = dict.fromkeys(firsts[name].label for name in ways)
    figure.suptitle(" | ".join(labels), fontsize=10)
    return save(figure, path)


def first_shown(shown, ways):
    """Of every direction the images of the first method that has it.

    Parameters as for `translation_figure`.

    Returns
    -------
    dict of str to gan_mri.evaluation.passes.Shown
    """
    return {
        name: next(mine[name] for mine in shown.values() if name in mine)
        for name in ways
        if any(name in mine for mine in shown.values())
    }


def _columns(inputs):
    """Columns of a direction: the synthetic image and its error, wider for many inputs."""
    return max(2, 1 + len(inputs))


def _draw_way(block, way, shown, inputs, letters):
    """Draw one direction into its columns: synthetic, error, and what more inputs need."""
    one = first_shown(shown, {way.name: way})[way.name]
    _draw_image(block[0, 0], one.truth)
    titles = {(0, 0): f"real {way.contrast}"}
    for column, domain in enumerate(inputs, start=1):
        _draw_image(block[0, column], one.sources[domain])
        titles[0, column] = f"real {way.sources[domain]} (input)"
    for row, mine in enumerate(shown.values(), start=1):
        if way.name in mine:
            _draw_image(block[row, 0], mine[way.name].translation)
            image = block[row, 1].imshow(
                _error(mine[way.name]), cmap="inferno", vmin=0.0, vmax=_LARGEST_ERROR
            )
    titles[1, 0] = f"synthetic {way.contrast}, from {way.source}"
    titles[1, 1] = f"error, {way.contrast}"
    for (row, column), title in titles.items():
        size = 9 if row else 10
        block[row, column].set_title(textwrap.fill(title, letters), fontsize=size)
    return image


def _draw_image(axes, image):
    pixels = np.clip((_picture(image) + 1) / 2, 0, 1)
    if pixels.shape[-1] == 1:
        axes.imshow(pixels[..., 0], cmap="gray", vmin=0, vmax=1)
    else:
        axes.imshow(pixels)


def _picture(image):
    return as_picture(image, image.ndim - 1)


def _error(one):
    error = metrics.relative_absolute_error(
        metrics.z_score(one.truth), z_scored_output(one.translation), floor=ERROR_FLOOR
    )
    return _picture(error.mean(axis=-1, keepdims=True))[..., 0]
