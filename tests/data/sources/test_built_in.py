import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gan_mri.data import load
from gan_mri.data.images.foreground import statistics
from gan_mri.data.options import DataOptions
from gan_mri.data.sources.built_in import BUILT_IN, BuiltIn, Drawn, is_built_in, source_name
from gan_mri.data.sources.layouts import plan
from gan_mri.data.splits import assign
from gan_mri.errors import GanMriError
from gan_mri.synthetic.brain import phantom
from gan_mri.synthetic.knees import knees

SIZE = (24, 20)


def plan_of(name, domains=("A", "B"), **options):
    return plan(DataOptions(data=name, **options), domains)


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_first_subjects_are_the_same_whatever_the_count(name):
    made = BUILT_IN[name]
    few, more = (
        {(i.contrast, i.subject): i for i in made.draw(n, made.contrasts[:2], SIZE)} for n in (2, 3)
    )
    assert len(few) == 4 and len(more) == 6 and few.keys() < more.keys()
    for key, image in few.items():
        assert image.array.shape[:2] == SIZE
        np.testing.assert_array_equal(image.array, more[key].array)
    subjects = {subject for _, subject in more}
    assert len(subjects) == (3 if made.paired else 6) and made.count(len(subjects)) == 3


def test_phantom():
    found = plan_of("phantom", contrasts=("CT", "T1w"), subjects=2, image_size=SIZE)
    assert (found.kind, found.source, found.fractions) == ("phantom", "phantom", (0.7, 0, 0.3))
    assert [entry.path for entry in found.entries][:2] == [
        "phantom sub-001 CT",
        "phantom sub-001 T1w",
    ]
    for entry, brain in zip(found.entries[::2], phantom(2, contrasts=("CT", "T1w"), shape=SIZE)):
        np.testing.assert_array_equal(entry.read().array, brain.images["CT"])


def test_the_phantoms_of_runs_that_people_have_stay_the_same():
    # Recorded from the version before the registry: a run's test subjects must be found again.
    made = BUILT_IN["phantom"]
    assert (made.training_subjects, made.settings) == (200, {"epochs": 6, "decay_epoch": 3})
    data = load("phantom", subjects=6, image_size=SIZE)
    assert data.test.subjects == ["sub-001", "sub-003"] and data.scaling["A"].method == "volume"
    assert data.train.A.path(0) == f"phantom {data.train.subjects[0]} T1w"


@pytest.mark.parametrize(
    "contrasts", [None, ("simulated", "photograph"), ("photograph", "simulated")]
)
def test_knees(contrasts):
    data = load("knees", contrasts=contrasts, subjects=20, image_size=SIZE)
    a, b = contrasts or ("simulated", "photograph")
    assert data.contrasts == (a, b) and data.channels == 3 and data.plane is None
    for split, count in ((data.train, 18), (data.test, 2)):
        assert len(split.A) == len(split.B) == count and len(split.pairs) == 0
        assert all(subject.startswith(a) for subject in split.A.subjects)
        assert all(subject.startswith(b) for subject in split.B.subjects)
    assert not set(data.train.subjects) & set(data.test.subjects)
    assert data.describe()["kind"] == data.describe()["source"] == "knees"
    pixels = {
        knee.subject: knee.image for kind in (a, b) for knee in knees(20, kind=kind, shape=SIZE)
    }
    for domain in (data.train.A, data.test.B):
        for index, key in enumerate(domain.keys):
            assert domain.label(index) == key.subject
            np.testing.assert_allclose(domain[index], pixels[key.subject] / 127.5 - 1, atol=1e-6)


def test_knees_are_scaled_like_pictures_of_8_bits():
    data = load("knees", subjects=2, image_size=SIZE)
    for scaling in data.scaling.values():
        assert (scaling.method, scaling.typical) == ("uint8", (0, 255))
        np.testing.assert_array_equal(scaling.scale(np.array([0, 255], np.uint8)), [-1, 1])


