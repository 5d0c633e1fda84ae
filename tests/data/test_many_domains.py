"""One, three and four contrasts: the phantom, BIDS, folders, prepared files."""

import json

import numpy as np
import pytest
from data_samples import LAS, head, write_bids, write_nifti, write_pictures

from gan_mri.data import load
from gan_mri.data.images.geometry import Geometry
from gan_mri.data.images.planes import to_stack
from gan_mri.data.images.scaling import IntensityScaling
from gan_mri.data.order import epoch_order
from gan_mri.data.pipeline import batches
from gan_mri.errors import GanMriError
from gan_mri.prepare import prepare, summary
from gan_mri.synthetic.brain import phantom

THREE = ("T1w", "T2w", "FLAIR")
FOUR = (*THREE, "PDw")
SPLIT = {"split": (1, 0, 0)}


@pytest.fixture
def many(tmp_path):
    """Four contrasts of three subjects; the second has no FLAIR, the third no PDw."""
    folder = write_bids(tmp_path / "many", contrasts=FOUR)
    (folder / "sub-02" / "anat" / "sub-02_FLAIR.nii.gz").unlink()
    (folder / "sub-03" / "anat" / "sub-03_PDw.nii.gz").unlink()
    return folder


@pytest.mark.parametrize("contrasts", [("T1w",), THREE, FOUR])
def test_the_phantom(contrasts):
    data = load("phantom", contrasts=contrasts, subjects=3, image_size=(24, 28), **SPLIT)
    assert data.domains == data.contrasts == data.train.domains == contrasts
    assert data.train.complete and len(data.train.pairs) == 3
    brains = {brain.subject: brain for brain in phantom(3, contrasts=contrasts, shape=(24, 28))}
    for contrast in contrasts:
        samples = data.train[contrast]
        assert samples is getattr(data.train, contrast) and samples.subjects == sorted(brains)
        low, high = samples.window(0)
        drawn = brains[samples.keys[0].subject].images[contrast]
        expected = np.clip(2 * (drawn.astype(np.float64) - low) / (high - low) - 1, -1, 1)
        np.testing.assert_allclose(samples[0][..., 0], expected, atol=1e-5)


def test_volumes_of_the_phantom():
    data = load("phantom", contrasts=THREE, subjects=2, image_size=(18, 22, 20), **SPLIT)
    assert data.rank == 3 and len(data.train.pairs) == 2
    (brain, _) = phantom(2, contrasts=THREE, shape=(18, 22, 20))
    for contrast in THREE:
        assert data.train[contrast].shape(0) == (18, 22, 20)
        np.testing.assert_allclose(
            data.train[contrast].spacing(0), np.sqrt((brain.affine[:3, :3] ** 2).sum(axis=0))
        )


def test_names_of_the_domains_are_the_callers():
    for contrasts, domains, expected in (
        (("T1w", "CT"), None, ("A", "B")),
        (("T1w",), None, ("T1w",)),
        (THREE, None, THREE),
        (("T1w", "CT"), ("source", "target"), ("source", "target")),
        (None, ("x", "y", "z"), ("x", "y", "z")),
    ):
        data = load("phantom", contrasts=contrasts, domains=domains, subjects=2, **SPLIT)
        assert data.domains == expected
        assert data.contrasts == (contrasts or THREE)
        assert data.contrast_of == dict(zip(expected, contrasts or THREE))


def test_bids(many):
    data = load(many, contrasts=FOUR, slices="2:6", **SPLIT)
    assert {name: data.train[name].subjects for name in FOUR} == {
        "T1w": ["sub-01", "sub-02", "sub-03"],
        "T2w": ["sub-01", "sub-02", "sub-03"],
        "FLAIR": ["sub-01", "sub-03"],
        "PDw": ["sub-01", "sub-02"],
    }
    volume = to_stack(head(seed=2) * 3, LAS, "axial")
    high = np.percentile(volume[volume > 0], 99.5)
    expected = np.clip(2 * volume[4] / high - 1, -1, 1)
    np.testing.assert_allclose(data.train.FLAIR[2][..., 0], expected, atol=1e-6)


def test_a_contrast_that_some_subjects_lack(many, caplog):
    train = load(many, contrasts=FOUR, slices="2:6", **SPLIT).train
    assert len(train.pairs) == 4 and not caplog.records
    for domains, subjects in (
        (("T1w", "T2w"), {"sub-01", "sub-02", "sub-03"}),
        (("T2w", "FLAIR"), {"sub-01", "sub-03"}),
        (("PDw", "T1w"), {"sub-01", "sub-02"}),
        (FOUR, {"sub-01"}),
        (("FLAIR",), {"sub-01", "sub-03"}),
    ):
        rows = train.matched(domains)
        assert rows.shape == (4 * len(subjects), len(domains))
        keys = [[train[name].keys[i] for name, i in zip(domains, row)] for row in rows]
        assert {key.subject for row in keys for key in row} == subjects
        assert all(len(set(row)) == 1 for row in keys)


