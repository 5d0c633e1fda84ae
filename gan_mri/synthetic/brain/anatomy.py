"""One subject's anatomy: from points in mm to tissue codes."""

import numpy as np

from . import tissues
from .cerebrum import Cerebrum
from .deep import Deep, Lesions
from .fields import Waves, generator
from .head import Head
from .hindbrain import Hindbrain


class Anatomy:
    """A head that can be asked what is at any point.

    Parameters
    ----------
    seed, subject : int
        Together they fix everything.
    lesions : bool
        Whether the white matter has plaques. The rest does not change.
    """

    def __init__(self, seed, subject, *, lesions=False):
        rng = generator(seed, subject, "head")
        self.size = rng.uniform(0.95, 1.03)
        self.shift = rng.uniform(-2.0, 2.0, size=3)
        self.turn = rotation(np.radians(rng.normal(size=3) * (1.5, 1.5, 2.5)))
        self.warp = Waves(rng, 9, (70, 140), channels=3)
        self.head = Head(rng)
        self.texture = Waves(generator(seed, subject, "texture"), 30, (8, 32), channels=3)
        self.cerebrum = Cerebrum(generator(seed, subject, "cerebrum"))
        self.hindbrain = Hindbrain(generator(seed, subject, "hindbrain"))
        self.deep = Deep(generator(seed, subject, "deep"))
        self.tracts = Waves(generator(seed, subject, "tracts"), 14, (14, 34))
        self.lesions = Lesions(generator(seed, subject, "lesions")) if lesions else None

    def at(self, points):
        """What is at (3, N) points in scanner mm.

        Returns
        -------
        codes : (N,) uint8 array
            Tissue codes.
        coherence : (N,) float32 array
            How parallel the fibres of white matter are, 0 to 1; 0 elsewhere.
        texture : (3, N) float32 array
            Three smooth fields of mean 0 and variance 1, for the variation within tissues.
        """
        labels, coherence = self._label(points)
        texture = np.zeros(points.shape, np.float32)
        head = np.flatnonzero(labels != tissues.AIR)
        texture[:, head] = self.texture(points[:, head])
        return labels, coherence, texture

    def _label(self, points):
        centered = points - self.shift[:, None].astype(np.float32)
        points = np.einsum("ij,jn->in", (self.turn.T / self.size).astype(np.float32), centered)
        depth = self.head.depth(points)
        labels = self.head.label(points, depth)
        coherence = np.zeros(points.shape[1], np.float32)
        inside = np.flatnonzero(depth > 0)
        if inside.size:
            labels[inside], coherence[inside] = self._brain(points[:, inside], depth[inside])
        return labels, coherence

    def _brain(self, points, depth):
        points = points + np.float32(2.0) * self.warp(points)
        pia, cortex = self.cerebrum.distance(points, depth)
        labels = np.where(
            pia > cortex, tissues.WHITE, np.where(pia > 0, tissues.GRAY, tissues.CSF)
        ).astype(np.uint8)
        low = np.flatnonzero(points[2] < 4)
        if low.size:
            labels[low] = self.hindbrain.label(points[:, low], depth[low], labels[low])
        # Fibres are most parallel in bundles away from the cortex.
        bundles = np.exp(-((self.tracts(points)[0] / 0.45) ** 2))
        coherence = np.clip((pia - cortex) / 10, 0, 1) * (0.18 + 0.42 * bundles)
        x, y, z = points
        middle = np.flatnonzero((np.abs(x) < 46) & (y > -80) & (y < 50) & (z > -32) & (z < 42))
        if middle.size:
            self._middle(points[:, middle], (pia - cortex)[middle], middle, labels, coherence)
        coherence[labels != tissues.WHITE] = 0
        return labels, coherence

    def _middle(self, points, depth, where, labels, coherence):
        """Ventricles, nuclei, plaques and the fibres between them, at `points` with indices
        `where`.
        """
        mirrored = points.copy()
        mirrored[0] = np.abs(mirrored[0])
        nuclei = self.deep.gray(mirrored)
        for distance, code in zip(
            nuclei, (tissues.CAUDATE, tissues.PUTAMEN, tissues.PALLIDUM, tissues.THALAMUS)
        ):
            labels[where[(depth > 0.5) & (distance < 0)]] = code
        if self.lesions is not None:
            free = (labels[where] == tissues.WHITE) & (depth > 1)
            labels[where[free & (self.lesions.distance(points) < 0)]] = tissues.LESION
        labels[where[self.deep.ventricles(mirrored) < 0]] = tissues.CSF
        # The internal capsule runs between the nuclei, the corpus callosum across the middle.
        caudate, putamen, pallidum, thalamus = (np.maximum(distance, 0) for distance in nuclei)
        capsule = 0.9 * np.exp(-(np.minimum(putamen, pallidum) + np.minimum(caudate, thalamus)) / 6)
        callosum = np.exp(-((mirrored[0] / 12) ** 2)) * np.clip(depth / 5, 0, 1)
        coherence[where] = np.maximum(coherence[where], np.maximum(capsule, callosum))


def rotation(angles):
    """Rotation matrix: pitch about x, then roll about y, then yaw about z, in radians."""
    (ca, cb, cc), (sa, sb, sc) = np.cos(angles), np.sin(angles)
    pitch = np.array([[1, 0, 0], [0, ca, -sa], [0, sa, ca]])
    roll = np.array([[cb, 0, sb], [0, 1, 0], [-sb, 0, cb]])
    yaw = np.array([[cc, -sc, 0], [sc, cc, 0], [0, 0, 1]])
    return yaw @ roll @ pitch
