"""Scalp, skull and what lies below the skull: face, neck, eyes, air."""

import numpy as np

from . import tissues
from .fields import Waves, ellipsoid, smooth_min, tube

#: Middle of the cranial cavity, mm; the origin is near the anterior commissure.
CENTER = (0.0, -17.0, 10.0)


class Head:
    """Parameters of one subject's head."""

    def __init__(self, rng):
        self.radii = (
            69 * rng.uniform(0.97, 1.03),
            87 * rng.uniform(0.97, 1.03),
            69 * rng.uniform(0.97, 1.03),
        )
        self.power = rng.uniform(2.15, 2.4)  # 2 is an ellipsoid, more is squarer
        self.taper = rng.uniform(0.06, 0.13)  # the forehead is narrower than the back
        self.skull = rng.uniform(5.5, 7.5)
        self.fat = rng.uniform(2.5, 5.0)
        self.skin = rng.uniform(1.6, 2.2)
        self.slow = Waves(rng, 10, (45, 110), channels=4)
        self.planes = Waves(rng, 16, (24, 44))

    def depth(self, points):
        """Depth below the inner surface of the skull, mm; negative outside the cavity."""
        x, y, z = (points[i] - np.float32(CENTER[i]) for i in range(3))
        a, b, c = self.radii
        p = np.float32(self.power)
        u = np.abs(x) / (
            a * (1 - self.taper * np.clip(y / b, -1.3, 1.3) - 0.04 * np.clip(y / b, -1.3, 1.3) ** 2)
        )
        v, w = np.abs(y) / b, np.abs(z) / c
        up, vp, wp = u**p, v**p, w**p
        level = np.maximum((up + vp + wp) ** (1 / p), np.float32(1e-3))
        tiny = np.float32(1e-6)
        slope = level ** (1 - p) * np.sqrt(
            (up / (u + tiny) / a) ** 2 + (vp / (v + tiny) / b) ** 2 + (wp / (w + tiny) / c) ** 2
        )
        hull = (1 - level) / np.maximum(slope, np.float32(1e-3))
        # Floors of the anterior and middle fossa, and the clivus between them.
        side, y, z = np.abs(points[0]), points[1], points[2]
        anterior = np.maximum(z + 27, 22 - y)
        middle = np.maximum(np.maximum(z + 46, -28 - y), 10 - side)
        clivus = np.maximum(np.maximum(0.7 * (z + 20) - 0.7 * (y - 14), side - 30), z + 25)
        return smooth_min(smooth_min(smooth_min(hull, anterior, 8.0), middle, 8.0), clivus, 6.0)

    def label(self, points, depth):
        """Tissue codes outside the cavity (inside it is left as CSF)."""
        swell, diploe, padding, bulge = self.slow(points)
        x, y, z = points
        out = -depth - 0.6 * bulge
        skull = self.skull + 0.8 * swell
        table = 1.9 + 0.12 * diploe
        # The temporal muscle covers the side of the skull below and in front.
        muscle = (
            8
            * np.exp(-(((y - 12) / 24) ** 2) - ((z + 12) / 26) ** 2)
            * np.clip((np.abs(x) - 40) / 12, 0, 1)
        )
        fat = np.maximum(self.fat + 0.6 * padding, 1.5)
        outer = out - (skull + muscle + fat + self.skin)
        low = np.flatnonzero(z < 0)
        if low.size:
            outer[low] = smooth_min(outer[low], neck_and_face(points[:, low]), 12.0)
        labels = np.full(points.shape[1], tissues.AIR, np.uint8)
        labels[outer < 0] = tissues.SKIN
        labels[outer < -self.skin] = tissues.FAT
        labels[outer < -self.skin - fat] = tissues.MUSCLE
        if low.size:
            labels[low] = self._face(points[:, low], labels[low])
        labels[out < skull] = tissues.BONE
        labels[(out > table) & (out < skull - table)] = tissues.MARROW
        labels[depth > 0] = tissues.CSF
        return labels

    def _face(self, points, labels):
        """Fat between the muscles, eyes, spine and the air of nose and throat."""
        labels = labels.copy()
        mirrored = points.copy()
        mirrored[0] = np.abs(mirrored[0])
        muscle = labels == tissues.MUSCLE
        labels[muscle & (np.abs(self.planes(points)[0]) < 0.16)] = tissues.FAT
        for shape, code in FACE:
            labels[(labels != tissues.AIR) & (shape(mirrored) < 0)] = code
        return labels


def neck_and_face(points):
    """Distance to the outside of the face and the neck."""
    face = ellipsoid(points, (0, 35, -62), (62, 52, 72))
    nose = ellipsoid(points, (0, 80, -42), (14, 13, 18))
    neck = tube(points, [(0, -38, -50, 60), (0, -42, -250, 56)])
    return smooth_min(smooth_min(face, nose, 10.0), neck, 20.0)


def _ball(center, radii):
    return lambda points: ellipsoid(points, center, radii)


SPINE = (0, -22, -66, 13), (0, -26, -250, 15)
#: What lies in the face and the neck, the later over the earlier; x is mirrored.
FACE = (
    (_ball((30, 50, -31), (19, 28, 18)), tissues.FAT),
    (_ball((32, 63, -30), (13, 13, 13)), tissues.SKIN),
    (_ball((32, 63, -30), (12, 12, 12)), tissues.CSF),
    (_ball((27, 52, -58), (15, 19, 16)), tissues.BONE),
    (_ball((27, 52, -58), (13.5, 17.5, 14.5)), tissues.AIR),
    (_ball((0, 24, -42), (15, 14, 11)), tissues.BONE),
    (_ball((0, 24, -42), (13, 12, 9)), tissues.AIR),
    (_ball((0, 58, -54), (13, 30, 16)), tissues.SKIN),
    (_ball((5, 58, -54), (3.5, 27, 14)), tissues.AIR),
    (lambda points: tube(points, [(0, 14, -62, 9), (0, 4, -110, 7), (0, 8, -250, 9)]), tissues.AIR),
    (lambda points: tube(points, SPINE), tissues.MARROW),
    (
        lambda points: np.maximum(tube(points, SPINE), np.abs(points[2] % 18 - 9) - 2),
        tissues.MUSCLE,
    ),
    (lambda points: tube(points, [(0, -40, -60, 9), (0, -46, -250, 8)]), tissues.CSF),
    (lambda points: tube(points, [(0, -40, -60, 6), (0, -46, -250, 5)]), tissues.WHITE),
)
