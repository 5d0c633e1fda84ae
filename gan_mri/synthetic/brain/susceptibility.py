"""The magnetic field that a head makes of the scanner's: susceptibilities, dipole field, shim.

Volume susceptibilities in ppm (SI) of Schenck 1996, Med Phys 23:815: air 0.36, water at body
temperature -9.05, cortical bone -8.86. He finds soft tissues within 2 ppm of water; here all
of them, fat and marrow too, are water. What bends the field is air against everything else,
9.4 ppm.

The field is that of the forward model of Salomir, De Senneville and Moonen 2003, Concepts in
Magnetic Resonance 19B:26, and of Marques and Bowtell 2005, Concepts in Magnetic Resonance
25B:65: with the main field along z, the spectrum of the susceptibility times
`1/3 - kz^2 / k^2`.
"""

import numpy as np
from scipy import fft
from scipy.ndimage import gaussian_filter, map_coordinates

from . import tissues
from .grid import FIELD_OF_VIEW, TOP, HeadGrid
from .head import CENTER

#: Susceptibility in ppm by tissue code.
SUSCEPTIBILITY = np.full(len(tissues.TISSUES), -9.05)
SUSCEPTIBILITY[tissues.AIR], SUSCEPTIBILITY[tissues.BONE] = 0.36, -8.86

#: Precession of protons, Hz for a field of 1 T and a deviation of 1 ppm.
HZ_PER_PPM = 42.577

_CELL = 4.0  # mm
_NECK = 100.0  # mm of neck that go on below the field of view, as they do below a real head
_SHIMMED_ABOVE = -18.0  # mm: brain above the eyes


def dipole_field(susceptibility, spacing):
    """What a distribution of susceptibility adds to a uniform field along the last axis.

    The Lorentz sphere is taken off, and so is the mean over all space: inside of a
    uniform sphere the result is 0, outside `(chi / 3) (a / r)^3 (3 cos^2 - 1)`. The array is
    padded to twice its size with zeros, so that its copies in the discrete Fourier
    transform stay far.

    Parameters
    ----------
    susceptibility : (X, Y, Z) array
        In ppm, relative to what surrounds the array.
    spacing : (float, float, float)
        Voxel size in mm.

    Returns
    -------
    (X, Y, Z) float array
        In ppm of the main field.
    """
    shape = susceptibility.shape
    padded = [fft.next_fast_len(2 * length, real=True) for length in shape]
    x, y, z = (
        transform(length, step).reshape([-1 if i == axis else 1 for i in range(3)])
        for axis, (length, step, transform) in enumerate(
            zip(padded, spacing, (fft.fftfreq, fft.fftfreq, fft.rfftfreq))
        )
    )
    square = x**2 + y**2 + z**2
    square[0, 0, 0] = 1
    kernel = 1 / 3 - z**2 / square
    kernel[0, 0, 0] = 0
    field = fft.irfftn(kernel * fft.rfftn(susceptibility, padded), padded)
    return field[tuple(map(slice, shape))]


class HeadField:
    """The field in and about one head, in ppm, after a shim of first order.

    It is computed on cells of 4 mm that hold the whole head, whatever image is asked for: a
    slice sees the field of the same air as a volume. The neck goes on below as it is at the
    lower end. Field gradients, the three of first order and a constant, are fitted to the
    brain above the eyes and taken off, as every scanner does before it measures; most take
    off the second order too and leave somewhat less. The result is smoothed by a Gaussian of
    one cell.

    Parameters
    ----------
    anatomy : gan_mri.synthetic.brain.anatomy.Anatomy
    """

    def __init__(self, anatomy):
        shape = tuple(int(length // _CELL) for length in FIELD_OF_VIEW)
        affine = np.diag([_CELL, _CELL, _CELL, 1.0])
        affine[:3, 3] = (
            -_CELL * (shape[0] - 1) / 2,
            CENTER[1] - _CELL * (shape[1] - 1) / 2,
            TOP - _CELL * (shape[2] - 0.5),
        )
        self.cells = HeadGrid(shape, affine, (_CELL, _CELL, _CELL))
        points = self.cells.points(slice(0, shape[0]), (1, 1, 1))
        codes = anatomy.at(points)[0]
        chi = (SUSCEPTIBILITY[codes] - SUSCEPTIBILITY[tissues.AIR]).reshape(shape)
        below = int(_NECK // _CELL)
        chi = np.pad(chi, ((0, 0), (0, 0), (below, 0)), mode="edge")
        field = dipole_field(chi, self.cells.spacing)[:, :, below:]
        field -= _shim(field.ravel(), points, codes).reshape(shape)
        self.ppm = gaussian_filter(field, 1.0, mode="nearest")

    def at(self, points):
        """The field at (3, N) points in scanner mm, in ppm, by cubic splines."""
        origin = self.cells.affine[:3, 3, np.newaxis]
        return map_coordinates(self.ppm, (points - origin) / _CELL, order=3, mode="nearest")


def _shim(field, points, codes):
    """The constant and the three gradients that fit the field of the brain best, everywhere."""
    shimmed = (codes >= tissues.CSF) & (points[2] > _SHIMMED_ABOVE)
    terms = np.vstack([np.ones(points.shape[1]), points.astype(float)])
    weights = np.linalg.lstsq(terms[:, shimmed].T, field[shimmed], rcond=None)[0]
    return weights @ terms
