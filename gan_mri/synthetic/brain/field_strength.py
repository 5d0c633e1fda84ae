"""Relaxation times at other field strengths than the 3 T of `tissues`.

* T1 grows with a power of the field, T1 = T1(3 T) (B0 / 3 T)^b. For brain tissue b = 0.38, of
  white matter in Rooney et al. 2007, MRM 57:308; their fluid does not change, b = 0. Skin and
  bone are taken for brain tissue.
* Muscle, fat and marrow have the b that leads through the values of one paper at 1.5 and 3 T:
  muscle 1008 and 1412 ms (Stanisz et al. 2005, MRM 54:507), subcutaneous fat 343 and 382 ms,
  marrow of a vertebra 549 and 586 ms (de Bazelaire et al. 2004, Radiology 230:652).
* T2 is the same from 1.5 to 3 T (Stanisz et al. 2005: "similar").
* T2*: R2* = R2 + R2', and R2', which differences in susceptibility cause, grows as the field does.

The values of de Bazelaire at 3 T and Stanisz's word on T2 were read in the abstracts; Rooney's
exponent and the values at 1.5 T are cited from memory.
"""

import numpy as np

from . import tissues

#: T, of `tissues.TISSUES`.
REFERENCE = 3.0

_EXPONENT = np.full(len(tissues.TISSUES), 0.38, np.float32)
_EXPONENT[tissues.CSF] = 0.0
for _code, _low, _high in (
    (tissues.MUSCLE, 1008, 1412),
    (tissues.FAT, 343, 382),
    (tissues.MARROW, 549, 586),
):
    _EXPONENT[_code] = np.log(_high / _low) / np.log(3.0 / 1.5)


def relaxation(field_strength):
    """T1, T2 and T2* of all tissues at a field strength.

    Parameters
    ----------
    field_strength : float
        T, from about 1 to 3: beyond, T2 changes too.

    Returns
    -------
    t1, t2, t2_star : float32 arrays
        ms, indexed by tissue code.

    Examples
    --------
    >>> t1, t2, t2_star = relaxation(1.5)
    >>> round(float(t1[tissues.WHITE]))
    639
    """
    t1, t2, t2_star = map(tissues.table, ("t1", "t2", "t2_star"))
    ratio = np.float32(field_strength / REFERENCE)
    return t1 * ratio**_EXPONENT, t2, 1 / (1 / t2 + (1 / t2_star - 1 / t2) * ratio)
