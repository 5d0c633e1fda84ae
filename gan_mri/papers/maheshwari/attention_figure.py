"""Figure 3 b of paper 002: where a position of an image looks."""

import numpy as np
from matplotlib.colors import LogNorm
from scipy import ndimage

from gan_mri.data.images.foreground import foreground_mask, statistics
from gan_mri.errors import GanMriError
from gan_mri.papers.maheshwari.attention_maps import attention_maps, checked_positions
from gan_mri.reporting.drawings import color, new_figure, save

#: How much of the image the largest weight covers, and how bright it is under a map.
_COVER, _BRIGHTNESS = 0.9, 0.6
_SMOOTHING = 2.0  # pixels, of the gradient by which an edge is chosen


def attention_figure(path, network, images, positions=None, *, labels=None):
    """Draw where chosen positions of images look.

    A row an image: the image with its positions, then for each of them the
    image under its map. Colours are those of one logarithmic scale for the
    whole figure, from the mean weight (1 / number of positions), up to which
    the map is transparent, to the largest one, 10 times the mean at least.

    Parameters
    ----------
    path : str or path-like
        The PNG to write, atomically.
    network : keras.Model
        As for `attention_maps`.
    images : array (N, H, W, C)
        Grey or RGB, in [-1, 1].
    positions : array of int (P, 2) or (N, P, 2), optional
        As for `attention_maps`; default: `landmarks` of each image.
    labels : sequence of str, optional
        One for each image.

    Returns
    -------
    The path.

    Raises
    ------
    GanMriError
        As `attention_maps`, and for volumes, and labels of another number.
    """
    images = np.asarray(images)
    if images.ndim != 4 or images.shape[-1] not in (1, 3) or 0 in images.shape:
        raise GanMriError(
            "images must be an array (N, H, W, 1) or (N, H, W, 3) with N of at least 1. "
            f"Received: shape {images.shape}."
        )
    labels = [""] * len(images) if labels is None else list(labels)
    if len(labels) != len(images):
        raise GanMriError(
            f"labels must be one for each of {len(images)} images. Received: {len(labels)}."
        )
    if positions is None:
        positions = [landmarks(image) for image in images]
    positions = checked_positions(positions, images)
    maps = attention_maps(network, images, positions)

    # As multiples of the mean weight, which is 1 / their number.
    maps = maps * maps[0, 0].size
    scale = LogNorm(1, max(10, maps.max()))
    rows, columns = images.shape[1:3]
    width, height = 2.1, 2.1 * min(rows / columns, 2.0)
    count = positions.shape[1]
    figure = new_figure((count + 1) * width + 1, len(images) * height + 0.1)
    grid = figure.subplots(len(images), count + 1, squeeze=False)
    for line, image, chosen, its_maps, label in zip(grid, images, positions, maps, labels):
        for axes in line:
            axes.set_xticks([])
            axes.set_yticks([])
            axes.spines[:].set_visible(False)
            _draw_image(axes, image, 1.0 if axes is line[0] else _BRIGHTNESS)
        line[0].set_ylabel(label, fontsize=9)
        for number, (position, weights) in enumerate(zip(chosen, its_maps)):
            _mark(line[0], position, number)
            drawn = _draw_map(line[number + 1], weights, scale, (rows, columns))
            _mark(line[number + 1], position, number)
    bar = figure.colorbar(
        drawn, ax=grid, shrink=0.8, aspect=30, pad=0.01, extend="min", format="{x:g}"
    )
    bar.set_label("attention / mean", fontsize=8)
    bar.ax.tick_params(labelsize=8)
    return save(figure, path)


def landmarks(image):
    """Three positions worth asking: the centre, the strongest edge inside, the border.

    Parameters
    ----------
    image : ndarray (H, W, C)

    Returns
    -------
    ndarray of int (3, 2)
        (row, column) of the foreground pixel nearest to the centre of the
        foreground; of the largest gradient among the foreground's pixels that
        lie deeper than half of the deepest (smoothed over 2 pixels, mean of
        the channels); and of the leftmost foreground pixel in the row of the
        first. An image without a foreground counts as foreground everywhere.
    """
    gray = np.asarray(image, float).mean(axis=-1)
    found = statistics(gray)
    mask = np.ones(gray.shape, bool) if found is None else foreground_mask(gray, found.threshold)
    # The edge of the image bounds the foreground, too.
    depth = ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    pixels = np.argwhere(mask)
    distances = np.sum((pixels - pixels.mean(axis=0)) ** 2, axis=1)
    center = pixels[np.argmin(distances)]
    slope = ndimage.gaussian_gradient_magnitude(gray, _SMOOTHING)
    slope = np.where(depth > depth.max() / 2, slope, -1.0)
    edge = np.unravel_index(np.argmax(slope), slope.shape)
    return np.array([center, edge, (center[0], np.argmax(mask[center[0]]))])


def _draw_image(axes, image, brightness):
    pixels = brightness * np.clip((image + 1) / 2, 0, 1)
    axes.imshow(pixels[..., 0] if pixels.shape[-1] == 1 else pixels, cmap="gray", vmin=0, vmax=1)


def _draw_map(axes, weights, scale, size):
    rows, columns = size
    return axes.imshow(
        weights,
        cmap="plasma",
        norm=scale,
        # Nothing at the mean and below.
        alpha=_COVER * np.sqrt(np.asarray(scale(np.maximum(weights, 1)))),
        extent=(-0.5, columns - 0.5, rows - 0.5, -0.5),
    )


def _mark(axes, position, number):
    row, column = position
    for edge, width in (("white", 3.0), (color(number), 1.5)):
        axes.plot(
            column, row, "o", markersize=8, fillstyle="none", color=edge, markeredgewidth=width
        )
