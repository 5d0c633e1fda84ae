import os
from pathlib import Path

import pytest
from data_samples import head, write_nifti

from gan_mri.data.files import limits
from gan_mri.data.files.readers import read_image
from gan_mri.errors import GanMriError


def test_declared_size_is_checked_before_reading(tmp_path, monkeypatch):
    path = write_nifti(tmp_path / "big.nii.gz", head())
    monkeypatch.setattr(limits, "MAX_BYTES", 1000)
    with pytest.raises(GanMriError, match=r"big\.nii\.gz: .*declares shape \(12, 10, 8\)"):
        read_image(path)


def test_memory_that_is_not_there(monkeypatch):
    monkeypatch.setattr(limits, "available_memory", lambda: 2**30)
    limits.check_memory("v.nii", 2**30)
    with pytest.raises(GanMriError, match=r"v\.nii: expected 2\.50 GiB .* Received: 1\.00 GiB"):
        limits.check_memory("v.nii", 2**31 + 2**29)
    monkeypatch.setattr(limits, "available_memory", lambda: None)
    limits.check_memory("v.nii", 2**60)


@pytest.mark.skipif(not Path("/proc/meminfo").is_file(), reason="Linux only")
def test_available_memory_is_that_of_the_machine():
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert 2**24 < limits.available_memory() <= total


def test_a_control_group_limits_its_children(tmp_path):
    own = tmp_path / "own"
    own.write_text("4:memory:/x\n0::/job/step\n")
    for name, limit, used, cache in (("job", 1000, 700, 200), ("job/step", "max", 1, 0)):
        folder = tmp_path / "root" / name
        folder.mkdir(parents=True)
        (folder / "memory.max").write_text(f"{limit}\n")
        (folder / "memory.current").write_text(f"{used}\n")
        (folder / "memory.stat").write_text(f"anon 5\ninactive_file {cache}\n")
    assert limits._left_in_group(tmp_path / "root", own) == 500
    (tmp_path / "root/job/memory.max").write_text("max\n")
    assert limits._left_in_group(tmp_path / "root", own) is None
    assert limits._left_in_group(tmp_path / "root", tmp_path / "missing") is None


@pytest.mark.skipif(limits.resource is None, reason="no such limits")
def test_a_limit_of_the_process_counts(tmp_path, monkeypatch):
    own = tmp_path / "statm"
    own.write_text("3 2 1 0 0 0 0\n")  # pages
    page = limits.resource.getpagesize()
    monkeypatch.setattr(limits.resource, "getrlimit", lambda what: (10 * page, 10 * page))
    assert limits._left_in_process(own) == 7 * page
    own.write_text("30 2 1 0 0 0 0\n")
    assert limits._left_in_process(own) == 0
    assert limits._left_in_process(tmp_path / "none") == 10 * page
    monkeypatch.setattr(
        limits.resource, "getrlimit", lambda what: (limits.resource.RLIM_INFINITY,) * 2
    )
    assert limits._left_in_process(own) is None
