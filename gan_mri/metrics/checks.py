"""What every metric refuses, and says so."""

import math
import numbers

import numpy as np

from gan_mri.errors import GanMriError


def checked(reference, image, mask):
    """Both arrays as float64 with a channel axis; the mask as an array or None."""
    reference, image = real(reference, "reference"), real(image, "image")
    if reference.shape != image.shape:
        raise GanMriError(
            "metrics: expected a reference and an image of the same shape. "
            f"Received: reference {reference.shape}, image {image.shape}"
        )
    reference, mask = checked_one(reference, "reference", mask)
    return reference, image.reshape(reference.shape), mask


def checked_one(values, name, mask):
    """The array as float64 with a channel axis; the mask as an array or None."""
    values = real(values, name)
    shape = values.shape
    has_channels = len(shape) in (3, 4) and shape[-1] in (1, 3)
    spatial = shape[:-1] if has_channels else shape
    if len(spatial) not in (2, 3) or 0 in shape:
        raise GanMriError(
            "metrics: expected one image (H, W), (H, W, 1) or (H, W, 3), or one volume "
            "(X, Y, Z), (X, Y, Z, 1) or (X, Y, Z, 3), with no empty axis. "
            f"Received: shape {shape}"
        )
    if not has_channels:
        values = values[..., np.newaxis]
    return values, None if mask is None else checked_mask(mask, spatial)


def checked_mask(mask, shape):
    """The mask as an array, if it is boolean, of that shape and not empty."""
    mask = np.asarray(mask)
    if mask.dtype != np.bool_ or mask.shape != shape:
        raise GanMriError(
            f"metrics: expected 'mask' boolean and of the spatial shape {shape}. "
            f"Received: dtype {mask.dtype}, shape {mask.shape}"
        )
    if not mask.any():
        raise GanMriError(
            "metrics: expected a 'mask' with at least one True pixel. Received: none is True"
        )
    return mask


def checked_range(data_range):
    """The data range as a float, if it is a positive number."""
    if not isinstance(data_range, numbers.Real) or not 0 < data_range < math.inf:
        raise GanMriError(
            "metrics: expected 'data_range' to be a positive number, the largest minus "
            "the smallest value that an image can take (2 for images in [-1, 1]). "
            f"Received: {data_range!r}"
        )
    return float(data_range)


def varying_samples(reference, image, mask, metric):
    """The values of both images that count, flat; an error if either is constant."""
    reference, image, mask = checked(reference, image, mask)
    reference, image = masked(reference, mask).ravel(), masked(image, mask).ravel()
    refuse_constant(reference, "reference", metric)
    refuse_constant(image, "image", metric)
    return reference, image


def refuse_constant(values, name, metric):
    """Refuse values that do not vary, of which the metric makes nothing."""
    if values.min() == values.max():
        raise GanMriError(
            f"{metric}: expected '{name}' to vary. "
            f"Received: {values.size} values that are all {values.flat[0]:g}"
        )


def real(values, name):
    """The values as float64, if all are real numbers and finite."""
    values = np.asarray(values)
    if values.dtype.kind not in "biuf":
        raise GanMriError(
            f"metrics: expected real numbers in '{name}'. Received: dtype {values.dtype}"
        )
    values = values.astype(np.float64)
    bad = values.size - np.count_nonzero(np.isfinite(values))
    if bad:
        raise GanMriError(
            f"metrics: expected finite numbers in '{name}'. Received: {bad} of "
            f"{values.size} values that are NaN or infinite"
        )
    return values


def masked(values, mask):
    """The values of the True pixels, or all."""
    return values if mask is None else values[mask]
