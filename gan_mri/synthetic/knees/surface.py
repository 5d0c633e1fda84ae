"""A leg as the camera sees it: what lies under every sample and which way it faces.

The picture is a parallel projection. The tube is seen from the front exactly;
the relief changes only the direction of the surface, as in bump mapping
(Blinn 1978, "Simulation of wrinkled surfaces", SIGGRAPH), which is hard to
tell from the truth while it is a few mm high.
"""

from dataclasses import dataclass

import numpy as np

from .leg import ROUND


@dataclass(frozen=True, eq=False)
class Surface:
    """Arrays on the samples of a raster; outside the leg they continue what is at its edge.

    Attributes
    ----------
    cover : float32 array
        1 on the leg, 0 beside it, between in the sample across its edge.
    arc, z : float32 arrays
        Place on the leg, mm (`leg`).
    relief : float32 array
        Height above the tube, mm.
    right, up, front : float32 arrays
        Unit normal; front points to the camera.
    """

    cover: np.ndarray
    arc: np.ndarray
    z: np.ndarray
    relief: np.ndarray
    right: np.ndarray
    up: np.ndarray
    front: np.ndarray

    def towards(self, direction):
        """Cosine of the angle between the normal and a direction (right, up, front), at least 0."""
        right, up, front = (direction / np.linalg.norm(direction)).astype(np.float32)
        return np.maximum(self.right * right + self.up * up + self.front * front, 0)


class View:
    """Where the camera stands: drawn once per picture.

    The leg is a left or a right one, turned about its axis, tilted in the
    picture, shifted, nearer or farther; the knee is bent a little, so that
    thigh and calf recede from it.
    """

    def __init__(self, rng):
        self.side = float(rng.choice([-1.0, 1.0]))  # 1: medial is to the right of the picture
        self.turn = float(np.radians(np.clip(rng.normal(0, 11), -26, 26)))
        self.roll = float(np.radians(np.clip(rng.normal(0, 3.5), -9, 9)))
        self.scale = rng.uniform(0.88, 1.1)
        self.shift = rng.uniform(-8, 8), rng.uniform(-14, 16)
        self.bend = float(np.radians(np.abs(rng.normal(0, 9)) + 2))
        self.share = rng.uniform(0.35, 0.65)  # of the bend that is the thigh's

    def look(self, leg, raster, *, detail, warp=None):
        """The surface of a leg on a raster.

        Parameters
        ----------
        leg : Leg
        raster : Raster
        detail : callable
            Height to add to the relief, mm, given the arrays arc and z.
        warp : callable, optional
            Changes the distance from the axis before the shape is looked up.
        """
        c, s = float(np.cos(self.roll)), float(np.sin(self.roll))
        u = (raster.right[None, :] - self.shift[0]) / self.scale
        v = (raster.up[:, None] - self.shift[1]) / self.scale
        x, z = self.side * (c * u + s * v), c * v - s * u  # x grows to the medial side

        place, table = leg.profiles(self.turn)
        row = _Lookup(z, place)
        middle, slant = row(table["middle"]), row(np.gradient(table["middle"]))
        x = x - middle
        if warp is not None:
            x = warp(x)
        medial = x > 0
        half = np.where(medial, row(table["medial"]), row(table["lateral"]))
        widen = np.where(
            medial, row(np.gradient(table["medial"])), row(np.gradient(table["lateral"]))
        )
        deepen = row(np.gradient(leg.flatness * (table["medial"] + table["lateral"]) / 2))
        cover = np.clip((half - np.abs(x)) * np.float32(self.scale / raster.step) + 0.5, 0, 1)

        # Cross-section |x / half|^p + |y / deep|^p = 1.
        p = float(leg.boxiness)
        across = np.clip(x / half, -1, 1)
        size = np.abs(across)
        ahead = np.maximum(1 - size**p, 0) ** (1 / p)
        normal_x, normal_y = np.sign(across) * size ** (p - 1), ahead ** (p - 1) / leg.flatness
        length = np.sqrt(normal_x**2 + normal_y**2) + 1e-6
        normal_x, normal_y = normal_x / length, normal_y / length
        arc = ROUND * (np.arctan2(across, ahead) + float(self.turn))

        relief = leg.relief(arc, z) + detail(arc, z)
        slope_v, slope_u = np.gradient(relief, -raster.step / self.scale, raster.step / self.scale)
        slope_x, slope_z = self.side * (c * slope_u + s * slope_v), c * slope_v - s * slope_u
        recede = self._recede(z)
        normal_z = -normal_x * (slant + widen * across) - normal_y * (recede + deepen * ahead)
        # The relief tilts the normal along the tube and around it, where a mm of x is longer the
        # nearer the edge.
        around = slope_x * normal_y
        normal_x, normal_y = normal_x - around * normal_y, normal_y + around * normal_x
        normal_z = normal_z - slope_z
        length = np.sqrt(normal_x**2 + normal_y**2 + normal_z**2)
        normal_x, normal_y, normal_z = (
            self.side * normal_x / length,
            normal_y / length,
            normal_z / length,
        )
        return Surface(
            cover,
            arc,
            z,
            relief,
            c * normal_x - s * normal_z,
            s * normal_x + c * normal_z,
            normal_y,
        )

    def _recede(self, z):
        """Slope of the front along the leg: below the knee it comes forward going up, above it goes
        back.
        """
        above, below = (
            float(np.tan(self.bend * self.share)),
            float(np.tan(self.bend * (1 - self.share))),
        )
        knee = 1 / (1 + np.exp(np.clip(-z / 14, -30, 30)))
        return below - (above + below) * knee


class _Lookup:
    """Linear interpolation in several tables at the same places."""

    def __init__(self, z, places):
        first, step = places[0], places[1] - places[0]
        at = np.clip((z - np.float32(first)) / np.float32(step), 0, len(places) - 1.001)
        self.index = at.astype(np.int32)
        self.part = at - self.index.astype(np.float32)

    def __call__(self, table):
        table = table.astype(np.float32)
        low = table[self.index]
        return low + self.part * (table[self.index + 1] - low)
