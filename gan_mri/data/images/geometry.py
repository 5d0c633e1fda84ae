"""From images of any size to training images of one size, and back."""

from dataclasses import dataclass
from numbers import Integral

import numpy as np
from skimage.transform import resize

from gan_mri.data.images.windows import random_window
from gan_mri.errors import GanMriError

#: Shortest side that the networks' mirrored borders allow.
SMALLEST = 17


@dataclass(frozen=True)
class Geometry:
    """How an image is brought to the size that a model is trained at.

    Images that have the size already are left alone. Of larger ones, `resize`
    shows the network the whole image at a coarser grid: the image is
    resampled, its aspect kept, into the middle of the training size;
    translation resamples the result back. `crop` keeps every pixel as it is:
    training sees random windows, while translation and evaluation see whole
    images (the networks take any size).

    `crop` is sharper, but dangerous for training without pairs: where windows
    lie anywhere, nothing tells the networks where a head ought to be, and a
    generator may shift what it paints, which the other one undoes. (Measured
    on T1w and T2w, 182 x 218, windows of 128 x 128, after 3,000 steps: 3.7
    pixels from T2w to T1w, 1.0 the other way; 0.2 and less with `resize`.) The
    history's `shift_A2B` and `shift_B2A` watch for it.

    Parameters
    ----------
    size : (int, int) or (int, int, int)
        Of training images: rows and columns, or X, Y, Z of volumes.
    fit : {"resize", "crop"}

    Examples
    --------
    >>> Geometry((128, 128)).whole(np.zeros((218, 182, 1))).shape
    (128, 128, 1)
    """

    size: tuple
    fit: str = "resize"

    def __post_init__(self):
        check_fit(self.fit)
        check_size(self.size)

    @property
    def rank(self):
        """2 or 3."""
        return len(self.size)

    def window(self, image_size, rng, mask=None):
        """A random window for `training`, so that a pair can share it.

        Parameters
        ----------
        image_size : tuple of int
        rng : numpy.random.Generator
        mask : ndarray of bool, optional
            Foreground of a volume: most windows are centred on it.

        Returns
        -------
        tuple of int
            First index along every axis; always 0 with `resize`.
        """
        if self.fit == "resize":
            return (0,) * self.rank
        return random_window(image_size, self.size, rng, mask)

    def training(self, samples, index, window):
        """The training image: a sample at a window, or resampled.

        Parameters
        ----------
        samples : gan_mri.data.samples.Samples
        index : int
        window : tuple of int
            From `window`.

        Returns
        -------
        ndarray (*size, C)
        """
        if self.fit == "resize":
            return self.whole(samples[index])
        return _pad(samples.part(index, window, self.size), self.size)

    def whole(self, image):
        """The image as translation and evaluation see it: whole.

        Parameters
        ----------
        image : ndarray (*spatial, C)

        Returns
        -------
        ndarray
            `image` itself with `crop`; (*size, C) with `resize`.
        """
        if self.fit == "crop":
            return image
        return _pad(_resample(image, self._inner(image.shape[:-1])), self.size)

    def whole_mask(self, mask):
        """`whole` for a bool (*spatial) mask: voxels that are at least half inside."""
        if self.fit == "crop":
            return mask
        return self.whole(mask[..., np.newaxis].astype(np.float32))[..., 0] >= 0.5

    def restore(self, image, image_size):
        """Undo `whole`.

        Parameters
        ----------
        image : ndarray (*spatial, C)
            What a network made of a whole image.
        image_size : tuple of int
            Of the original.

        Returns
        -------
        ndarray (*image_size, C)
        """
        if self.fit == "crop":
            return image
        inner = self._inner(image_size)
        window = tuple(
            slice((want - have) // 2, (want - have) // 2 + have)
            for want, have in zip(self.size, inner)
        )
        return _resample(image[window], tuple(image_size))

    def to_config(self):
        """JSON-able record; `from_config` is its inverse."""
        return {"size": list(self.size), "fit": self.fit}

    @classmethod
    def from_config(cls, config):
        """The geometry that `to_config` wrote."""
        return cls(tuple(config["size"]), config["fit"])

    def _inner(self, image_size):
        factor = min(want / have for want, have in zip(self.size, image_size))
        return tuple(
            min(max(round(factor * have), 1), want) for have, want in zip(image_size, self.size)
        )


def check_fit(fit):
    """Return `fit` if it is one of the two."""
    if fit not in ("resize", "crop"):
        raise GanMriError(f"fit must be resize or crop. Received: {fit!r}.")
    return fit


def check_size(size):
    """Return `size` as a tuple of two or three whole numbers from 17."""
    fits = isinstance(size, (tuple, list)) and len(size) in (2, 3)
    if not fits or not all(isinstance(n, Integral) and n >= SMALLEST for n in size):
        received = tuple(size) if isinstance(size, (tuple, list)) else repr(size)
        raise GanMriError(
            "image size must be two numbers (rows, columns) or three (X, Y, Z), each from "
            f"{SMALLEST}. Received: {received}."
        )
    return tuple(int(n) for n in size)


def common_size(shapes):
    """The size for a set of images: the largest along every axis."""
    return tuple(int(length) for length in np.max(list(shapes), axis=0))


def _pad(image, size):
    """Repeat the border (air around a head) until the image has the size."""
    missing = [want - have for want, have in zip(size, image.shape)]
    if not any(missing):
        return image
    sides = [(length // 2, length - length // 2) for length in missing]
    return np.pad(image, [*sides, (0, 0)], mode="edge")


def _resample(image, size):
    if image.shape[:-1] == tuple(size):
        return image
    shrinks = size[0] < image.shape[0]
    resampled = resize(
        image,
        (*size, image.shape[-1]),
        order=1,
        mode="edge",
        anti_aliasing=shrinks,
        preserve_range=True,
    )
    return resampled.astype(image.dtype)
