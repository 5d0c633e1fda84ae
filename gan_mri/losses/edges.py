"""Where intensities change: slopes of an image, and the edges they make.

A slope is the difference of two neighboring pixels along one axis, in
intensity per pixel, whatever the voxels' size.
"""

import tensorflow as tf

from gan_mri.losses.checks import wide_image, wide_pair


def gradient_difference(truth, image):
    """Mean absolute difference of the steepness of two images, a scalar.

    Mean of `| |slope of truth| - |slope of image| |` over all slopes along all
    spatial axes, after Mathieu et al. 2016, equation 6 with alpha = 1 (a sum
    there). Steepness has no sign: a step up instead of down costs nothing, so
    it needs a pixelwise loss beside it. Also called GDL.

    Parameters
    ----------
    truth, image : tensor `(N, X, Y, C)` or `(N, X, Y, Z, C)`
        Axes of one pixel have no slopes and are left out.

    Returns
    -------
    scalar tensor
        0 for equal images, at most 2 for images in [-1, 1].

    References
    ----------
    Mathieu, Couprie, LeCun 2016, arXiv:1511.05440; in MR to CT: Nie et al.
    2018, IEEE Transactions on Biomedical Engineering 65 (there squared).
    """
    truth, image = wide_pair(truth, image, "gradient_difference")
    return _mean(
        [tf.abs(tf.abs(true) - tf.abs(made)) for true, made in zip(_slopes(truth), _slopes(image))]
    )


def edge_difference(truth, image):
    """Mean absolute difference of two images' Sobel edge maps, a scalar.

    An edge map is the length of the Sobel gradient, of 3x3 or 3x3x3 kernels
    scaled so that a ramp of 1 intensity a pixel has edges of 1; borders are
    mirrored.

    Parameters
    ----------
    truth, image : tensor `(N, X, Y, C)` or `(N, X, Y, Z, C)`

    Returns
    -------
    scalar tensor
        0 for equal images.

    References
    ----------
    Yu et al. 2019, "Ea-GANs: edge-aware generative adversarial networks for
    cross-modality MR image synthesis", IEEE Transactions on Medical Imaging
    38, gEa-GAN (kernels unscaled there).
    """
    truth, image = wide_pair(truth, image, "edge")
    return tf.reduce_mean(tf.abs(_edges(image) - _edges(truth)))


def total_variation(image):
    """Mean steepness of an image, a scalar: what noise and checkerboards raise.

    Mean of `|slope|` over all slopes along all spatial axes: the anisotropic
    total variation over the number of slopes.

    Parameters
    ----------
    image : tensor `(N, X, Y, C)` or `(N, X, Y, Z, C)`

    Returns
    -------
    scalar tensor
        0 for constant images.

    References
    ----------
    Rudin, Osher, Fatemi 1992; as a loss: Johnson, Alahi, Fei-Fei 2016.
    """
    return _mean([tf.abs(slopes) for slopes in _slopes(wide_image(image, "total_variation"))])


def _slopes(images):
    """Differences along every spatial axis, `(N, X-1, Y, C)`, `(N, X, Y-1, C)`, ..."""
    return [_combine(images, axis, (-1, 1)) for axis in range(1, len(images.shape) - 1)]


def _mean(parts):
    """Mean over all values of several tensors together; 0 if there are none."""
    count = tf.add_n([tf.size(part, tf.int64) for part in parts])
    total = tf.add_n([tf.reduce_sum(part) for part in parts])
    return tf.math.divide_no_nan(total, tf.cast(count, total.dtype))


def _edges(images):
    """Length of the Sobel gradient, of the shape of `images`."""
    last = len(images.shape) - 2
    sides = [(0, 0), *[(1, 1)] * last, (0, 0)]
    # Smoothed along the axes so far; and sloping along one of them, smoothed along the others.
    smooth, sloping = tf.pad(images, sides, mode="SYMMETRIC"), []
    for axis in range(1, last + 1):
        sloping = [_combine(one, axis, (1 / 4, 1 / 2, 1 / 4)) for one in sloping]
        sloping.append(_combine(smooth, axis, (-1 / 2, 0, 1 / 2)))
        if axis < last:
            smooth = _combine(smooth, axis, (1 / 4, 1 / 2, 1 / 4))
    squares = tf.add_n([tf.square(one) for one in sloping])
    # The gradient of a length has no value at 0, where an image is flat.
    return tf.sqrt(tf.maximum(squares, 1e-16))


def _combine(images, axis, taps):
    """Neighbors along an axis, weighted by `taps`; the axis becomes shorter by the others."""
    shape = tf.shape(images)
    length = shape[axis] - (len(taps) - 1)
    # As a matrix, where neighbors along the axis are a stride apart within a
    # row: slices of it are copied several times faster than slices of a volume.
    stride = tf.reduce_prod(shape[axis + 1 :])
    rows = tf.reshape(images, [-1, shape[axis] * stride])
    width = length * stride
    parts = [
        tap * rows[:, step * stride : step * stride + width] for step, tap in enumerate(taps) if tap
    ]
    return tf.reshape(tf.add_n(parts), tf.concat([shape[:axis], [length], shape[axis + 1 :]], 0))