def test_some_domains_are_paired_and_the_others_free(many, caplog):
    data = load(many, contrasts=FOUR, slices="2:6", paired=("FLAIR", "T1w"), **SPLIT)
    assert data.train.FLAIR.subjects == data.train.T1w.subjects == ["sub-01", "sub-03"]
    assert data.train.T2w.subjects == ["sub-01", "sub-02", "sub-03"]
    assert data.train.PDw.subjects == ["sub-01", "sub-02"]
    assert [record.getMessage() for record in caplog.records] == [
        f"{many}: 1 of T1w left out, because FLAIR has no partner for them: sub-02"
    ]
    assert data.describe()["unmatched"] == {
        "T1w": ["sub-02", "sub-03"],
        "T2w": ["sub-02", "sub-03"],
        "FLAIR": ["sub-03"],
        "PDw": ["sub-02"],
    }
    order = epoch_order(data.train, batch_size=2, paired=("FLAIR", "T1w"), seed=0, epoch=0)
    assert order.shape == (6, 2, 4)  # T2w has 12 slices
    for row in order.reshape(-1, 4):
        assert data.train.T1w.keys[row[0]] == data.train.FLAIR.keys[row[2]]
    assert np.bincount(order[..., 1].ravel()).tolist() == [1] * 12
    matching = [
        data.train.T1w.keys[a] == data.train.T2w.keys[b] for a, b in order.reshape(-1, 4)[:, :2]
    ]
    assert np.mean(matching) < 0.5


def test_free_domains_may_lie_on_another_grid(many, caplog):
    """T1w and T2w stay pairs of a subject whose FLAIR has other voxels."""
    for subject in ("sub-01", "sub-03"):
        path = many / subject / "anat" / f"{subject}_FLAIR.nii.gz"
        write_nifti(path, head((12, 10, 9), seed=5))
    data = load(many, contrasts=THREE, slices="2:6", paired=("T1w", "T2w"), **SPLIT)
    assert len(data.train.pairs) == 0 and "different grids" in caplog.text
    assert len(data.train.matched(("T1w", "T2w"))) == 12
    assert data.describe()["different_grids"] == ["sub-01", "sub-03"]
    with pytest.raises(GanMriError, match="sub-01_T2w.*sub-01_FLAIR.*one grid"):
        load(many, contrasts=THREE, paired=("FLAIR", "T2w"), **SPLIT)


def test_everything_paired(many):
    data = load(many, contrasts=FOUR, slices="2:6", paired=True, **SPLIT)
    assert data.train.subjects == ["sub-01"] and len(data.train.pairs) == 4
    for batch in batches(
        data.train,
        Geometry((20, 20)),
        epoch_order(data.train, batch_size=2, paired=FOUR, seed=0, epoch=0),
        channels=1,
        seed=0,
        epoch=0,
    ):
        assert set(batch) == set(FOUR)
        masks = [images.numpy() > -1 for images in batch.values()]
        assert all(np.array_equal(masks[0], other) for other in masks[1:])


@pytest.mark.parametrize("plane", ["axial", "volume"])
def test_prepared(many, tmp_path, plane):
    options = {"contrasts": FOUR, "plane": plane, **SPLIT}
    direct, path = load(many, **options), prepare(many, tmp_path / "four.h5", **options)
    stored = load(path)
    records = [data.describe() for data in (direct, stored)]
    for record in records:
        assert record == json.loads(json.dumps(record))
        for name in ("kind", "source", "prepared_from"):
            record.pop(name, None)
    assert records[0] == records[1] and stored.domains == FOUR
    for name in FOUR:
        assert stored.train[name].keys == direct.train[name].keys
        for one, other in zip(direct.train[name], stored.train[name], strict=True):
            np.testing.assert_array_equal(one, other)
    paired = load(path, paired=("T1w", "PDw"))
    assert paired.train.T1w.subjects == paired.train.PDw.subjects == ["sub-01", "sub-02"]
    assert paired.train.T2w.subjects == ["sub-01", "sub-02", "sub-03"]
    text = summary(path)
    noun = "volumes" if plane == "volume" else "slices"
    assert "MiB, T1w, T2w, FLAIR and PDw" in text and f"3 subjects, {noun}: " in text
    assert ("empty slices dropped: " in text) == (plane == "axial")
    assert text.count("scaling volume") == 4


