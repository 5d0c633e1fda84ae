"""Figure 2 of paper 001 and the cycle sheet: images side by side."""

import textwrap

import numpy as np

from gan_mri import metrics
from gan_mri.evaluation.measures import ERROR_FLOOR, z_scored_output
from gan_mri.evaluation.names import readable
from gan_mri.reporting.drawings import new_figure, save
from gan_mri.reporting.sheets import sample_sheet

#: Upper end of the error's colours.
_LARGEST_ERROR = 2.0
#: Letters of a method's name that fit beside an image.
_LABEL_WIDTH = 22


def translation_figure(path, shown, contrasts):
    """Draw real and synthetic images and their relative absolute difference.

    As the paper's Figure 2: real images at the top, below each the synthetic
    images of every method, at the outside their errors. The real T2w image is
    the input of the synthetic T1w images, and the other way round.

    Parameters
    ----------
    path : Path
        The PNG to write.
    shown : dict
        {method: {"A2B": Shown, "B2A": Shown}}, with truths.
    contrasts : dict
        The contrast that each direction makes.

    Returns
    -------
    Path
    """
    first = next(iter(shown.values()))
    rows, columns = first["A2B"].truth.shape[:2]
    width, height = 1.75, 1.75 * min(rows / columns, 2.0)
    figure = new_figure(4 * width + 0.4, (len(shown) + 1) * height + 1.6)
    grid = figure.subplots(len(shown) + 1, 4, squeeze=False)
    for axes in grid.flat:
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[:].set_visible(False)
    image = None
    for direction, inner, outer in (("B2A", 1, 0), ("A2B", 2, 3)):
        contrast = contrasts[direction]
        _draw_image(grid[0, inner], first[direction].truth)
        grid[0, inner].set_title(f"real {contrast}", fontsize=10)
        grid[1, outer].set_title(f"error, {contrast}", fontsize=9)
        origin = contrasts[direction[::-1]]
        grid[1, inner].set_title(f"synthetic {contrast}, from {origin}", fontsize=9)
        for row, (method, cases) in enumerate(shown.items(), start=1):
            one = cases[direction]
            _draw_image(grid[row, inner], one.translation)
            image = grid[row, outer].imshow(
                _error(one), cmap="inferno", vmin=0.0, vmax=_LARGEST_ERROR
            )
            grid[row, 0].set_ylabel(textwrap.fill(readable(method), _LABEL_WIDTH), fontsize=9)
    bar = figure.colorbar(
        image, ax=grid, location="bottom", shrink=0.7, pad=0.01, aspect=40, extend="max"
    )
    bar.ax.tick_params(labelsize=8)
    bar.set_label(
        "error: relative absolute difference of z-scored images, "
        f"|real - synthetic| / max(|real|, {ERROR_FLOOR:g} SD)",
        fontsize=8,
    )
    labels = dict.fromkeys(first[direction].label for direction in ("A2B", "B2A"))
    figure.suptitle(" | ".join(labels), fontsize=10, parse_math=False)
    return save(figure, path)


def _draw_image(axes, image):
    pixels = np.clip((image + 1) / 2, 0, 1)
    if pixels.shape[-1] == 1:
        axes.imshow(pixels[..., 0], cmap="gray", vmin=0, vmax=1)
    else:
        axes.imshow(pixels)


def _error(one):
    error = metrics.relative_absolute_error(
        metrics.z_score(one.truth), z_scored_output(one.translation), floor=ERROR_FLOOR
    )
    return error.mean(axis=-1)


def cycle_sheet(path, shown, contrasts):
    """Draw input, translation and reconstruction of every method, both ways.

    Parameters
    ----------
    As `translation_figure`; truths are not needed.

    Returns
    -------
    Path
    """
    columns = []
    for direction in ("A2B", "B2A"):
        made, given = contrasts[direction], contrasts[direction[::-1]]
        columns += [f"{given} (real)", f"{made} (translated)", f"{given} (reconstructed)"]
    rows = []
    for method, cases in shown.items():
        images = []
        for direction in ("A2B", "B2A"):
            one = cases[direction]
            images += [one.source, one.translation, one.cycled]
        rows.append((readable(method), images))
    sample_sheet(path, columns, rows, title="there and back")
    return path
