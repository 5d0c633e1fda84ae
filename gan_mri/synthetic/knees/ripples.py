"""Random textures on a raster."""

import numpy as np

#: Multiplications in a matrix product for which BLAS stays on one core: its threads wait in a busy
#: loop.
_PRODUCT = 200_000


class Ripples:
    """Random field in the image plane, a sum of plane waves.

    Being a formula it is the same at every resolution. Waves that a raster
    cannot show fade as under a box of the size of a sample, so that coarse
    rasters show the mean and no moire. Mean 0, variance 1 before fading.

    Parameters
    ----------
    rng : numpy.random.Generator
    count : int
        Number of waves.
    wavelength : (float, float)
        Shortest and longest, mm; drawn evenly on a logarithmic scale.
    along, spread : float
        The waves travel within `spread` radians of the direction `along`
        (radians, 0 is right). The default is every direction.
    rough : float
        Amplitudes grow with this power of the wavelength: 0 gives grain, 1 clouds.
    """

    def __init__(self, rng, count, wavelength, *, along=0.0, spread=np.pi / 2, rough=0.0):
        shortest, longest = wavelength
        length = np.exp(rng.uniform(np.log(shortest), np.log(longest), size=(count, 1)))
        angle = along + rng.uniform(-spread, spread, size=(count, 1))
        amplitude = length**rough
        amplitude *= np.sqrt(2 / (amplitude**2).sum())
        self.right = 2 * np.pi / length * np.cos(angle)
        self.up = 2 * np.pi / length * np.sin(angle)
        self.phase = rng.uniform(0, 2 * np.pi, size=(count, 1))
        self.amplitude = amplitude

    def __call__(self, raster):
        """Values at the samples of a raster, float32."""
        box = np.sinc(self.right * raster.step / (2 * np.pi)) * np.sinc(
            self.up * raster.step / (2 * np.pi)
        )
        # cos(a + b) = cos a cos b - sin a sin b: a product of thin matrices instead of a cosine per
        # sample and wave.
        columns, rows = self.right * raster.right + self.phase, self.up * raster.up
        size = self.amplitude * box
        left = np.concatenate([size * np.cos(rows), -size * np.sin(rows)]).T.astype(np.float32)
        right = np.concatenate([np.cos(columns), np.sin(columns)]).astype(np.float32)
        values = np.empty((len(left), right.shape[1]), np.float32)
        block = max(1, _PRODUCT // right.size)
        for start in range(0, len(left), block):
            values[start : start + block] = left[start : start + block] @ right
        return values
