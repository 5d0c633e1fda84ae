"""Attention maps of image positions, by the `SelfAttention` of any network."""

import contextlib

import keras
import numpy as np

from gan_mri.errors import GanMriError
from gan_mri.layers import SelfAttention


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
    positions = checked_positions(positions, images)
    layer = _attention_layer(network)
    maps = []
    for image, chosen in zip(images, positions):
        features = _features_into(layer, network, image[None])
        strides = np.array(image.shape[:-1]) / features.shape[1:-1]
        queries = (chosen // strides).astype(int)
        maps.append([layer.attention_map(features, query)[0] for query in queries])
    return np.array(maps)


def checked_positions(positions, images):
    """Positions as int (N, P, axes), for every image its own.

    Raises
    ------
    GanMriError
        As `attention_maps`.
    """
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
