import numpy as np
import pytest

from gan_mri.synthetic.brain import TISSUES, tissues
from gan_mri.synthetic.brain.field_strength import relaxation


def test_at_3_tesla_it_is_the_table():
    for times, attribute in zip(relaxation(3.0), ("t1", "t2", "t2_star")):
        np.testing.assert_allclose(times, tissues.table(attribute), rtol=1e-6)
        assert times.dtype == np.float32


def test_t1_at_half_the_field():
    """Values of papers, and Rooney's power law computed from rates."""
    t1, t2, _ = relaxation(1.5)
    measured = {tissues.FAT: 343, tissues.MUSCLE: 1008, tissues.CSF: 4000}
    measured |= {code: TISSUES[code].t1 / 2**0.38 for code in (tissues.WHITE, tissues.GRAY)}
    # The table's marrow is not that of the paper; the increase is.
    measured[tissues.MARROW] = TISSUES[tissues.MARROW].t1 * 549 / 586
    for code, expected in measured.items():
        assert t1[code] == pytest.approx(expected, rel=1e-5)
    np.testing.assert_array_equal(t2, tissues.table("t2"))


@pytest.mark.parametrize("field", [1.0, 1.5, 3.0])
def test_half_the_field_dephases_half_as_fast(field):
    """Gelman 1999: R2 = 14.4, 18.0, 25.8 /s and R2' = 3.4, 3.9, 12.0 /s at 3 T."""
    t2_star = relaxation(field)[2]
    for code, r2, r2_prime in [
        (tissues.GRAY, 14.4, 3.4),
        (tissues.WHITE, 18.0, 3.9),
        (tissues.PALLIDUM, 25.8, 12.0),
    ]:
        assert t2_star[code] == pytest.approx(1000 / (r2 + r2_prime * field / 3), abs=0.8)
