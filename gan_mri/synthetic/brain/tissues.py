"""What each tissue is made of: relaxation at 3 T, CT number, diffusion, uptake.

T1, T2 and T2* are in ms at 3 T, proton density is relative to water, CT in
Hounsfield units, FA without unit, uptake of FDG in SUV.

* T1 of white and cortical grey matter: Wansapura et al. 1999, JMRI 9:531
  (832 and 1331 ms).
* T2 and T2* of cortex, white matter and pallidum: Gelman et al. 1999,
  Radiology 210:759 (R2 = 14.4, 18.0, 25.8 /s; R2' = 3.4, 3.9, 12.0 /s, and
  R2* = R2 + R2'). Putamen, caudate and thalamus stand between cortex and
  pallidum in the order of their iron, as that paper found; rounded.
* Muscle: Stanisz et al. 2005, MRM 54:507 (1412 and 50 ms).
  Fat: de Bazelaire et al. 2004, Radiology 230:652 (382 and 68 ms).
* FA of white matter runs from the value below, just under the cortex, to
  `COHERENT_FA` in the corpus callosum: the range of Pierpaoli et al. 1996,
  Radiology 201:637, rounded.
* Everything else (T1 of the nuclei, CSF, skin, marrow, bone, plaques, proton
  densities, CT numbers, uptake) is a rounded textbook value.

The images are plausible, not quantitative: do not measure T1 with them.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Tissue:
    """One tissue. Times in ms, CT number in HU, uptake in SUV."""

    name: str
    t1: float
    t2: float
    t2_star: float
    density: float
    hounsfield: float
    fa: float
    uptake: float


#: The code of a tissue in `PhantomSubject.labels` is its place in this tuple.
TISSUES = (
    #      name            T1    T2    T2*   PD    HU     FA    SUV
    Tissue("air", 1000, 100, 50, 0.00, -1000, 0.00, 0.0),
    Tissue("skin", 1000, 35, 20, 0.70, 60, 0.00, 0.8),
    Tissue("fat", 382, 68, 30, 0.65, -100, 0.00, 0.3),
    Tissue("muscle", 1412, 50, 25, 0.75, 55, 0.00, 0.8),
    Tissue("bone", 300, 0.5, 0.4, 0.20, 1200, 0.00, 0.2),
    Tissue("marrow", 550, 55, 12, 0.55, 500, 0.00, 0.6),
    Tissue("csf", 4000, 1500, 500, 1.00, 5, 0.00, 0.6),
    Tissue("grey matter", 1331, 69, 56, 0.82, 38, 0.15, 7.5),
    Tissue("white matter", 832, 56, 46, 0.70, 29, 0.25, 2.8),
    Tissue("caudate", 1280, 58, 42, 0.81, 38, 0.18, 8.2),
    Tissue("putamen", 1200, 53, 38, 0.80, 39, 0.16, 8.6),
    Tissue("pallidum", 1000, 39, 26, 0.74, 40, 0.25, 5.0),
    Tissue("thalamus", 1080, 60, 44, 0.77, 36, 0.28, 7.2),
    Tissue("lesion", 1300, 105, 75, 0.84, 24, 0.22, 2.2),
)

AIR, SKIN, FAT, MUSCLE, BONE, MARROW, CSF, GRAY, WHITE = range(9)
CAUDATE, PUTAMEN, PALLIDUM, THALAMUS, LESION = range(9, 14)

#: FA of white matter where all its fibres are parallel.
COHERENT_FA = 0.80


def table(attribute):
    """One property of all tissues, indexed by tissue code, float32."""
    return np.array([getattr(tissue, attribute) for tissue in TISSUES], np.float32)
