"""What was drawn for a pair of images, applied to each of them."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.spatial.transform import Rotation

from gan_mri.data.augmentation.intensity import bias_field, change_contrast


@dataclass(frozen=True, eq=False)
class Transform:
    """A drawn transform; `Augmentation.draw` makes it.

    Applied in this order: mirror, rotation and scaling about the center of the
    image (one interpolation), gamma, bias field, noise: the contrast is of the
    tissue, the field of the coil, the noise of the receiver.

    Parameters
    ----------
    mirror_axis : int or None
        Reversed if it is one.
    angles : tuple of float
        Radians. One for rank 2, positive from the first axis towards the
        second; three for rank 3, about the first, then the second, then the
        third axis, each fixed in space.
    factor : float
        Above 1 enlarges.
    spacing : tuple of float
        Edges of a voxel.
    amplitude : float
        Of the bias field, 0 for none.
    bias : ndarray (3,) * rank
        Weights of the bias field.
    exponent : float
        Of gamma, 1 for none.
    deviation : float
        Of the noise, 0 for none.
    shift : tuple of float
        Along every axis, as a share of its length, where the middle of the result lies; () for
        none.
    """

    mirror_axis: int | None
    angles: tuple
    factor: float
    spacing: tuple
    amplitude: float
    bias: np.ndarray
    exponent: float
    deviation: float
    shift: tuple = ()

    def __call__(self, image, rng, background=-1.0):
        """Transform one image of the pair.

        Parameters
        ----------
        image : ndarray (H, W, C) or (X, Y, Z, C)
            In [-1, 1].
        rng : numpy.random.Generator
            Of the noise, which has one level in all images of a pair, but is
            drawn anew for each; used only if there is noise.
        background : float
            What comes in from outside where the image is turned or shrunk.

        Returns
        -------
        ndarray
            float32 in [-1, 1], the shape of `image`.
        """
        return self.change_intensity(self.move(image, background), rng)

    def move(self, image, background=-1.0):
        """The geometric part.

        Parameters
        ----------
        image : ndarray (H, W, C) or (X, Y, Z, C)
        background : float

        Returns
        -------
        ndarray
            float32. Without rotation and scaling the values are those of `image`, bit for bit.
        """
        image = np.asarray(image, np.float32)
        if self.mirror_axis is not None:
            image = np.flip(image, self.mirror_axis)
        if not any(self.angles) and self.factor == 1:
            return image
        matrix = self.matrix()
        lengths = np.array(image.shape[:-1])
        center = (lengths - 1) / 2
        middle = center + np.array(self.shift or 0.0) * (lengths - 1)
        moved = np.empty(image.shape, np.float32)
        for channel in range(image.shape[-1]):
            ndimage.affine_transform(
                image[..., channel],
                matrix,
                middle - matrix @ center,
                output=moved[..., channel],
                order=1,
                mode="grid-constant",
                cval=background,
            )
        return moved

    def matrix(self):
        """From where a voxel's value goes to where it comes from, relative to the center.

        Returns
        -------
        ndarray (rank, rank)
            In voxel indices, without the mirror. Rotation and scaling happen
            in space, where the edges of a voxel are `spacing`.
        """
        if len(self.angles) == 1:
            cosine, sine = np.cos(self.angles[0]), np.sin(self.angles[0])
            rotation = np.array([[cosine, -sine], [sine, cosine]])
        else:
            rotation = Rotation.from_euler("xyz", self.angles).as_matrix()
        spacing = np.array(self.spacing)
        return rotation.T * spacing / spacing[:, np.newaxis] / self.factor

    def change_intensity(self, image, rng):
        """Gamma, bias field and noise.

        Parameters
        ----------
        image : ndarray (H, W, C) or (X, Y, Z, C)
        rng : numpy.random.Generator
            Of the noise.

        Returns
        -------
        ndarray
            float32 in [-1, 1].
        """
        if self.exponent != 1 or self.amplitude:
            field = 1.0
            if self.amplitude:
                field = bias_field(self.bias, self.amplitude, image.shape[:-1])
            image = change_contrast(image, self.exponent, field)
        if self.deviation:
            noise = rng.standard_normal(image.shape, dtype=np.float32)
            noise *= np.float32(self.deviation)
            image = image + noise
        return np.clip(image, -1, 1)
