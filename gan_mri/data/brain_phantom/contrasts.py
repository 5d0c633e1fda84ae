"""From tissues to the ideal image of each contrast, before blur, bias and noise."""

import numpy as np

from . import tissues
from .signal import inversion_spin_echo, mprage, null_time, spin_echo

#: Sequences at 3 T, in ms and degrees.
MPRAGE = dict(tr=2300.0, ti=900.0, te=3.0, flip=9.0, spacing=7.5, pulses=170)
T2_FSE = dict(tr=5000.0, te=95.0)
PD_FSE = dict(tr=3500.0, te=15.0)
FLAIR = dict(tr=9000.0, te=110.0)
FLAIR["ti"] = float(null_time(tissues.TISSUES[tissues.CSF].t1, tr=FLAIR["tr"]))

MR = {
    "T1w": lambda t1, t2, t2_star, density: mprage(t1, t2_star, density, **MPRAGE),
    "T2w": lambda t1, t2, t2_star, density: spin_echo(t1, t2, density, **T2_FSE),
    "PDw": lambda t1, t2, t2_star, density: spin_echo(t1, t2, density, **PD_FSE),
    "FLAIR": lambda t1, t2, t2_star, density: inversion_spin_echo(t1, t2, density, **FLAIR),
}
CONTRASTS = (*MR, "CT", "FA", "PET")

#: The brightest brain tissue of an MR contrast has this value, in arbitrary units.
WHITE_LEVEL = 1000.0
PROPERTIES = {name: tissues.table(name) for name in ("t1", "t2", "t2_star", "density", "hounsfield", "fa", "uptake")}


def nominal(contrast):
    """Signal of every tissue, by code, as it is without variation: MR units, HU, FA or SUV."""
    codes = np.arange(len(tissues.TISSUES))
    coherence = np.full(len(codes), 0.25, np.float32)
    return ideal(contrast, codes, coherence, np.zeros((3, len(codes)), np.float32))


def ideal(contrast, codes, coherence, texture):
    """Signal at points without partial volume.

    Parameters
    ----------
    contrast : str
        One of `CONTRASTS`.
    codes : (N,) array of int
        Tissue codes.
    coherence : (N,) array
        How parallel the fibres are, 0 to 1; white matter only.
    texture : (3, N) array
        Natural variation within tissues, mean 0 and standard deviation 1.
    """
    a, b, c = np.clip(texture, -2.5, 2.5)
    value = {name: array[codes] for name, array in PROPERTIES.items() if name in _NEEDS[contrast]}
    if contrast in MR:
        signal = MR[contrast](
            value["t1"] * (1 + 0.02 * a - 0.05 * (coherence - 0.25)),
            value["t2"] * (1 + 0.025 * b),
            value["t2_star"] * (1 + 0.025 * b),
            value["density"] * (1 + 0.012 * c),
        )
        return (_GAIN[contrast] * signal).astype(np.float32)
    if contrast == "CT":
        hard = np.isin(codes, (tissues.BONE, tissues.MARROW))
        soft = codes != tissues.AIR
        return value["hounsfield"] + np.where(hard, 90 * a, 1.5 * soft * a)
    if contrast == "FA":
        low, high = tissues.WHITE_FA
        white = codes == tissues.WHITE
        fa = np.where(white, low + (high - low) * coherence, value["fa"])
        return np.clip(fa * (1 + np.where(white, 0.16, 0.10) * b), 0, 1)
    return value["uptake"] * (1 + 0.06 * c)


_NEEDS = {name: ("t1", "t2", "t2_star", "density") for name in MR}
_NEEDS |= {"CT": ("hounsfield",), "FA": ("fa",), "PET": ("uptake",)}
_BRAIN = slice(tissues.CSF, tissues.LESION)
_GAIN = {
    name: WHITE_LEVEL / float(np.max(signal(*(PROPERTIES[n][_BRAIN] for n in _NEEDS[name]))))
    for name, signal in MR.items()
}
