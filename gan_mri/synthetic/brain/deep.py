"""Ventricles, deep grey nuclei and white-matter lesions."""

import numpy as np

from .fields import Waves, ellipsoid, smooth_min, tube


class Deep:
    """Parameters of one subject's ventricles and nuclei."""

    def __init__(self, rng):
        self.size = rng.uniform(0.75, 1.35)  # of the ventricles
        self.horns = rng.uniform(-3, 3, size=4)
        self.nuclei = rng.uniform(0.93, 1.07, size=4)
        self.third = rng.uniform(1.2, 2.4)

    def ventricles(self, points):
        """Distance to the lateral and third ventricles, mm. x is mirrored: >= 0."""
        s, (a, b, c, d) = self.size, self.horns
        lateral = tube(
            points,
            [
                (15.5 + 0.3 * a, 34 + a, 4, 1.8 * s),
                (10.5, 26 + 0.5 * a, 7, 2.9 * s),
                (6.0, 11, 12, 3.5 * s),
                (8.5, -6, 21, 4.4 * s),
                (15, -26, 20, 4.6 * s),
                (24, -40 + b, 13, 5.6 * s),
                (25.5, -54 + b, 8, 3.6 * s),
                (23, -66 + b + c, 5, 1.2 * s),
            ],
            6.0,
        )
        temporal = tube(
            points,
            [(24, -40 + b, 12, 4.5 * s), (31, -30, -3, 2.6 * s), (32, -14 + d, -15, 2.0 * s)],
            4.0,
        )
        third = ellipsoid(points, (0, -9, 0), (self.third * (0.7 + 0.3 * s), 13, 12))
        return np.minimum(smooth_min(lateral, temporal, 4.0), third)

    def gray(self, points):
        """Distances to caudate, putamen, pallidum and thalamus, mm. x is mirrored."""
        k = self.nuclei
        head = ellipsoid(points, (14.0, 19, 6), (5.4 * k[0], 11 * k[0], 10), turn=0.30)
        tail = tube(points, [(13.5, 14, 12, 4.0), (17.5, -4, 22, 2.6), (24, -24, 23, 1.6)])
        caudate = smooth_min(head, tail, 4.0)
        lens = ellipsoid(points, (27.0, 2.5, 2), (6.2 * k[1], 18 * k[1], 12), turn=0.22)
        # The lens is bounded medially by the lamina that separates the pallidum.
        pallidum = ellipsoid(points, (19.5, -2, 0), (5.0 * k[2], 10.5 * k[2], 7.5), turn=0.32)
        putamen = np.maximum(lens, 0.8 - pallidum)
        thalamus = ellipsoid(points, (10.4, -17, 7), (9.4 * k[3], 15.5 * k[3], 9.5), turn=0.33)
        thalamus = np.maximum(thalamus, 1.0 - points[0])
        return caudate, putamen, pallidum, thalamus


class Lesions:
    """Plaques of multiple sclerosis: ovoids in the white matter around the lateral ventricles."""

    def __init__(self, rng):
        self.wobble = Waves(rng, 6, (8, 16))
        self.ovoids = []
        for _ in range(rng.integers(12, 19)):
            angle = rng.uniform(0, 2 * np.pi)
            stretch = rng.uniform(1.0, 1.35)
            side = rng.choice([-1, 1])
            center = (
                side * (21 + 9 * stretch * np.abs(np.cos(angle))),
                -14 + 42 * stretch * np.sin(angle),
                rng.uniform(2, 24),
            )
            small = rng.uniform(2.2, 4.8)
            radii = (small * rng.uniform(1.0, 2.0), small, small * rng.uniform(1.0, 1.6))
            self.ovoids.append((center, radii, rng.uniform(-0.6, 0.6)))

    def distance(self, points):
        """Distance to the nearest plaque, mm."""
        distance = np.full(points.shape[1], np.float32(1e3))
        for center, radii, turn in self.ovoids:
            distance = np.minimum(distance, ellipsoid(points, center, radii, turn))
        return distance + 0.6 * self.wobble(points)[0]
