"""What a translation holds, against bytes counted by hand."""

import tracemalloc

import numpy as np
import pytest
from data_samples import head, write_nifti, write_png
from untrained_exports import export

from gan_mri.data.files import limits
from gan_mri.data.images.sampling import Sampling
from gan_mri.errors import GanMriError
from gan_mri.planning.volumes import check_volumes, volume_bytes

_VOXELS = 12 * 10 * 8


@pytest.fixture
def volume(tmp_path):
    """int16, of 2 x 1 x 3 mm."""
    return write_nifti(tmp_path / "a.nii.gz", head())


def test_the_volume_its_translation_and_what_is_written(volume):
    held, most = volume_bytes(volume, Sampling("axial"))
    assert held == 2 * _VOXELS and most == (4 + 4) * _VOXELS
    assert volume_bytes(volume, Sampling("volume")) == (held, most)


def test_three_planes_are_three_translations_and_samples_have_a_deviation(volume):
    assert volume_bytes(volume, Sampling("all"))[1] == (3 * 4 + 4) * _VOXELS
    assert volume_bytes(volume, Sampling("axial"), samples=3)[1] == (2 * 4 + 4) * _VOXELS


def test_another_grid_holds_copies(volume):
    held, most = volume_bytes(volume, Sampling("axial", (2, 2, 3)))
    assert held == 2 * _VOXELS + 4 * _VOXELS // 2
    assert most == (4 // 2 + 4 + 4) * _VOXELS


def test_volumes_are_refused_before_they_are_read(volume, tmp_path, monkeypatch):
    needed = (2 + 2 + 8) * _VOXELS
    other = write_nifti(tmp_path / "b.nii.gz", head(seed=1))
    monkeypatch.setattr(limits, "available_memory", lambda: needed)
    check_volumes([volume, other], Sampling("axial"))
    monkeypatch.setattr(limits, "available_memory", lambda: needed - 1)
    with pytest.raises(GanMriError, match=r"a\.nii\.gz: .* translating 12 x 10 x 8 voxels needs"):
        check_volumes([volume, other], Sampling("axial"))


def test_pictures_pass(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "available_memory", lambda: 0)
    check_volumes([write_png(tmp_path / "a.png", np.zeros((4, 4), np.uint8))], Sampling("axial"))


def test_a_translation_holds_no_more(tmp_path):
    """NumPy's arrays of a whole translation, as Python counts them."""
    from gan_mri.inference.files import translate_file
    from gan_mri.inference.translator import Translator

    model = export(tmp_path / "model", "welander/simple", (20, 18, 1), {"filters": 1})
    translator = Translator(model)
    source = write_nifti(tmp_path / "in.nii.gz", head((160, 150, 140)))
    fake = lambda batches: (next(iter(batches.values())), None)  # noqa: E731
    sources = {next(iter(translator.card.inputs)): source}
    tracemalloc.start()
    options = {"samples": 0, "batch_size": 2, "progress": False}
    translate_file(translator, fake, sources, tmp_path / "out.nii", **options)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    told = sum(volume_bytes(source, translator.card.view.sampling))
    assert 0.5 * told < peak < 1.15 * told
