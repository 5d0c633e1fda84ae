"""The phantom: synthetic subjects with registered images of several contrasts."""

from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np

from gan_mri.errors import GanMriError

from .anatomy import Anatomy
from .contrasts import CONTRASTS, TISSUE
from .epi import BLIPS, epi_displacement
from .grid import grid
from .scanner import acquire, sample


@dataclass(frozen=True, eq=False)
class PhantomSubject:
    """One synthetic subject.

    Attributes
    ----------
    subject : str
        ``"sub-001"`` for number 0.
    images : dict of str to float32 array
        One image or volume per contrast, all on the same grid. MR contrasts
        are in arbitrary units (the brightest brain tissue is at 1000 before
        the bias field), CT in Hounsfield units, FA between 0 and 1, PET in SUV,
        tissue as `labels`.
    labels : uint8 array
        Tissue code of the greatest part of each voxel: its place in
        `gan_mri.synthetic.brain.TISSUES`.
    lesions : bool array
        Voxels of which at least half is lesion.
    affine : (4, 4) array
        From voxel indices to mm, RAS+. For a 2D image the indices are
        (row, column, 0): rows run from front to back, columns from left to
        right of the subject.
    displacement : float32 array, optional
        Where b0_AP or b0_PA is asked for: by how many voxels the field moves the
        signal of each voxel in b0_AP, towards greater indices of the axis between
        front and back (0 of images, 1 of volumes); in b0_PA it is the negative.
    """

    subject: str
    images: dict
    labels: np.ndarray
    lesions: np.ndarray
    affine: np.ndarray
    displacement: np.ndarray | None = None


def phantom(
    subjects=1,
    *,
    contrasts=("T1w", "T2w"),
    shape=(64, 64),
    seed=0,
    lesions=False,
    noise=0.02,
    bias_field=0.2,
):
    """Synthetic subjects with perfectly registered images of several contrasts.

    Every subject has an anatomy of its own: head, skull, fluid, folded cortex,
    white matter, ventricles and deep nuclei, at a pose of its own. The images
    follow from published relaxation times (`brain_phantom.tissues`) and the
    signal equations (`brain_phantom.signal`), with partial volume, blur, a
    smooth bias field and Rician noise. A 2D image is the axial slice through
    the basal ganglia of the same head that a 3D shape shows whole.

    Parameters
    ----------
    subjects : int or iterable of int
        How many, or which ones: 3 is the same as ``range(3)``. Subject k of a
        seed is the same whatever other subjects, contrasts and options are
        asked for.
    contrasts : sequence of str
        Any of T1w (MPRAGE), T2w, PDw (fast spin echo), FLAIR, CT, FA, PET (FDG),
        tissue (the labels as an image, without blur, bias field and noise); b0_AP and
        b0_PA, echo-planar images that the head's magnetic field distorts
        (`gan_mri.synthetic.brain.epi`), and b0, the same without distortion; T1w-scanner1,
        T1w-scanner2 and T1w-scanner3, the T1w of three scanners
        (`gan_mri.synthetic.brain.named_scanners`).
    shape : (H, W) or (X, Y, Z)
        Axial images, front of the head in the first row; or volumes, RAS+.
        Voxels are isotropic in the axial plane and as large as it takes to
        hold the head (184 by 224 mm); the slices of a volume are at least as
        thick as the voxels are wide and cover 190 mm.
    seed : int
        Zero or more. Another seed gives another population.
    lesions : bool
        Whether the white matter has plaques of multiple sclerosis. The healthy
        tissue around them is the same either way.
    noise : float
        Standard deviation of the noise in each channel: 0.02 means 20 for an
        MR contrast (2 % of the brightest brain tissue), 5 HU in CT, 0.02 in
        FA, 0.2 SUV in PET; scanner2 and scanner3 have twice and 1.5 times as much.
    bias_field : float
        The bias field of MR contrasts lies within exp(-bias_field) and
        exp(bias_field); of scanner2 and scanner3 the logarithm is twice and 1.5 times as large.

    Returns
    -------
    list of PhantomSubject

    Raises
    ------
    GanMriError
        An argument is not as described; the message names it.

    Examples
    --------
    >>> first, second = phantom(2, contrasts=("T1w", "CT"), shape=(64, 48))
    >>> first.subject, first.images["CT"].shape, first.images["CT"].dtype
    ('sub-001', (64, 48), dtype('float32'))
    """
    numbers = subject_numbers(subjects)
    contrasts = _contrasts(contrasts)
    cells, shape = grid(shape), tuple(int(n) for n in shape)
    seed = _integer("seed", seed, least=0)
    noise, bias_field = _amount("noise", noise), _amount("bias_field", bias_field)
    if not isinstance(lesions, (bool, np.bool_)):
        raise GanMriError(f"lesions: expected True or False. Received: {lesions!r}.")

    def make(number):
        anatomy = Anatomy(seed, number, lesions=lesions)
        images, labels, mask = sample(anatomy, cells, contrasts)
        moved = epi_displacement(anatomy, cells) if BLIPS.keys() & set(contrasts) else None
        for name, image in images.items():
            image = acquire(
                image,
                name,
                cells,
                seed=seed,
                subject=number,
                noise=noise,
                bias_field=bias_field,
                displacement=moved,
            )
            images[name] = image.astype(np.float32, copy=False).reshape(shape)
        return PhantomSubject(
            f"sub-{number + 1:03d}",
            images,
            labels.reshape(shape),
            mask.reshape(shape),
            cells.affine.copy(),
            None if moved is None else moved.reshape(shape),
        )

    return [make(number) for number in numbers]


def subject_numbers(subjects):
    """The subject numbers that the argument `subjects` of `phantom` means."""
    if isinstance(subjects, Integral) and not isinstance(subjects, bool):
        return list(range(_integer("subjects", subjects, least=1)))
    if isinstance(subjects, (str, bytes)) or not hasattr(subjects, "__iter__"):
        raise GanMriError(
            "subjects: expected a number of subjects or an iterable of numbers. Received: "
            f"{subjects!r}."
        )
    numbers = [_integer("subjects", number, least=0) for number in subjects]
    if not numbers:
        raise GanMriError("subjects: expected at least one subject. Received none.")
    if len(set(numbers)) < len(numbers):
        raise GanMriError(f"subjects: expected each number once. Received: {numbers}.")
    return numbers


def _contrasts(contrasts):
    names = (
        (contrasts,)
        if isinstance(contrasts, str) or not hasattr(contrasts, "__iter__")
        else tuple(contrasts)
    )
    known = ", ".join((*CONTRASTS, TISSUE))
    if isinstance(contrasts, str) or not names or len(set(map(str, names))) < len(names):
        raise GanMriError(
            f"contrasts: expected a sequence of different names out of {known}. Received: "
            f"{contrasts!r}."
        )
    for name in names:
        if name not in (*CONTRASTS, TISSUE):
            raise GanMriError(f"contrasts: the phantom knows {known}. Received: {name!r}.")
    return names


def _integer(argument, value, *, least):
    if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
        raise GanMriError(
            f"{argument}: expected a whole number of at least {least}. Received: {value!r}."
        )
    return int(value)


def _amount(argument, value):
    if not isinstance(value, Real) or isinstance(value, bool) or not 0 <= value < np.inf:
        raise GanMriError(f"{argument}: expected a number of at least 0. Received: {value!r}.")
    return float(value)