def test_28_knees_of_each_domain_are_held_out(monkeypatch):
    made = BUILT_IN["knees"]

    def draw(count, contrasts, shape):
        return [
            Drawn(contrast, f"{d}{n}", f"{d}{n}", np.zeros((2, 2, 3), np.uint8))
            for d, contrast in zip("AB", contrasts)
            for n in range(268)
        ]

    monkeypatch.setitem(BUILT_IN, "knees", made._replace(draw=draw))
    found = plan_of("knees", subjects=made.training_subjects)
    manifest = assign(found, split=None, test_subjects=None, validation_subjects=None, seed=0)
    parts = {
        part: [name[0] for name, its in manifest.items() if its == part]
        for part in manifest.values()
    }
    assert {part: (names.count("A"), names.count("B")) for part, names in parts.items()} == {
        "train": (240, 240),
        "test": (28, 28),
    }


@pytest.mark.parametrize("contrasts", [("T1w", "T2w"), ("simulated", "T2w")])
def test_other_contrasts_of_the_knees(contrasts):
    with pytest.raises(
        GanMriError,
        match=f"simulated and photograph, in either order. Received: {contrasts[0]} and",
    ):
        load("knees", contrasts=contrasts)


def test_knees_have_no_pairs():
    with pytest.raises(
        GanMriError, match="knees: expected pairs .*received none: simulated has simulated-0"
    ):
        load("knees", subjects=2, image_size=SIZE, paired=True)


@pytest.mark.parametrize("contrasts", [None, ("T1w-scanner1", "T1w-scanner3", "T1w")])
def test_scanners(contrasts):
    names = contrasts or ("T1w-scanner2", "T1w-scanner1")
    domains = ("A", "B") if contrasts is None else None
    data = load("scanners", contrasts=contrasts, domains=domains, subjects=20, image_size=SIZE)
    assert data.contrasts == names and data.describe()["kind"] == "scanners"
    assert data.scaling[data.domains[0]].method == "volume"
    travellers = {f"sub-{n + 1:03d}" for n in (0, 1, 2, 10, 11, 12)}
    test = set(data.test.subjects)
    assert len(test) == 5 and test < travellers and len(data.test.pairs) == 5
    # One who travelled is left to train; the others who train were scanned once.
    scans = [set(data.train[domain].subjects) - travellers for domain in data.domains]
    assert sum(map(len, scans)) == len(set().union(*scans)) == 14
    assert max(map(len, scans)) - min(map(len, scans)) <= 1
    brains = {brain.subject: brain for brain in phantom(20, contrasts=names, shape=SIZE)}
    for domain, name in zip(data.domains, names):
        images = data.train[domain]
        window = data.scaling[domain].window(statistics(brains[images.subjects[0]].images[name]))
        scaled = data.scaling[domain].scale(brains[images.subjects[0]].images[name], window)
        np.testing.assert_allclose(images[0][..., 0], scaled, atol=1e-6)


def test_one_more_needs_one_entry(monkeypatch):
    def draw(count, contrasts, shape):
        return [
            Drawn(
                contrast,
                f"{contrast}{n}",
                f"ramp {contrast}{n}",
                np.arange(shape[0] * shape[1]).reshape(shape) + n,
            )
            for n in range(count)
            for contrast in contrasts
        ]

    ramps = BuiltIn("ramps", ("up", "down"), draw, False, True, 4, {"epochs": 2}, (0.5, 0.0, 0.5))
    monkeypatch.setitem(BUILT_IN, "ramps", ramps)
    data = load("ramps", subjects=4, image_size=(18, 19))
    assert data.contrasts == ("up", "down") and data.scaling["A"].method == "percentile"
    assert [len(part) for part in (data.train.A, data.test.A, data.train.B, data.test.B)] == [
        2,
        2,
        2,
        2,
    ]


def test_words_and_paths(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert is_built_in("phantom") and is_built_in("knees") and not is_built_in("./knees")
    assert source_name("knees") == "knees"
    assert (
        source_name("./knees")
        == source_name(Path("brains") / ".." / tmp_path / "knees")
        == str(tmp_path / "knees")
    )


def test_the_registry_is_light():
    code = (
        "import sys, gan_mri.data.sources.built_in; "
        "print([m for m in ('numpy', 'tensorflow', 'scipy', 'PIL') if m in sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip()
        == "[]"
    )


def test_a_link_to_itself_is_a_place_without_data(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert source_name(tmp_path / "loop") == str(tmp_path / "loop")
