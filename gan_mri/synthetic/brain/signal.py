"""Signal equations: what a scanner measures of a tissue.

All times in ms; T1, T2, T2* and proton density may be arrays. Signals are
magnitudes relative to the full magnetisation of water.
"""

import numpy as np


def spin_echo(t1, t2, density, *, tr, te):
    """Spin echo, TE much shorter than TR; for a fast spin echo TE is the effective one.

    ``S = PD (1 - exp(-TR / T1)) exp(-TE / T2)``
    """
    return density * (1 - np.exp(-tr / t1)) * np.exp(-te / t2)


def spoiled_gradient_echo(t1, t2_star, density, *, tr, te, flip):
    """Gradient echoes in a steady state without transverse magnetisation (FLASH, SPGR; Ernst
    and Anderson 1966, Rev Sci Instrum 37:93; Haase et al. 1986, JMR 67:258).

    ``S = PD sin(flip) (1 - E) / (1 - E cos(flip)) exp(-TE / T2*)`` with ``E = exp(-TR / T1)``,
    `flip` in degrees.
    """
    angle, one = np.deg2rad(flip), np.exp(-tr / t1)
    steady = (1 - one) / (1 - one * np.cos(angle))
    return density * np.sin(angle) * steady * np.exp(-te / t2_star)


def inversion_spin_echo(t1, t2, density, *, tr, te, ti):
    """Spin echo after an inversion (FLAIR when TI nulls the fluid; Hajnal et al. 1992, JCAT
    16:841).

    ``S = PD |1 - 2 exp(-TI / T1) + exp(-TR / T1)| exp(-TE / T2)``
    """
    return density * np.abs(1 - 2 * np.exp(-ti / t1) + np.exp(-tr / t1)) * np.exp(-te / t2)


def null_time(t1, *, tr):
    """Inversion time in ms at which `inversion_spin_echo` gives nothing for this T1."""
    return t1 * np.log(2 / (1 + np.exp(-tr / t1)))


def mprage(t1, t2_star, density, *, tr, ti, te, flip, spacing, pulses):
    """Inversion, then a train of small flips: MPRAGE (Mugler and Brookeman 1990, MRM 15:152).

    Bloch's equations are solved for the periodic steady state with perfect
    inversion and spoiling; the signal is the one of the middle of the train,
    where the centre of k-space is read. Between two flips, with
    ``E = exp(-spacing / T1)``, the longitudinal magnetisation follows
    ``m -> 1 - E + E cos(flip) m``, so that the train leads towards
    ``(1 - E) / (1 - E cos(flip))``; before and after it, m recovers freely.

    Parameters
    ----------
    tr, ti, te : float
        Inversion to inversion, inversion to the middle of the train, echo time; ms.
    flip : float
        Flip angle in degrees.
    spacing : float
        Time from one small flip to the next, ms.
    pulses : int
        Small flips in a train.
    """
    angle = np.deg2rad(flip)
    half = pulses // 2
    before = ti - half * spacing
    after = tr - before - pulses * spacing
    one = np.exp(-spacing / t1)
    kept = one * np.cos(angle)
    limit = (1 - one) / (1 - kept)
    e_before, e_after = np.exp(-before / t1), np.exp(-after / t1)
    # m before the inversion is a linear function of itself one period earlier.
    gain = -e_before * kept**pulses * e_after
    offset = ((1 - e_before) * kept**pulses + limit * (1 - kept**pulses)) * e_after + 1 - e_after
    start = offset / (1 - gain)
    middle = (1 - e_before - e_before * start) * kept**half + limit * (1 - kept**half)
    return density * np.abs(middle) * np.sin(angle) * np.exp(-te / t2_star)
