"""Cerebellum and brain stem."""

import numpy as np

from . import tissues
from .fields import Waves, ellipsoid, smooth_min, tube


class Hindbrain:
    """Parameters of one subject's cerebellum and stem."""

    def __init__(self, rng):
        self.size = rng.uniform(0.95, 1.05)
        self.folia = rng.uniform(6.5, 8.0)  # mm from one to the next
        self.bend = Waves(rng, 8, (18, 45))

    def label(self, points, depth, labels):
        """Tissue codes with cerebellum and stem drawn where the cerebrum left fluid."""
        labels = labels.copy()
        mirrored = points.copy()
        mirrored[0] = np.abs(mirrored[0])
        k = self.size
        lobe = ellipsoid(mirrored, (24 * k, -66, -37), (29 * k, 30 * k, 20 * k))
        vermis = ellipsoid(mirrored, (0, -62, -32), (12, 24 * k, 22 * k))
        tentorium = (
            -14 - 0.35 * mirrored[0] + 0.25 * (points[1] + 40)
        )  # parallel to the floor of the cerebrum
        inside = np.minimum(-smooth_min(lobe, vermis, 8.0), depth - 2)
        inside = np.minimum(inside, tentorium - points[2])
        # Folia are sheets around the fourth ventricle, like pages around a spine.
        y, z = points[1] + 42, points[2] + 34
        page = np.arctan2(z, -y) * 24 + 2.5 * self.bend(points)[0]
        wave = np.cos(page * np.float32(2 * np.pi / self.folia))
        rim = 8.0 + 5.0 * wave
        fluid = labels == tissues.CSF
        cerebellum = fluid & (inside > 0) & ~((wave > 0.95) & (inside < 4))
        labels[cerebellum & (inside > rim)] = tissues.WHITE
        labels[cerebellum & (inside <= rim)] = tissues.GRAY
        axis = [
            (6, -16, -4, 9),
            (5, -20, -16, 9.5),
            (4, -24, -30, 12),
            (1, -32, -50, 8),
            (0, -40, -75, 5.5),
        ]
        stem = tube(mirrored, axis, 5.0)
        labels[stem < 0] = tissues.WHITE
        fourth = tube(mirrored, [(0, -36, -18, 1.0), (0, -41, -32, 4.0), (0, -42, -48, 1.5)])
        labels[fourth < 0] = tissues.CSF
        return labels
