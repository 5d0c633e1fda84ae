"""From tissues to the ideal image of each contrast, before blur, bias field and noise."""

import numpy as np

from . import tissues
from .epi import EPI
from .field_strength import relaxation
from .named_scanners import SCANNERS
from .signal import inversion_spin_echo, mprage, null_time, spin_echo

#: Sequences at 3 T (those of `SCANNERS` stand there), times in ms and angles in degrees.
MPRAGE = dict(tr=2300.0, ti=900.0, te=3.0, flip=9.0, spacing=7.5, pulses=170)
T2_FSE = dict(tr=5000.0, te=95.0)
PD_FSE = dict(tr=3500.0, te=15.0)
#: Spin echo, echo-planar, diffusion weighting of 0.
B0 = dict(tr=8000.0, te=90.0)
FLAIR = dict(tr=9000.0, te=110.0, ti=float(null_time(tissues.TISSUES[tissues.CSF].t1, tr=9000.0)))

MR = {
    "T1w": lambda t1, t2, t2_star, density: mprage(t1, t2_star, density, **MPRAGE),
    "T2w": lambda t1, t2, t2_star, density: spin_echo(t1, t2, density, **T2_FSE),
    "PDw": lambda t1, t2, t2_star, density: spin_echo(t1, t2, density, **PD_FSE),
    "FLAIR": lambda t1, t2, t2_star, density: inversion_spin_echo(t1, t2, density, **FLAIR),
} | dict.fromkeys(EPI, lambda t1, t2, t2_star, density: spin_echo(t1, t2, density, **B0))
MR |= {name: scanner.signal for name, scanner in SCANNERS.items()}
CONTRASTS = ("T1w", "T2w", "PDw", "FLAIR", "CT", "FA", "PET", *EPI, *SCANNERS)
#: What no scanner sees: the tissue of the greatest part of a voxel, its place in `TISSUES`.
TISSUE = "tissue"

#: The brightest tissue of a healthy brain has this value in every MR contrast, arbitrary units.
BRIGHTEST = 1000.0

# T1, T2, T2* of all tissues where the contrast is taken, and proton density, which is one.
_TIMES = dict.fromkeys(MR, tuple(map(tissues.table, ("t1", "t2", "t2_star"))))
_TIMES |= {name: relaxation(scanner.field_strength) for name, scanner in SCANNERS.items()}
_DENSITY = tissues.table("density")
# Echo-planar images are taken with fat suppressed, which would be centimetres away.
_WATER = np.ones(len(tissues.TISSUES), np.float32)
_WATER[[tissues.FAT, tissues.MARROW]] = 0.05
_HOUNSFIELD, _FA, _UPTAKE = map(tissues.table, ("hounsfield", "fa", "uptake"))
_BRAIN = slice(tissues.CSF, tissues.LESION)
_GAIN = {
    name: BRIGHTEST
    / float(np.max(signal(*(times[_BRAIN] for times in _TIMES[name]), _DENSITY[_BRAIN])))
    for name, signal in MR.items()
}


def ideal(contrast, codes, coherence, texture):
    """Signal at points, each of one tissue.

    Parameters
    ----------
    contrast : str
        One of `CONTRASTS`.
    codes : (N,) array of int
        Tissue codes.
    coherence : (N,) array
        How parallel the fibres are, 0 to 1; 0 outside white matter.
    texture : (3, N) array
        Natural variation within tissues, mean 0 and variance 1: of T1, of T2, of what fills the
        voxel.

    Returns
    -------
    (N,) float32 array
        Arbitrary units, Hounsfield units, FA or SUV.
    """
    a, b, c = np.clip(texture, -2.5, 2.5)
    if contrast in MR:
        t1, t2, t2_star = (times[codes] for times in _TIMES[contrast])
        t1, density = t1 * (1 + 0.02 * a), _DENSITY[codes] * (1 + 0.012 * c)
        t2, t2_star = t2 * (1 + 0.025 * b), t2_star * (1 + 0.025 * b)
        signal = _GAIN[contrast] * MR[contrast](t1, t2, t2_star, density)
        if contrast in EPI:
            signal = signal * _WATER[codes]
    elif contrast == "CT":
        # Bone varies with its density by tens of units, soft tissue hardly.
        spread = np.full(len(tissues.TISSUES), 1.5, np.float32)
        spread[[tissues.BONE, tissues.MARROW]] = 90
        spread[tissues.AIR] = 0
        signal = _HOUNSFIELD[codes] + spread[codes] * c
    elif contrast == "FA":
        fa = _FA[codes]
        signal = np.clip((fa + (tissues.COHERENT_FA - fa) * coherence) * (1 + 0.12 * b), 0, 1)
    else:
        signal = _UPTAKE[codes] * (1 + 0.06 * c)
    return signal.astype(np.float32, copy=False)