def test_a_prepared_file_under_other_names(many, tmp_path):
    path = prepare(many, tmp_path / "two.h5", contrasts=("T1w", "T2w"), **SPLIT)
    plain = load(path)
    assert plain.domains == ("A", "B")
    for domains, contrasts, same in (
        (("source", "target"), ("T1w", "T2w"), "source"),
        (("B", "A"), ("T2w", "T1w"), "A"),
        (("T2w", "T1w"), ("T2w", "T1w"), "T1w"),  # by their own names, not one by one
    ):
        data = load(path, domains=domains, scaling="auto", paired=True)
        assert data.domains == data.train.domains == domains and data.contrasts == contrasts
        np.testing.assert_array_equal(data.train[same][3], plain.train.A[3])
        assert data.scaling[same] == plain.scaling["A"]
    with pytest.raises(
        GanMriError, match="expected 3 contrasts, for a, b, c. Received .* with 2: T1w, T2w"
    ):
        load(path, domains=("a", "b", "c"))


def test_folders_of_three_contrasts(tmp_path):
    for seed, (name, stems) in enumerate((("t1", "abc"), ("t2", "bcd"), ("pd", "bce"))):
        write_pictures(tmp_path / name, stems, seed=seed)
    data = load(tmp_path, contrasts=("t2", "t1", "pd"), **SPLIT)
    assert data.domains == ("t2", "t1", "pd") and data.describe()["kind"] == "two_folders"
    assert [key.subject for key in data.train.t2.keys] == ["b", "c", "d"]
    assert len(data.train.pairs) == 2
    found = load(tmp_path, domains=("x", "y", "z"), **SPLIT)
    assert found.contrasts == ("pd", "t1", "t2")
    with pytest.raises(GanMriError, match="expected two contrasts"):
        load(tmp_path)


def test_split_folders_of_three_contrasts(tmp_path):
    for part, stems in (("train", "abc"), ("test", "d")):
        for seed, contrast in enumerate(THREE):
            write_pictures(tmp_path / f"{part}{contrast}", stems, seed=seed)
    data = load(tmp_path, contrasts=THREE)
    assert data.domains == THREE and len(data.train.pairs) == 3 and len(data.test.pairs) == 1
    (tmp_path / "trainFLAIR").rename(tmp_path / "elsewhere")
    with pytest.raises(GanMriError, match="received no trainFLAIR"):
        load(tmp_path, contrasts=THREE)


def test_scaling_of_each_domain(many):
    data = load(many, contrasts=THREE, scaling=("window:0:500", "volume", "percentile"), **SPLIT)
    assert [data.scaling[name].method for name in THREE] == ["window", "volume", "percentile"]
    stored = IntensityScaling("volume", (0.0, 5.0))
    data = load(many, contrasts=THREE, scaling=dict.fromkeys(THREE, stored), **SPLIT)
    assert data.scaling["FLAIR"] == stored


def test_a_domain_alone_may_be_loaded_paired(many):
    data = load(many, contrasts=("FLAIR",), paired=True, **SPLIT)
    assert len(data.train.pairs) == len(data.train.FLAIR) > 0


@pytest.mark.parametrize("paired", ["T1w", ("T1w",), ("T1w", "CT"), ("T1w", "T1w"), 1, {"T1w": 1}])
def test_what_cannot_be_paired(paired):
    with pytest.raises(GanMriError, match="paired: expected True, False, or two and more of .*T1w"):
        load("phantom", contrasts=THREE, paired=paired, subjects=2)


@pytest.mark.parametrize("domains", ["AB", ("A", "A"), (), (1, 2), 5])
def test_names_that_are_no_domains(domains):
    with pytest.raises(GanMriError, match="domains: expected different names"):
        load("phantom", domains=domains, subjects=2)


@pytest.mark.parametrize("contrasts, domains", [(THREE, ("A", "B")), (("T1w",), ("A", "B"))])
def test_as_many_contrasts_as_domains(contrasts, domains):
    with pytest.raises(
        GanMriError, match="contrasts: expected two different names, for the domains A, B"
    ):
        load("phantom", contrasts=contrasts, domains=domains, subjects=2)


def test_too_many_domains_for_a_built_in_set():
    with pytest.raises(
        GanMriError, match="data phantom: expected contrasts for 8 domains. It has T1w"
    ):
        load("phantom", domains=tuple("abcdefgh"), subjects=2)
