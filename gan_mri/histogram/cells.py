"""Kernel-density histograms in time and memory that hardly depend on the bins.

The equations of `gan_mri.histogram` ask every pixel against every bin. Here:

1. [-1, 1], and as much around it as reaches a bin, is cut into *cells* no wider
   than the bandwidth, a whole number of them a bin. Every pixel adds the first
   Chebyshev polynomials of its place in its cell to the sums of that cell, the
   cell's *moments*.
2. On a cell, a pixel's share of a bin is a polynomial to within 1e-8, so a bin is
   a weighted sum of the moments of the cells around it, as far as a sigmoid is
   not yet 0 or 1 to single precision. The weights depend on the distance alone.

The gradient goes back the same way: the bins give every cell a polynomial, which
every pixel evaluates. Under XLA, adding up moments takes about 2 ns a pixel.
"""

import functools
from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from numpy.polynomial import chebyshev


def bins_and_slopes(bins, bandwidth, double, compiled):
    """The histogram and its gradient, as two functions.

    Parameters
    ----------
    bins : int
    bandwidth : float
    double : bool
        Whether to be exact to double instead of single precision.
    compiled : bool
        Whether XLA compiles them.

    Returns
    -------
    histogram : callable
        `histogram(images, weights)`: of images `(N, ..., C)` and weights
        `(N, ...)`, float64, or None, the bins `(N, C, bins)`.
    slopes : callable
        `slopes(images, weights, upstream)`: the gradient with respect to the
        images, given that with respect to the bins.
    """
    plan = _plan(bins, bandwidth, double)
    return _compiled(plan) if compiled else _plain(plan)


@dataclass(frozen=True)
class _Plan:
    bins: int
    bandwidth: float
    margin: int  # bins that a pixel reaches to either side
    cells: int  # a bin
    order: int  # polynomials a cell

    @property
    def length(self):
        """Bins with cells: those beyond either end as well, within reach."""
        return self.bins + 2 * self.margin

    @property
    def reach(self):
        """Bins whose cells a bin looks at."""
        return 2 * self.margin + 1

    def weights(self, function):
        """A function of pixel - centre of a bin, as polynomials on the cells around.

        Returns float64 `(reach, cells * order)`: the distance in bins from
        -margin to margin, then the cell and the polynomial.
        """
        distance = np.arange(-self.margin, self.margin + 1)[:, None, None]
        cell = ((np.arange(self.cells) + 0.5) / self.cells - 0.5)[:, None]
        nodes = chebyshev.chebpts1(self.order)
        place = distance + cell + nodes / (2 * self.cells)
        # Interpolation at these nodes, over which the polynomials are orthogonal.
        polynomials = chebyshev.chebvander(nodes, self.order - 1)
        norm = np.where(np.arange(self.order) == 0, 1, 2) / self.order
        weights = function(place * 2 / self.bins) @ polynomials * norm
        return weights.reshape(self.reach, -1)

    def share(self, offset):
        """Equation 5."""
        lower, upper = self._from_edges(offset)
        return (np.tanh(lower / 2) - np.tanh(upper / 2)) / 2

    def slope(self, offset):
        """Derivative of `share`."""
        lower, upper = self._from_edges(offset)
        difference = np.tanh(upper / 2) ** 2 - np.tanh(lower / 2) ** 2
        return difference / (4 * self.bandwidth)

    def _from_edges(self, offset):
        half = 1 / self.bins
        return (offset + half) / self.bandwidth, (offset - half) / self.bandwidth


def _plan(bins, bandwidth, double):
    # exp(-17) is 4e-8. Interpolation of order n on a cell as wide as B is off by
    # about 13 ** -n, as the sigmoid's poles are at distance pi from the axis.
    reach, order = (36, 16) if double else (17, 8)
    width = 2 / bins
    return _Plan(
        bins,
        bandwidth,
        margin=int(np.ceil(reach * bandwidth / width)),
        cells=int(np.ceil(width / bandwidth)),
        order=order,
    )


def _plain(plan):
    return functools.partial(_histogram, plan), functools.partial(_slopes, plan)


@functools.cache
def _compiled(plan):
    return tuple(
        tf.function(function, jit_compile=True, reduce_retracing=True) for function in _plain(plan)
    )


