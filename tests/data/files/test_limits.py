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
