"""The way from a file to what a network sees, and back."""

from dataclasses import dataclass

import numpy as np

from gan_mri.data.images.geometry import Geometry
from gan_mri.data.images.sampling import Sampling


@dataclass(frozen=True)
class View:
    """Orientation, plane or volume, voxel size, and size: all but the intensities.

    Training, held-out measurement, translation, references and evaluation go
    this one way; a run and every exported model remember it. Intensities are a
    matter of the domain, see `gan_mri.data.images.scaling`.

    Parameters
    ----------
    sampling : Sampling or None
        Which voxels of a volume become an image; None where the training data
        were pictures.
    geometry : Geometry
        How an image comes to the size of training.
    """

    sampling: Sampling | None
    geometry: Geometry

    @classmethod
    def of(cls, data, geometry):
        """That of some training data."""
        return cls(data.sampling, geometry)

    @property
    def rank(self):
        """2 or 3."""
        return self.geometry.rank

    def stacks(self, image, onto=None):
        """What of a file a network is shown, before scaling and sizing.

        Parameters
        ----------
        image : gan_mri.data.files.readers.ImageFile
        onto : gan_mri.data.images.grid.Grid, optional
            Bring a volume to this grid.

        Returns
        -------
        (dict of str or None to ndarray, Grid or None)
            `(S, *spatial[, C])` by plane, in the file's units, and the grid
            that they lie on; of a picture one of plane None.
        """
        if not image.is_volume:
            return {None: image.array[np.newaxis]}, None
        seen = self._sampling.see(image, onto)
        return {plane: seen.stack(plane) for plane in self._sampling.planes}, seen.grid

    def restore(self, image, results, onto=None):
        """Results of all planes as an array like `image.array`.

        Parameters
        ----------
        image, onto
            As `stacks` was given.
        results : dict
            By plane, as `stacks` returned.

        Returns
        -------
        ndarray
        """
        if not image.is_volume:
            return results[None][0]
        return self._sampling.restore(image, results, onto)

    @property
    def _sampling(self):
        # A model of pictures shows a volume in axial slices: the caller has said so.
        return self.sampling or Sampling("axial")

    def to_config(self):
        """JSON-able record; `from_config` is its inverse."""
        cut = self.sampling.to_config() if self.sampling else {"plane": None, "spacing": None}
        return cut | {"geometry": self.geometry.to_config()}

    @classmethod
    def from_config(cls, config):
        """The view that `to_config` wrote."""
        sampling = None if config["plane"] is None else Sampling.from_config(config)
        return cls(sampling, Geometry.from_config(config["geometry"]))
