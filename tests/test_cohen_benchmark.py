"""The people and the measures of `benchmarks/cohen.py`."""

import importlib
from pathlib import Path
from types import SimpleNamespace

import nibabel as nib
import numpy as np
import pytest

from gan_mri.synthetic.brain import phantom, tissues

_FOLDER = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture
def people(monkeypatch):
    monkeypatch.syspath_prepend(str(_FOLDER))
    module = importlib.import_module("cohen_people")
    monkeypatch.setattr(module, "SHAPE", (24, 24, 24))
    return module


@pytest.fixture
def cohen(people, monkeypatch):
    return importlib.import_module("cohen")


def volume(path):
    return nib.load(path).get_fdata()


def test_cohorts_share_nobody_and_have_the_share_of_patients(people, tmp_path):
    pools = {}
    for name in ("with", "without"):
        pools[name] = tmp_path / name
        for number in range(1, 9):
            anat = pools[name] / f"sub-{number:03d}" / "anat"
            anat.mkdir(parents=True)
            (anat / f"{name}.txt").touch()
    people.make_cohort(tmp_path / "cohort", pools, 4, 75, 50)
    found = {path.name: next(path.glob("anat/*")).stem for path in (tmp_path / "cohort").iterdir()}
    assert [found[f"sub-{number:03d}"] for number in range(1, 9)] == (
        ["with"] * 2 + ["without"] * 2 + ["with"] * 3 + ["without"]
    )
    assert [people.patients(share, 12) for share in (0, 25, 50, 75, 100)] == [0, 3, 6, 9, 12]


def test_people_are_the_phantom_and_twins_differ_in_lesions_alone(people, tmp_path):
    people.in_place(tmp_path / "test", lambda folder: people.make_test(folder, [3], 0))
    ill, healthy = (tmp_path / "test" / name for name in ("sub-004", "sub-504"))
    (made,) = phantom([3], contrasts=("FLAIR",), shape=people.SHAPE, lesions=True)
    first, second = (volume(one / "anat" / f"{one.name}_FLAIR.nii.gz") for one in (ill, healthy))
    np.testing.assert_allclose(first, made.images["FLAIR"], rtol=1e-6)
    masks = tmp_path / "test" / "derivatives" / "lesions"
    mask = volume(masks / "sub-004" / "anat" / "sub-004_label-lesion_mask.nii.gz")
    np.testing.assert_array_equal(mask, made.lesions)
    assert not volume(masks / "sub-504" / "anat" / "sub-504_label-lesion_mask.nii.gz").any()
    differs = np.abs(first - second) > 1
    assert 0 < differs.mean() < 0.05
    assert not (differs & (made.labels == tissues.AIR)).any()
    assert people.is_healthy("sub-504") and not people.is_healthy("sub-004")
    # What is there is taken as it is.
    people.in_place(tmp_path / "test", None)


def test_voxels_are_drawn_as_lesions_beyond_the_middle(cohen, people, monkeypatch, tmp_path):
    monkeypatch.setattr(cohen, "SLICES", (1, 3))
    shape = (4, 4, 4)
    white = np.zeros(shape)
    white[:2] = tissues.WHITE
    anat = tmp_path / "sub-501" / "anat"
    anat.mkdir(parents=True)
    nib.save(nib.Nifti1Image(white, np.eye(4)), anat / "sub-501_tissue.nii.gz")
    lesions = np.zeros(shape, bool)
    lesions[3] = True
    # Really white matter is at -0.4 and lesions at 0.6: the middle is 0.1.
    patient = SimpleNamespace(truth=np.full(shape, 0.6), lesions=lesions)
    healthy = SimpleNamespace(truth=np.full(shape, -0.4), lesions=lesions & False)
    drawn, painted = np.full(shape, 0.05), np.full(shape, -0.4)
    drawn[:, 0] = 0.15  # a quarter of the lesions is still there
    painted[0, 0, 1] = painted[1, 1, 2] = 0.2  # two of 16 voxels of white matter
    painted[:2, :, 0] = 1.0  # a slice that no model has learned
    made = {"sub-001": (patient, drawn), "sub-501": (healthy, painted)}
    found = cohen.drawn_as_lesions(made, tmp_path)
    assert found["real"] == (100, 0)
    assert found["synthetic"] == (pytest.approx(25), pytest.approx(12.5))
