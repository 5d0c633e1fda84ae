import json

import numpy as np
import pytest
from data_samples import head, write_bids, write_nifti
from untrained_runs import phantom_data, write_run

from gan_mri.data import load
from gan_mri.errors import GanMriError
from gan_mri.runs.fingerprint import check_fingerprint, fingerprint
from gan_mri.runs.run import Run

CONTRASTS = {"contrasts": ("T1w", "T2w")}


def recorded(folder, data):
    """A run that remembers the fingerprint of its data."""
    run = write_run(folder, data)
    run.config["data"]["fingerprint"] = json.loads(json.dumps(fingerprint(data)))
    return run


def test_every_file_is_named_with_its_split_contrast_and_subject(tmp_path):
    data = load(write_bids(tmp_path / "d"), split=(0.4, 0.3, 0.3), **CONTRASTS)
    found = fingerprint(data)
    subjects = {part: getattr(data, part).subjects for part in ("train", "validation", "test")}
    assert list(found) == [
        f"{part} {contrast} {subject}"
        for part, names in subjects.items()
        for contrast in CONTRASTS["contrasts"]
        for subject in names
    ]
    # Heads of 12 x 10 x 8 voxels whose first and last slices are empty.
    for text in found.values():
        assert text.startswith("6 samples of 10 x 12, intensities ")
    assert len(set(found.values())) == 6


def test_slices_of_all_planes_and_volumes(tmp_path):
    folder = write_bids(tmp_path / "d", subjects=("sub-01",))
    options = {"split": (1, 0, 0), **CONTRASTS}
    found = fingerprint(load(folder, plane="all", **options))
    sizes = {"axial": "10 x 12", "coronal": "8 x 12", "sagittal": "8 x 10"}
    assert {name.split()[-1] for name in found} == set(sizes)
    for name, text in found.items():
        assert f"samples of {sizes[name.split()[-1]]}," in text
    found = fingerprint(load(folder, plane="volume", **options))
    assert found["train T1w sub-01"].startswith("1 samples of 12 x 10 x 8, intensities ")


def test_the_same_data_pass(tmp_path):
    run = recorded(tmp_path / "run", phantom_data())
    check_fingerprint(run, phantom_data())


def test_of_pictures_and_of_the_phantom_every_subject_counts(tmp_path):
    run = recorded(tmp_path / "run", phantom_data())
    with pytest.raises(GanMriError, match="was trained on other subjects"):
        check_fingerprint(run, phantom_data(subjects=7))
    with pytest.raises(GanMriError, match="other images.*test T1w sub-001: 1 samples of 24 x 24"):
        check_fingerprint(run, phantom_data(image_size=(24, 26)))


@pytest.mark.parametrize("factor, refused", [(1, False), (1.001, True), (10, True), (-1, True)])
def test_intensities_are_compared_to_some_digits(tmp_path, factor, refused):
    folder = write_bids(tmp_path / "d", shape=(12, 10, 8))
    options = {"split": (0.4, 0, 0.6), "scaling": "percentile", **CONTRASTS}
    run = recorded(tmp_path / "run", load(folder, **options))
    array = head(seed=10).astype(np.float32) * factor
    write_nifti(folder / "sub-02" / "anat" / "sub-02_T1w.nii.gz", array - array.min())
    data = load(folder, **options)
    if not refused:
        return check_fingerprint(run, data)
    with pytest.raises(GanMriError, match="T1w sub-02: . samples of 10 x 12, intensities"):
        check_fingerprint(run, data)


def test_which_slices_are_kept_is_compared_not_only_how_many(tmp_path):
    folder = write_bids(tmp_path / "d")
    options = {"split": (0.4, 0, 0.6), "scaling": "percentile", **CONTRASTS}
    run = recorded(tmp_path / "run", load(folder, slices="1:6", **options))
    with pytest.raises(GanMriError, match="Expected of test T1w .*: 5 samples.*: 5 samples"):
        check_fingerprint(run, load(folder, slices="2:7", **options))


def test_a_run_without_a_fingerprint_compares_counts(tmp_path):
    folder = write_bids(tmp_path / "d")
    options = {"split": (0.4, 0, 0.6), "scaling": "percentile", **CONTRASTS}
    run = write_run(tmp_path / "run", load(folder, slices="1:6", **options))
    assert "fingerprint" not in Run(tmp_path / "run").config["data"]
    check_fingerprint(run, load(folder, slices="2:7", **options))
    with pytest.raises(GanMriError, match="Expected of test: {'A': 10, 'B': 10, 'pairs': 10}"):
        check_fingerprint(run, load(folder, slices="2:6", **options))
