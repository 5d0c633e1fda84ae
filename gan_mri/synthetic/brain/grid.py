"""Voxel grids: where the voxels of a shape lie in the head."""

from dataclasses import dataclass, replace

import numpy as np

from gan_mri.errors import GanMriError

from .head import CENTER

#: Field of view that holds every head, mm: left to right, back to front, down to up.
FIELD_OF_VIEW = 184.0, 224.0, 190.0
TOP = 100.0  # mm, above every head
SMALLEST, LARGEST = 16, 1024  # voxels along an axis
SAMPLES_APART = 1.2  # mm, within an image


@dataclass(frozen=True)
class HeadGrid:
    """A block of voxels.

    Attributes
    ----------
    shape : (int, int, int)
        A 2D image is (H, W, 1).
    affine : (4, 4) array
        From voxel indices to mm, RAS+.
    spacing : (float, float, float)
        Voxel size in mm along the three axes of the array.
    through : int
        Samples through the slice of a 2D image: 1 looks at the middle of the slice alone.
    """

    shape: tuple
    affine: np.ndarray
    spacing: tuple
    through: int = 1

    def points(self, slab, factors):
        """Sample points, (3, N) float32 mm, of first indices `slab`, `factors` samples a voxel and
        axis.
        """
        ranges = (range(slab.start, slab.stop), range(self.shape[1]), range(self.shape[2]))
        axes = [
            (np.repeat(np.asarray(r, float), f) + np.tile((np.arange(f) + 0.5) / f - 0.5, len(r)))
            for r, f in zip(ranges, factors)
        ]
        points = np.empty((3, *(len(axis) for axis in axes)), np.float32)
        for row in range(3):
            parts = [self.affine[row, column] * axes[column] for column in range(3)]
            points[row] = (
                parts[0][:, None, None]
                + parts[1][None, :, None]
                + parts[2][None, None, :]
                + self.affine[row, 3]
            )
        return points.reshape(3, -1)

    def thick(self, thickness):
        """The same 2D image of a slice that is so many mm thick, with samples through it."""
        affine = self.affine.copy()
        affine[:3, 2] *= thickness / self.spacing[2]
        return replace(
            self,
            affine=affine,
            spacing=(*self.spacing[:2], thickness),
            through=int(np.ceil(thickness / SAMPLES_APART)),
        )

    def factors(self):
        """Samples along each axis of a voxel, from 2 to 4: about one in 1.2 mm of an image, 1.8 mm
        of a volume.
        """
        apart = SAMPLES_APART if self.shape[2] == 1 else 1.8
        return tuple(
            self.through if n == 1 else int(np.clip(np.ceil(s / apart), 2, 4))
            for n, s in zip(self.shape, self.spacing)
        )


def grid(shape):
    """The grid of a 2D ``(H, W)`` or 3D ``(X, Y, Z)`` shape; voxels are isotropic in the axial
    plane.
    """
    sizes = _checked(shape)
    affine = np.eye(4)
    if len(sizes) == 2:
        height, width = sizes
        voxel = max(FIELD_OF_VIEW[1] / height, FIELD_OF_VIEW[0] / width)
        # Rows run from front to back, columns from left to right.
        affine[:3, :3] = [[0, voxel, 0], [-voxel, 0, 0], [0, 0, voxel]]
        affine[:3, 3] = -voxel * (width - 1) / 2, CENTER[1] + voxel * (height - 1) / 2, CENTER[2]
        return HeadGrid((height, width, 1), affine, (voxel, voxel, voxel))
    voxel = max(FIELD_OF_VIEW[0] / sizes[0], FIELD_OF_VIEW[1] / sizes[1])
    thick = max(voxel, FIELD_OF_VIEW[2] / sizes[2])
    affine[:3, :3] = np.diag([voxel, voxel, thick])
    affine[:3, 3] = (
        -voxel * (sizes[0] - 1) / 2,
        CENTER[1] - voxel * (sizes[1] - 1) / 2,
        TOP - thick * (sizes[2] - 0.5),
    )
    return HeadGrid(sizes, affine, (voxel, voxel, thick))


def _checked(shape):
    try:
        sizes = tuple(int(n) for n in shape)
        whole = all(float(n) == m for n, m in zip(shape, sizes))
    except (TypeError, ValueError):
        sizes, whole = (), False
    if not whole or len(sizes) not in (2, 3) or min(sizes) < SMALLEST or max(sizes) > LARGEST:
        raise GanMriError(
            f"shape: expected (H, W) for axial images or (X, Y, Z) for volumes, whole numbers from "
            f"{SMALLEST} to {LARGEST}. Received: {shape!r}."
        )
    return sizes
