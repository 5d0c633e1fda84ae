"""Pixels, the samples within them, and where they lie in mm."""

from dataclasses import dataclass

import numpy as np

from gan_mri.errors import GanMriError

FIELD_OF_VIEW = 200.0  # mm across the shorter side of the image
SMALLEST, LARGEST = 16, 1024  # pixels along a side
_FINE = 0.9  # mm; larger pixels are sampled twice along each side


@dataclass(frozen=True)
class Raster:
    """A block of samples, `factor` squared of them in every pixel.

    Attributes
    ----------
    shape : (int, int)
        Height and width in pixels.
    pixel, step : float
        Distance between pixels and between samples, mm.
    factor : int
        Samples along a side of a pixel.
    right, up : 1D float32 arrays
        mm from the middle of the image, of the columns and of the rows of samples.
    """

    shape: tuple
    pixel: float
    step: float
    factor: int
    right: np.ndarray
    up: np.ndarray

    def pool(self, samples):
        """Mean over the samples of each pixel: (rows, columns, ...) to (H, W, ...)."""
        (height, width), f = self.shape, self.factor
        if f == 1:
            return samples
        blocks = samples.reshape(height, f, width, f, *samples.shape[2:])
        return sum(blocks[:, i, :, j] for i in range(f) for j in range(f)) / np.float32(f * f)


def raster(shape):
    """The raster of an image of shape (H, W); pixels are square."""
    height, width = _checked(shape)
    pixel = FIELD_OF_VIEW / min(height, width)
    factor = 2 if pixel > _FINE else 1
    step = pixel / factor

    def axis(count):
        return ((np.arange(count) - (count - 1) / 2) * step).astype(np.float32)

    return Raster(
        (height, width), pixel, step, factor, axis(width * factor), axis(height * factor)[::-1]
    )


def _checked(shape):
    try:
        sizes = tuple(int(n) for n in shape)
        whole = all(float(n) == m for n, m in zip(shape, sizes))
    except (TypeError, ValueError, OverflowError):
        sizes, whole = (), False
    if not whole or len(sizes) != 2 or min(sizes) < SMALLEST or max(sizes) > LARGEST:
        raise GanMriError(
            f"shape: expected (H, W), whole numbers from {SMALLEST} to {LARGEST}. Received: "
            f"{shape!r}."
        )
    return sizes
