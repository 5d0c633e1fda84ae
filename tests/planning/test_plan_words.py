import numpy as np
import pytest

from gan_mri.planning.disk import folder_bytes
from gan_mri.planning.resident import forget_peak, resident
from gan_mri.planning.words import duration, gib


def test_bytes():
    assert gib(17 * 2**30) == "17.00 GiB"
    assert gib(720 * 2**20) == "0.70 GiB"
    assert gib(99 * 2**20) == "99.0 MiB"
    assert gib(2**9) == "0.5 KiB"


def test_times():
    assert duration(0.123) == "0.12 s"
    assert duration(61) == "61 s"
    assert duration(600) == "10 min"
    assert duration(3600) == "1 h 0 min"
    assert duration(72 * 3600) == "3 d 0 h"


def test_bytes_of_a_folder(tmp_path):
    (tmp_path / "a").write_bytes(bytes(10))
    (tmp_path / "b" / "c").mkdir(parents=True)
    (tmp_path / "b" / "c" / "d").write_bytes(bytes(7))
    (tmp_path / "b" / "e").write_bytes(bytes(5))
    assert folder_bytes(tmp_path) == {"a": 10, "b": 12}


@pytest.mark.skipif(resident() is None, reason="Linux only")
def test_resident_memory_has_a_peak_that_can_be_forgotten():
    before = resident()
    array = np.ones(2**24)  # 128 MiB
    assert resident() - before > 100 * 2**20
    del array
    assert resident(peak=True) - before > 100 * 2**20
    if forget_peak():
        assert resident(peak=True) - before < 100 * 2**20
