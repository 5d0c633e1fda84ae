import numpy as np
import pytest

from gan_mri.synthetic.brain import CONTRASTS, TISSUES, tissues
from gan_mri.synthetic.brain.contrasts import FLAIR, MPRAGE, MR, PD_FSE, T2_FSE, ideal
from gan_mri.synthetic.brain.signal import inversion_spin_echo, mprage, null_time, spin_echo


def recover(m, time, t1):
    """Free recovery of the longitudinal magnetisation, Bloch's equation in closed form."""
    return 1 + (m - 1) * np.exp(-time / t1)


def bloch_mprage(t1, t2_star, density, *, tr, ti, te, flip, spacing, pulses):
    """The same sequence pulse by pulse, run until it repeats."""
    m, half = 1.0, pulses // 2
    for _ in range(30):
        m = recover(-m, ti - half * spacing, t1)
        for pulse in range(pulses):
            if pulse == half:
                signal = m * np.sin(np.deg2rad(flip))
            m = recover(m * np.cos(np.deg2rad(flip)), spacing, t1)
        m = recover(m, tr - ti - (pulses - half) * spacing, t1)
    return density * abs(signal) * np.exp(-te / t2_star)


@pytest.mark.parametrize("tissue", [t for t in TISSUES if t.name != "air"], ids=lambda t: t.name)
def test_mprage_is_the_steady_state_of_the_pulse_train(tissue):
    values = tissue.t1, tissue.t2_star, tissue.density
    assert mprage(*values, **MPRAGE) == pytest.approx(bloch_mprage(*values, **MPRAGE), rel=1e-9)


@pytest.mark.parametrize("t1", [400.0, 1000.0, 4000.0])
def test_spin_echoes_follow_the_longitudinal_magnetisation(t1):
    t2, density = 80.0, 0.7
    # The excitation empties z; TR later it has recovered from 0.
    before = recover(0.0, T2_FSE["tr"], t1)
    expected = density * before * np.exp(-T2_FSE["te"] / t2)
    assert spin_echo(t1, t2, density, **T2_FSE) == pytest.approx(expected)
    # The same magnetisation is inverted and recovers for TI.
    before = recover(-recover(0.0, FLAIR["tr"] - FLAIR["ti"], t1), FLAIR["ti"], t1)
    expected = density * abs(before) * np.exp(-FLAIR["te"] / t2)
    assert inversion_spin_echo(t1, t2, density, **FLAIR) == pytest.approx(expected)


def test_flair_nulls_fluid_and_nothing_else():
    assert (
        inversion_spin_echo(
            4000.0, 1500.0, 1.0, tr=9000.0, te=110.0, ti=null_time(4000.0, tr=9000.0)
        )
        < 1e-12
    )
    assert (
        inversion_spin_echo(1331.0, 69.0, 0.8, tr=9000.0, te=110.0, ti=null_time(4000.0, tr=9000.0))
        > 0.05
    )


def signals(contrast):
    """Ideal signal of every tissue by name; white matter of middling coherence."""
    codes = np.arange(len(TISSUES))
    coherence = np.where(codes == tissues.WHITE, 0.3, 0)
    values = ideal(contrast, codes, coherence, np.zeros((3, len(codes)), np.float32))
    assert values.dtype == np.float32
    return {tissue.name: value for tissue, value in zip(TISSUES, values)}


@pytest.mark.parametrize(
    ("contrast", "order"),
    [
        ("T1w", ["fat", "white matter", "thalamus", "grey matter", "csf", "bone", "air"]),
        ("T2w", ["csf", "lesion", "grey matter", "white matter", "pallidum", "bone"]),
        ("PDw", ["lesion", "grey matter", "white matter", "bone"]),
        ("FLAIR", ["lesion", "grey matter", "white matter", "pallidum", "csf"]),
        ("CT", ["bone", "marrow", "grey matter", "white matter", "csf", "fat", "air"]),
        ("FA", ["white matter", "thalamus", "grey matter", "csf"]),
        ("PET", ["putamen", "grey matter", "white matter", "csf"]),
    ],
)
def test_tissues_come_in_the_order_that_radiologists_know(contrast, order):
    values = signals(contrast)
    assert [*sorted(order, key=values.get, reverse=True)] == order


def test_scales():
    assert signals("CT")["air"] == -1000 and 1000 <= signals("CT")["bone"] <= 1500
    assert signals("FA")["csf"] == 0 and signals("FLAIR")["csf"] == pytest.approx(0, abs=0.1)
    brain = [t.name for t in TISSUES[tissues.CSF : tissues.LESION]]
    for contrast in MR:
        assert max(signals(contrast)[name] for name in brain) == pytest.approx(1000)


def test_relaxation_times_are_those_of_the_cited_papers():
    """Wansapura 1999 (T1) and Gelman 1999 (R2, R2'), which give rates per second."""
    by_name = {tissue.name: tissue for tissue in TISSUES}
    assert (by_name["white matter"].t1, by_name["grey matter"].t1) == (832, 1331)
    for name, r2, r2_prime in [
        ("grey matter", 14.4, 3.4),
        ("white matter", 18.0, 3.9),
        ("pallidum", 25.8, 12.0),
    ]:
        assert by_name[name].t2 == pytest.approx(1000 / r2, abs=0.6)
        assert by_name[name].t2_star == pytest.approx(1000 / (r2 + r2_prime), abs=0.6)


def test_every_contrast_varies_within_tissues_but_little():
    texture = np.random.default_rng(0).standard_normal((3, 2000)).astype(np.float32)
    codes, coherence = np.full(2000, tissues.GRAY), np.zeros(2000, np.float32)
    for contrast in CONTRASTS:
        values = ideal(contrast, codes, coherence, texture)
        assert 0.005 < values.std() / values.mean() < 0.2, contrast
    assert PD_FSE["te"] < T2_FSE["te"]
