"""What a data set will take, against the bytes that reading it takes."""

import logging

import nibabel as nib
import numpy as np
import pytest
from data_samples import LAS, head, write_bids, write_nifti, write_pictures

from gan_mri.data import holding, load
from gan_mri.data.dataset import survey
from gan_mri.data.options import DataOptions
from gan_mri.errors import GanMriError

_SHAPE = (12, 10, 8)  # stored along LAS; axial slices are 8
_CONTRASTS = ("T1w", "T2w")


@pytest.fixture
def folder(tmp_path):
    """Three subjects, int16."""
    return write_bids(tmp_path / "bids", shape=_SHAPE)


def _need(folder, *, neighbours=0, **options):
    options = DataOptions(data=folder, **options)
    found, _ = survey(options, ("A", "B"))
    return holding.needed(found, options, neighbours=neighbours)


def _held(data):
    return sum(
        stack.array.nbytes
        for split in (data.train, data.validation, data.test)
        for samples in split.images.values()
        for stack, _ in samples.files()
    )


def test_whole_volumes_take_what_their_headers_say(folder):
    need = _need(folder, contrasts=_CONTRASTS, plane="volume")
    assert need == (6 * 12 * 10 * 8 * 2, True)
    assert _held(load(folder, contrasts=_CONTRASTS, plane="volume")) == need.most


def test_slices_take_at_most_that(folder):
    most, exact = _need(folder, contrasts=_CONTRASTS)
    assert (most, exact) == (6 * 12 * 10 * 8 * 2, False)
    assert 0 < _held(load(folder, contrasts=_CONTRASTS)) < most
    assert _need(folder, contrasts=_CONTRASTS, slices="2:5").most == 6 * 12 * 10 * 3 * 2
    assert _need(folder, contrasts=_CONTRASTS, plane="all").most == 3 * most
    near = _need(folder, contrasts=_CONTRASTS, slices="2:5", neighbours=1)
    assert near.most == 6 * 12 * 10 * 5 * 2


def test_resampled_volumes_are_float32_of_the_new_size(folder):
    # 2 x 1 x 3 mm to 2 x 2 x 3 mm: half of the voxels.
    need = _need(folder, contrasts=_CONTRASTS, plane="volume", spacing=(2, 2, 3))
    assert need.most == 6 * 12 * 5 * 8 * 4
    data = load(folder, contrasts=_CONTRASTS, plane="volume", spacing=(2, 2, 3))
    assert _held(data) == need.most


def test_a_slope_makes_float32(tmp_path):
    for contrast in _CONTRASTS:
        path = write_nifti(tmp_path / contrast / "a.nii.gz", head(_SHAPE))
        image = nib.Nifti1Image(0.37 * head(_SHAPE), LAS)
        image.set_data_dtype(np.int16)  # nibabel then chooses a slope
        nib.save(image, path)
    assert nib.load(path).dataobj.slope != 1
    assert _need(tmp_path, contrasts=_CONTRASTS, plane="volume").most == 2 * 12 * 10 * 8 * 4


def test_pictures_take_their_pixels(tmp_path):
    for name in ("trainA", "trainB"):
        write_pictures(tmp_path / name, [f"{number:03d}" for number in range(70)])
    assert _need(tmp_path) == (2 * 70 * 9 * 7, True)


def test_damaged_files_count_nothing_and_are_told_of_by_reading(folder):
    (folder / "sub-02" / "anat" / "sub-02_T1w.nii.gz").write_bytes(b"none")
    assert _need(folder, contrasts=_CONTRASTS, plane="volume").most == 5 * 12 * 10 * 8 * 2


def test_volumes_that_do_not_fit_are_refused_before_they_are_read(folder, monkeypatch):
    monkeypatch.setattr(holding, "available_memory", lambda: 5000)
    monkeypatch.setattr("gan_mri.data.dataset.read_stacks", lambda *_, **__: pytest.fail("read"))
    with pytest.raises(
        GanMriError, match=r"images of 6 files\. Received: 0\.00 GiB\. Prepared once"
    ):
        load(folder, contrasts=_CONTRASTS, plane="volume")


def test_the_advice_names_the_command(folder, monkeypatch):
    monkeypatch.setattr(holding, "available_memory", lambda: 5000)
    with pytest.raises(GanMriError) as caught:
        load(folder, contrasts=_CONTRASTS, plane="volume")
    command = f"python -m gan_mri.prepare {folder} DATA.h5 --contrasts T1w T2w"
    assert command in str(caught.value)


def test_much_memory_is_told_of(folder, monkeypatch, caplog):
    monkeypatch.setattr(holding, "available_memory", lambda: 15000)
    with caplog.at_level(logging.WARNING, "gan_mri"):
        load(folder, contrasts=_CONTRASTS)
    assert "will take up to" in caplog.text and "DATA.h5" in caplog.text


def test_slices_are_refused_as_soon_as_the_files_read_say_so(tmp_path, monkeypatch):
    subjects = [f"sub-{number:02d}" for number in range(20)]
    write_bids(tmp_path, subjects, shape=_SHAPE)
    taken = _held(load(tmp_path, contrasts=_CONTRASTS))
    monkeypatch.setattr(holding, "available_memory", lambda: int(1.1 * taken))
    load(tmp_path, contrasts=_CONTRASTS)
    monkeypatch.setattr(holding, "available_memory", lambda: int(0.9 * taken))
    with pytest.raises(GanMriError, match="images of 40 files"):
        load(tmp_path, contrasts=_CONTRASTS)


def test_a_system_that_does_not_say_is_believed(folder, monkeypatch):
    monkeypatch.setattr(holding, "available_memory", lambda: None)
    assert len(load(folder, contrasts=_CONTRASTS, plane="volume").train.A) > 0