def _histogram(plan, images, weights):
    rows, polynomials, weights = _locate(plan, images, weights)
    if weights is not None:
        polynomials = weights[..., tf.newaxis] * polynomials
    shape = tf.shape(images)
    histograms = shape[0] * shape[-1]
    # In float64: added up in float32, a million equal pixels are off by 1e-3.
    moments = tf.math.unsorted_segment_sum(polynomials, rows, histograms * plan.length * plan.cells)
    moments = tf.reshape(moments, (histograms, plan.length, plan.cells * plan.order))
    # float64 here also avoids TF32, in which GPUs multiply float32 matrices.
    parts = tf.einsum("rm,hlm->hrl", plan.weights(plan.share), moments)
    # Bin k is the sum of parts[r, k + r], a diagonal. The same numbers in rows of
    # one more have it as a column.
    parts = tf.reshape(parts, (histograms, plan.reach * plan.length))
    parts = tf.pad(parts, ((0, 0), (0, plan.reach)))
    parts = tf.reshape(parts, (histograms, plan.reach, plan.length + 1))
    sums = tf.reduce_sum(parts[..., : plan.bins], 1)
    sums = tf.reshape(sums, (shape[0], shape[-1], plan.bins))
    return tf.cast(sums * _one_over_count(images, weights), _wide(images.dtype))


def _slopes(plan, images, weights, upstream):
    rows, polynomials, weights = _locate(plan, images, weights)
    upstream = tf.cast(upstream, tf.float64) * _one_over_count(images, weights)
    upstream = tf.reshape(upstream, (-1, plan.bins))
    # The transpose of what `_histogram` does: lines[r, l] = upstream[l - r], or 0.
    lines = tf.pad(upstream, ((0, 0), (0, plan.reach)))
    lines = tf.tile(lines, (1, plan.reach))[:, : plan.reach * plan.length]
    lines = tf.reshape(lines, (-1, plan.reach, plan.length))
    curves = tf.einsum("hrl,rm->hlm", lines, plan.weights(plan.slope))
    curves = tf.reshape(curves, (-1, plan.order))
    wide = _wide(images.dtype)
    curves, polynomials = tf.cast(curves, wide), tf.cast(polynomials, wide)
    slopes = tf.reduce_sum(tf.gather(curves, rows) * polynomials, -1)
    if weights is not None:
        slopes *= tf.cast(weights, wide)
    return tf.cast(tf.reshape(slopes, tf.shape(images)), images.dtype)


def _locate(plan, images, weights):
    """Where every pixel is.

    Returns
    -------
    rows : int32 `(N, pixels, C)`
        Of the table of all moments of all histograms.
    polynomials : float64 `(N, pixels, C, order)`
        Chebyshev's, at the pixel's place in its cell.
    weights : float64 `(N, pixels, 1)` or None
    """
    shape = tf.shape(images)
    # In float64: where B is 4e-4, the 3e-8 that float32 loses when it moves
    # [-1, 1] to [0, 2] show in the sixth digit.
    pixels = tf.cast(_flat(images), tf.float64)
    if weights is not None:
        weights = _flat(weights[..., tf.newaxis])
        pixels = tf.where(weights == 0, tf.zeros_like(pixels), pixels)
    cells = plan.length * plan.cells
    place = (pixels + 1) * (plan.bins * plan.cells / 2) + plan.margin * plan.cells
    within = tf.clip_by_value(place, 0.0, float(cells))
    # NaN shows: clipping may turn it into a number, so it is kept out of that.
    place = tf.where(tf.math.is_nan(place), place, within)
    # Clipped again for the upper end, and for whatever integer NaN becomes.
    cell = tf.clip_by_value(tf.cast(place, tf.int32), 0, cells - 1)
    inside = 2 * (place - tf.cast(cell, tf.float64)) - 1
    polynomials = [tf.ones_like(inside), inside]
    while len(polynomials) < plan.order:
        polynomials.append(2 * inside * polynomials[-1] - polynomials[-2])
    histogram = tf.reshape(tf.range(shape[0] * shape[-1]), (shape[0], 1, shape[-1]))
    return cell + cells * histogram, tf.stack(polynomials, -1), weights


def _one_over_count(images, weights):
    """1 / N of equation 1, a scalar or `(N, 1, 1)`; 0 where there is no pixel."""
    if weights is None:
        count = tf.cast(tf.reduce_prod(tf.shape(images)[1:-1]), tf.float64)
    else:
        count = tf.reduce_sum(weights, 1, keepdims=True)
    return tf.math.divide_no_nan(tf.ones((), tf.float64), count)


def _flat(tensor):
    """`(N, ..., C)` as `(N, pixels, C)`; -1 would not do where N or C is 0."""
    shape = tf.shape(tensor)
    return tf.reshape(tensor, (shape[0], tf.reduce_prod(shape[1:-1]), shape[-1]))


def _wide(dtype):
    return tf.float64 if dtype == tf.float64 else tf.float32
