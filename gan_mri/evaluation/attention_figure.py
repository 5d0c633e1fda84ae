"""Figure 3 b of paper 002: where a position of an image looks."""

import contextlib

import keras
import numpy as np
from matplotlib.colors import LogNorm
from scipy import ndimage

from gan_mri.data.foreground import foreground_mask, statistics
from gan_mri.errors import GanMriError
from gan_mri.evaluation.drawings import colour, new_figure, save
from gan_mri.layers import SelfAttention

#: How much of the image the largest weight covers, and how bright it is under a map.
_COVER, _BRIGHTNESS = 0.9, 0.6
_SMOOTHING = 2.0  # pixels, of the gradient by which an edge is chosen


def attention_maps(network, images, positions):
    """Attention maps of chosen image positions, as large as the features are.

    Parameters
    ----------
    network : keras.Model
        With a `SelfAttention` layer, in itself or in a model within; if there
        are several, the first is taken. Networks with noise or dropout are
        called as they are when images are translated.
    images : array (N, H, W, C) or (N, X, Y, Z, C)
        In [-1, 1].
    positions : array of int (P, 2) or (N, P, 2), 3 in place of 2 for volumes
        (row, column) in image pixels, the same for all images or for each its
        own. The query is the feature that covers the pixel.

    Returns
    -------
    ndarray (N, P, h, w) or (N, P, x, y, z)
        From 0, each map with the sum 1.

    Raises
    ------
    GanMriError
        If the network has no such layer, images or positions are not of these
        shapes, or a position is not in the image.

    Examples
    --------
    >>> encoder = gan_mri.networks.unit_encoder(attention=True)  # doctest: +SKIP
    >>> attention_maps(encoder, images, [(150, 120)]).shape  # doctest: +SKIP
    (1, 1, 76, 64)
    """
    images = np.asarray(images)
    if images.ndim not in (4, 5) or images.size == 0:
        raise GanMriError(
            "images must be an array (N, H, W, C) or (N, X, Y, Z, C) with N of at least 1. "
            f"Received: shape {images.shape}."
        )
    positions = _checked_positions(positions, images)
    layer = _attention_layer(network)
    maps = []
    for image, chosen in zip(images, positions):
        features = _features_into(layer, network, image[None])
        strides = np.array(image.shape[:-1]) / features.shape[1:-1]
        queries = (chosen // strides).astype(int)
        maps.append([layer.attention_map(features, query)[0] for query in queries])
    return np.array(maps)


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
    positions = _checked_positions(positions, images)
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
        line[0].set_ylabel(label, fontsize=9, parse_math=False)
        for number, (position, weights) in enumerate(zip(chosen, its_maps)):
            _mark(line[0], position, number)
            drawn = _draw_map(line[number + 1], weights, scale, (rows, columns))
            _mark(line[number + 1], position, number)
    bar = figure.colorbar(drawn, ax=grid, shrink=0.8, aspect=30, pad=0.01, extend="min")
    bar.set_label("attention, multiples of the mean weight", fontsize=8)
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
    grey = np.asarray(image, float).mean(axis=-1)
    found = statistics(grey)
    mask = np.ones(grey.shape, bool) if found is None else foreground_mask(grey, found.threshold)
    # The edge of the image bounds the foreground, too.
    depth = ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    pixels = np.argwhere(mask)
    distances = np.sum((pixels - pixels.mean(axis=0)) ** 2, axis=1)
    centre = pixels[np.argmin(distances)]
    slope = ndimage.gaussian_gradient_magnitude(grey, _SMOOTHING)
    slope = np.where(depth > depth.max() / 2, slope, -1.0)
    edge = np.unravel_index(np.argmax(slope), slope.shape)
    return np.array([centre, edge, (centre[0], np.argmax(mask[centre[0]]))])


def _checked_positions(positions, images):
    """As int (N, P, axes)."""
    space = np.array(images.shape[1:-1])
    positions = np.asarray(positions)
    shapes = f"(P, {space.size}) or ({len(images)}, P, {space.size})"
    if (
        positions.ndim not in (2, 3)
        or positions.shape[-1] != space.size
        or (positions.ndim == 3 and len(positions) != len(images))
        or positions.size == 0
        or not np.issubdtype(positions.dtype, np.integer)
    ):
        raise GanMriError(
            f"positions must be whole numbers of shape {shapes}. Received: "
            f"{positions.dtype} of shape {positions.shape}."
        )
    outside = np.any((positions < 0) | (positions >= space), axis=-1)
    if outside.any():
        raise GanMriError(
            f"positions must be inside of images of {tuple(space.tolist())} pixels. "
            f"Received: {tuple(positions[outside][0].tolist())}."
        )
    return np.broadcast_to(positions, (len(images), *positions.shape[-2:]))


def _attention_layer(network):
    layer = _first_attention_layer(network)
    if layer is None:
        raise GanMriError(
            "network: expected a keras.Model with a SelfAttention layer. Received: "
            f"{network.name!r}, which has none."
        )
    return layer


def _first_attention_layer(network):
    for layer in network.layers:
        if isinstance(layer, SelfAttention):
            return layer
        if isinstance(layer, keras.Model):
            found = _first_attention_layer(layer)
            if found is not None:
                return found
    return None


def _features_into(layer, network, image):
    """What enters a layer when a network is called, wherever in it the layer is."""
    entered = []
    with _recording(layer, entered):
        network(image, training=False)
    return entered[0]


@contextlib.contextmanager
def _recording(layer, entered):
    # Keras can cut a functional model at a layer, but not at one of a model
    # within a model; this works for both, and for models that are no graphs.
    call = layer.call

    def recorded(inputs, **options):
        entered.append(inputs)
        return call(inputs, **options)

    layer.call = recorded
    try:
        yield
    finally:
        del layer.call


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
    for edge, width in (("white", 3.0), (colour(number), 1.5)):
        axes.plot(column, row, "o", markersize=8, fillstyle="none", color=edge, markeredgewidth=width)
