"""Joint histograms that can be differentiated, and their mutual information.

Of Avi-Aharon et al. 2020 (DeepHist, arXiv:2005.03995): a pixel's density over
pairs of values is the product of its two logistic densities, so that

    P(j, k) = mean over pixels of  share[j](first) * share[k](second)

with the shares of equation 5 in `gan_mri.histogram`. That is a matrix product
over pixels, taken here over a few thousand of them at a time.
"""

import functools

import numpy as np
import tensorflow as tf

from gan_mri.errors import GanMriError
from gan_mri.histogram.color import checked_bins, checked_images

#: Pixels a matrix product. Memory holds these times bins, not all pixels.
_TILE = 4096


def joint_histogram(first, second, bins, bandwidth, *, mask=None):
    """Joint histogram of two images of one channel, by kernel density.

    Compiled by XLA, once for every size.

    Parameters
    ----------
    first, second : tensor `(N, ..., 1)`
        Of one shape, any floating dtype, meant for values in [-1, 1].
    bins, bandwidth
        Of both axes, as for `gan_mri.histogram.color_histogram`.
    mask : tensor `(N, ...)`, optional
        The pixels to count, as bool, or their weights. The bins of images
        without any are 0. Pixels of weight 0 may be NaN.

    Returns
    -------
    tensor `(N, bins, bins)`
        First image down, second across; float64 if `first` is, else float32.
        Differentiable in both images, not in `mask`.

    Raises
    ------
    GanMriError
        For arguments other than these.
    """
    bins, bandwidth = checked_bins(bins, bandwidth)
    first, mask = checked_images(first, mask)
    second, _ = checked_images(second, None)
    for name, image in (("first", first), ("second", second)):
        if image.shape[-1] != 1 or not image.shape.is_compatible_with(first.shape):
            raise GanMriError(
                f"{name} must be of shape (N, ..., 1), as the other. Received: "
                f"{first.shape} and {second.shape}."
            )
    wide = tf.float64 if first.dtype == tf.float64 else tf.float32
    weights = tf.ones_like(first, wide)
    if mask is not None:
        weights = tf.cast(mask, wide)[..., tf.newaxis]
    axes = list(range(1, first.shape.rank))
    weights = tf.math.divide_no_nan(weights, tf.reduce_sum(weights, axes, keepdims=True))
    weights = tf.stop_gradient(weights)
    forward, backward = _compiled(bins, bandwidth)

    @tf.custom_gradient
    def histogram(first, second):
        def gradient(upstream):
            return backward(first, second, weights, upstream)

        # Without it an eager tape asks XLA for the gradient of `forward` as well.
        first, second = tf.stop_gradient(first), tf.stop_gradient(second)
        return forward(first, second, weights), gradient

    return histogram(first, second)


def mutual_information(joint):
    """Mutual information of the two values, in nats.

    Parameters
    ----------
    joint : tensor `(N, bins, bins)`
        Of `joint_histogram`. Its density beyond [-1, 1] is left out: it is
        divided by its sum.

    Returns
    -------
    tensor `(N,)`
        At least 0, and 0 where `joint` is 0. A loss is its negative.
    """
    joint = tf.math.divide_no_nan(joint, tf.reduce_sum(joint, (1, 2), keepdims=True))
    entropies = [
        -tf.reduce_sum(tf.math.xlogy(share, share), axes)
        for share, axes in (
            (tf.reduce_sum(joint, 2), 1),
            (tf.reduce_sum(joint, 1), 1),
            (joint, (1, 2)),
        )
    ]
    return entropies[0] + entropies[1] - entropies[2]


@functools.cache
def _compiled(bins, bandwidth):
    return tuple(
        tf.function(
            functools.partial(function, bins, bandwidth),
            jit_compile=True,
            reduce_retracing=True,
        )
        for function in (_histogram, _slopes)
    )


def _histogram(bins, bandwidth, first, second, weights):
    def add(total, tile):
        one, two, weight = tile
        down = weight[..., tf.newaxis] * _shares(one, bins, bandwidth)[0]
        across = _shares(two, bins, bandwidth)[0]
        return total + _product(down, across, transpose_a=True)

    tiles = _tiles(first, second, weights)
    nothing = tf.zeros((tf.shape(first)[0], bins, bins), weights.dtype)
    return tf.foldl(add, tiles, nothing)


def _slopes(bins, bandwidth, first, second, weights, upstream):
    def slopes(tile):
        one, two, weight = tile
        down, down_slope = _shares(one, bins, bandwidth)
        across, across_slope = _shares(two, bins, bandwidth)
        to_down = _product(across, upstream, transpose_b=True)
        to_across = _product(down, upstream)
        to_one = weight * tf.reduce_sum(down_slope * to_down, -1)
        to_two = weight * tf.reduce_sum(across_slope * to_across, -1)
        return to_one, to_two

    tiles = _tiles(first, second, weights)
    dtypes = (weights.dtype, weights.dtype)
    both = tf.map_fn(slopes, tiles, fn_output_signature=dtypes)
    return tuple(_untile(one, image) for one, image in zip(both, (first, second)))


def _shares(pixels, bins, bandwidth):
    """Equation 5 and its derivative, each `(..., bins)`."""
    edges = tf.constant(np.linspace(-1, 1, bins + 1), pixels.dtype)
    above = tf.sigmoid((pixels[..., tf.newaxis] - edges) / bandwidth)
    density = above * (1 - above) / bandwidth
    return above[..., :-1] - above[..., 1:], density[..., :-1] - density[..., 1:]


def _product(left, right, **options):
    """Of matrices, in float64: GPUs multiply those of float32 to 10 bits (TF32)."""
    wide = (tf.cast(matrix, tf.float64) for matrix in (left, right))
    return tf.cast(tf.matmul(*wide, **options), left.dtype)


def _tiles(first, second, weights):
    """Each as `(tiles, N, pixels)` of the dtype of `weights`, filled up with 0."""
    # Pixels of weight 0 are 0 as well: NaN times 0 would be NaN.
    first, second = (
        tf.where(weights == 0, tf.zeros_like(weights), tf.cast(image, weights.dtype))
        for image in (first, second)
    )
    count = tf.shape(weights)[0]
    size = tf.reduce_prod(tf.shape(weights)[1:])
    filling = -size % _TILE
    return tuple(
        tf.transpose(
            tf.reshape(
                tf.pad(tf.reshape(tensor, (count, size)), ((0, 0), (0, filling))),
                (count, (size + filling) // _TILE, _TILE),
            ),
            (1, 0, 2),
        )
        for tensor in (first, second, weights)
    )


def _untile(tiles, image):
    """Back to the shape and dtype of `image`."""
    shape = tf.shape(image)
    pixels = tf.reshape(tf.transpose(tiles, (1, 0, 2)), (shape[0], -1))
    pixels = pixels[:, : tf.reduce_prod(shape[1:])]
    return tf.cast(tf.reshape(pixels, shape), image.dtype)
