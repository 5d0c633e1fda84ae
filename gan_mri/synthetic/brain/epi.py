"""Echo-planar images: where the field moves what is measured, and what piles up there.

An echo-planar image reads one line of k-space after another, `ECHO_SPACING` apart. Along these
lines, the phase-encoding axis, a voxel is only `1 / (lines * ECHO_SPACING)` Hz wide, so that a
field that is off by 20 Hz moves the signal by more than a voxel (Jezzard and Balaban 1995,
MRM 34:65). The signal moves, it is not lost: where lines are pressed together it piles up,
where they are drawn apart it is thin. The opposite order of the lines, the other *blip*, moves
it the other way (Andersson, Skare and Ashburner 2003, NeuroImage 20:870).

Left out: the loss of signal within a voxel, which a spin echo refocuses; the blur by T2* along
the lines beyond the one of all directions (`scanner.BLUR`); motion and eddy currents. The
coil's sensitivity, which is smooth over 260 mm, is taken where the signal is seen.
"""

import numpy as np

from .susceptibility import HZ_PER_PPM, HeadField

#: T, and s from one line to the next: a scanner of 3 T without parallel imaging.
FIELD_STRENGTH, ECHO_SPACING = 3.0, 0.75e-3

#: Contrasts whose signal is moved, and which way along `PhantomSubject.displacement`: lines from
#: front to back (BIDS "j-") and from back to front ("j").
BLIPS = {"b0_AP": 1.0, "b0_PA": -1.0}
#: All echo-planar contrasts; "b0" is what they would be in a perfect field.
EPI = ("b0", *BLIPS)


def phase_encoding_axis(grid):
    """The axis of an array that runs along the subject's back and front: 0 of slices, else 1."""
    return int(np.argmax(np.abs(grid.affine[1, :3])))


def epi_displacement(anatomy, grid, *, field_strength=FIELD_STRENGTH, echo_spacing=ECHO_SPACING):
    """How far the field of a head moves the signal of each voxel when lines run front to back.

    Parameters
    ----------
    anatomy : gan_mri.synthetic.brain.anatomy.Anatomy
    grid : gan_mri.synthetic.brain.grid.HeadGrid
        One line for each voxel along the phase-encoding axis.
    field_strength : float
        T.
    echo_spacing : float
        Seconds.

    Returns
    -------
    float32 array of `grid.shape`
        In voxels towards greater indices along `phase_encoding_axis(grid)`; of lines from
        back to front the negative. A higher field moves the signal along the order of the
        lines.
    """
    axis = phase_encoding_axis(grid)
    ppm = HeadField(anatomy).at(grid.points(slice(0, grid.shape[0]), (1, 1, 1)))
    towards_back = -np.sign(grid.affine[1, axis])
    voxels = HZ_PER_PPM * field_strength * echo_spacing * grid.shape[axis] * towards_back * ppm
    return voxels.reshape(grid.shape).astype(np.float32)


def push(image, displacement, axis):
    """Move the signal of every voxel along an axis; none is lost and none is made.

    Each voxel is a box, evenly filled. Its two faces move by the mean displacement of the
    voxels on either side, and what is between them is shared out exactly among the voxels
    that it comes to lie in: a stretched box is thinner, a narrow one denser, and one whose
    faces have crossed lies over others. What leaves at one end comes in at the other, as
    aliased signal does. Without displacement the image stays what it is.

    Parameters
    ----------
    image : array
    displacement : array of the same shape
        In voxels towards greater indices.
    axis : int

    Returns
    -------
    float64 array
        Of the same shape and, along `axis`, the same sums.
    """
    signal = np.moveaxis(np.asarray(image, np.float64), axis, -1)
    shift = np.moveaxis(np.asarray(displacement, np.float64), axis, -1)
    shape, length = signal.shape, signal.shape[-1]
    signal, shift = signal.reshape(-1, length), shift.reshape(-1, length)
    between = np.concatenate(
        [shift[:, :1], (shift[:, 1:] + shift[:, :-1]) / 2, shift[:, -1:]], axis=1
    )
    # In units in which voxel i lies between i and i + 1.
    faces = np.arange(length + 1) + between
    low, high = np.minimum(faces[:, :-1], faces[:, 1:]), np.maximum(faces[:, :-1], faces[:, 1:])
    # A box pressed to nothing keeps a width that can be divided by.
    high = np.maximum(high, low + 1e-6)
    density = signal / (high - low)
    first = np.floor(low).astype(np.int64)
    start = np.arange(len(signal))[:, np.newaxis] * length
    pushed = np.zeros(signal.size)
    for step in range(int((np.ceil(high) - first).max(initial=0))):
        voxel = first + step
        overlap = np.clip(np.minimum(high, voxel + 1) - np.maximum(low, voxel), 0, None)
        place = start + voxel % length
        pushed += np.bincount(place.ravel(), (density * overlap).ravel(), signal.size)
    return np.moveaxis(pushed.reshape(shape), -1, axis)


def distort(image, contrast, displacement, grid):
    """The image as lines in the order of `contrast`, one of `BLIPS`, show it.

    Parameters
    ----------
    image : float32 array of `grid.shape`
    contrast : str
    displacement : array
        Of `epi_displacement`.
    grid : gan_mri.synthetic.brain.grid.HeadGrid

    Returns
    -------
    float32 array
    """
    moved = push(image, BLIPS[contrast] * displacement, phase_encoding_axis(grid))
    return moved.astype(np.float32)
