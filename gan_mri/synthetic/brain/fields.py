"""Smooth random fields and distances, the clay that the brain is modelled in.

Points are float32 arrays of shape ``(3, N)``: x to the right, y to the front,
z upwards, in mm. A distance is in mm and negative inside.
"""

import zlib

import numpy as np


def generator(seed, subject, purpose):
    """A random generator that depends on these three values and on nothing else.

    Every quantity draws from a generator of its own purpose, so that asking
    for one more contrast or one more subject changes none of the others.
    """
    return np.random.default_rng([seed, subject, zlib.crc32(purpose.encode())])


class Waves:
    """Random field, a sum of plane waves of random direction and phase.

    Being a formula it has the same value on a slice as in a volume, at any
    sampling, and an exact gradient. Every channel has mean 0 and variance 1.

    Parameters
    ----------
    rng : numpy.random.Generator
    count : int
        Number of waves.
    wavelength : (float, float)
        Shortest and longest wavelength in mm. A narrow band makes a labyrinth
        of even width, a wide one makes clouds.
    channels : int
        Number of fields that share the waves, with signs of their own.
    """

    def __init__(self, rng, count, wavelength, channels=1):
        direction = rng.normal(size=(count, 3))
        direction /= np.linalg.norm(direction, axis=1, keepdims=True)
        shortest, longest = wavelength
        number = 2 * np.pi / rng.uniform(shortest, longest, size=(count, 1))
        # Equal amplitudes: one strong wave would show as stripes.
        amplitude = rng.choice([-1.0, 1.0], size=(channels, count)) * np.sqrt(2 / count)
        self.k = (number * direction).astype(np.float32)
        self.phase = rng.uniform(0, 2 * np.pi, size=(count, 1)).astype(np.float32)
        self.amplitude = amplitude.astype(np.float32)

    def __call__(self, points):
        """Values, shape ``(channels, N)``."""
        values = np.empty((len(self.amplitude), points.shape[1]), np.float32)
        for part in _blocks(points.shape[1]):
            wave = np.cos(self.k @ points[:, part] + self.phase)
            values[:, part] = _sum(self.amplitude, wave)
        return values

    def across(self, points, ray):
        """First channel, of the waves that run across a unit vector `ray` (3, N) at each point.

        A wave counts by the squared sine of its angle with the ray: one that
        runs along it would only shift the value all over a surface.

        Returns
        -------
        value : (N,) array
        gradient : (3, N) array
            Per mm; the change of the ray from point to point is neglected.
        """
        value, gradient = np.empty(points.shape[1], np.float32), np.empty(points.shape, np.float32)
        slope = -(self.k * self.amplitude[:1].T).T
        direction = self.k / np.linalg.norm(self.k, axis=1, keepdims=True)
        for part in _blocks(points.shape[1]):
            angle = self.k @ points[:, part] + self.phase
            weight = 1 - (direction @ ray[:, part]) ** 2
            value[part] = _sum(self.amplitude[:1], weight * np.cos(angle))
            gradient[:, part] = slope @ (weight * np.sin(angle))
        return value, gradient


def _blocks(count, size=2048):
    """Slices short enough for the cache, and for BLAS to stay on one core.

    Its threads gain nothing on matrices this thin, and wait in a busy loop.
    """
    return (slice(start, start + size) for start in range(0, count, size))


def _sum(amplitude, waves):
    # A product with a single row would go to BLAS's gemv, which starts threads even for short ones.
    return amplitude @ waves if len(amplitude) > 1 else np.einsum("ci,ij->cj", amplitude, waves)


def smooth_min(a, b, radius):
    """Minimum whose corner is rounded over `radius` mm (never above the minimum)."""
    h = np.maximum(radius - np.abs(a - b), 0) / radius
    return np.minimum(a, b) - h * h * (radius / 4)


def ellipsoid(points, center, radii, turn=0.0):
    """Distance to an ellipsoid, exact to first order at its surface.

    `turn` rotates it in the axial plane, in radians, front end towards -x.
    """
    x, y, z = (points[i] - np.float32(center[i]) for i in range(3))
    if turn:
        c, s = np.float32(np.cos(turn)), np.float32(np.sin(turn))
        x, y = c * x + s * y, c * y - s * x
    a, b, c = (np.float32(r) for r in radii)
    x, y, z = x / a, y / b, z / c
    level = np.sqrt(x * x + y * y + z * z)
    slope = np.sqrt((x / a) ** 2 + (y / b) ** 2 + (z / c) ** 2)
    tiny = np.float32(1e-6)  # makes the centre as deep as its smallest radius
    return (level - 1) * (level + tiny) / (slope + tiny / min(a, b, c))


def tube(points, path, rounding=3.0):
    """Distance to a tube along a polyline.

    `path` lists ``(x, y, z, radius)``; the radius changes linearly between two
    of them and the joints are rounded.
    """
    distance = None
    for (ax, ay, az, ar), (bx, by, bz, br) in zip(path, path[1:]):
        dx, dy, dz = bx - ax, by - ay, bz - az
        x, y, z = points[0] - np.float32(ax), points[1] - np.float32(ay), points[2] - np.float32(az)
        along = np.float32(1 / (dx * dx + dy * dy + dz * dz))
        t = np.clip((x * np.float32(dx) + y * np.float32(dy) + z * np.float32(dz)) * along, 0, 1)
        x, y, z = x - t * np.float32(dx), y - t * np.float32(dy), z - t * np.float32(dz)
        piece = np.sqrt(x * x + y * y + z * z) - (np.float32(ar) + t * np.float32(br - ar))
        distance = piece if distance is None else smooth_min(distance, piece, rounding)
    return distance
