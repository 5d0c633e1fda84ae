"""What the card of a model says of its training files."""

import copy

import heads
import numpy as np
import pytest
from cards import card

import gan_mri
from gan_mri.data import load
from gan_mri.data.images.geometry import Geometry
from gan_mri.data.images.grid import Grid
from gan_mri.errors import GanMriError
from gan_mri.inference.card import Card, make_card, ranges_of
from gan_mri.tasks import TWO_DOMAINS
from gan_mri.trust.checks.ranges import placed, trained_on

NAMES = [f"sub-0{n}/anat/sub-0{n}_{c}.nii.gz" for n in (1, 2, 3) for c in ("T1w", "T2w")]
WHOLE = {"contrasts": ("T1w", "T2w"), "split": (1, 0, 0)}


@pytest.fixture(scope="module")
def bids(tmp_path_factory):
    return heads.write(tmp_path_factory.mktemp("heads"), *NAMES)


def ranges(data, geometry, domain="A", slices=None):
    return trained_on(data.train[domain], data.scaling[domain], geometry, slices)


def test_the_lowest_and_the_highest_of_all_files(bids):
    data, geometry = load(bids, **WHOLE), Geometry((84, 72), "crop")
    found = ranges(data, geometry)
    assert found["files"] == 3 and found["slices"] is None
    of = found["quantities"]
    assert of["voxel_left_right"] == of["voxel_front_back"] == of["slices"] == [2.5, 2.5]
    assert of["field_front_back"] == [210, 210] and "voxel_down_up" not in of
    # The ellipsoid of `heads` is about 165 mm long.
    assert 150 < of["length"][0] < of["length"][1] < 175
    # Noise of 20, of a window of about 1000, and of folds that are finer than a slope.
    assert 0.015 < of["noise"][0] <= of["noise"][1] < 0.04
    assert found == ranges(data, geometry)


def test_prepared_files_say_the_same(bids, tmp_path):
    gan_mri.prepare(bids, tmp_path / "d.h5", contrasts=("T1w", "T2w"), split=(1, 0, 0))
    geometry = Geometry((84, 72))
    first, second = (
        ranges(load(bids, **WHOLE), geometry),
        ranges(load(tmp_path / "d.h5"), geometry),
    )
    for name, ends in first["quantities"].items():
        np.testing.assert_allclose(second["quantities"][name], ends, rtol=1e-3, atol=1e-4)


def test_pictures_have_rows_and_columns_alone():
    data = load("phantom", subjects=3, image_size=(24, 20), split=(1, 0, 0))
    assert ranges(data, Geometry((24, 20)))["quantities"] == {"rows": [24, 24], "columns": [20, 20]}


def test_a_grid_as_the_network_sees_it():
    """200 x 100 pixels of 1 mm, made half as large; between slices nothing is."""
    affine = np.diag([1.0, 1.0, 4.0, 1.0])
    affine[:3, 3] = (10, 20, 30)
    grid = Grid((100, 200, 21), affine)
    found = placed(grid, "axial", (200, 100), Geometry((100, 50)))
    assert found["voxel_left_right"] == found["voxel_front_back"] == 2 and found["slices"] == 4
    assert found["field_down_up"] == 84 and found["center_down_up"] == 30 + 4 * 10
    assert found["center_left_right"] == 10 + 49.5
    volume = placed(grid, "volume", (100, 200, 21), Geometry((50, 100, 21)))
    assert volume["voxel_down_up"] == 8 and "slices" not in volume


def test_cards_have_the_ranges_of_sources_and_target(bids):
    data, geometry = load(bids, slices="20:40", **WHOLE), Geometry((84, 72))
    known = ranges_of(data, geometry)
    for way, source, target in (("A2B", "A", "B"), ("B2A", "B", "A")):
        found = Card(make_card(TWO_DOMAINS.direction(way), data, geometry, ranges=known), "card")
        assert found.trained_on == {"image": known[source]} and known[source]["slices"] == [20, 40]
        assert found.target_trained_on == known[target]
    without = Card(make_card(TWO_DOMAINS.direction("A2B"), data, geometry), "card")
    assert without.trained_on == {"image": None} and without.target_trained_on is None
    older = Card(card(), "card")
    assert older.trained_on == {"image": None} and older.target_trained_on is None


GOOD = {"files": 2, "slices": [3, 9], "quantities": {"noise": [0.01, 0.02], "of tomorrow": [0, 0]}}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("files", 0),
        ("files", True),
        ("files", None),
        ("slices", [9, 3]),
        ("slices", [-1, 3]),
        ("slices", "3:9"),
        ("quantities", None),
        ("quantities", [0.1, 0.2]),
        ("quantities", {"noise": [0.02, 0.01]}),
        ("quantities", {"noise": [float("nan"), 0.01]}),
        ("quantities", {"noise": [0.01, float("inf")]}),
        ("quantities", {"noise": ["nan", "nan"]}),
        ("quantities", {"noise": [0.01]}),
        ("quantities", {"noise": 0.01}),
        ("quantities", {"../noise": [0, 1]}),
    ],
)
def test_other_structures_are_refused(name, value):
    good = card()
    good["inputs"]["image"]["trained_on"] = good["target_trained_on"] = GOOD
    assert Card(good, "card").trained_on["image"] == GOOD
    for place in (("inputs", "image", "trained_on"), ("target_trained_on",)):
        bad = copy.deepcopy(good)
        inner = bad
        for step in place:
            inner = inner[step]
        inner[name] = value
        with pytest.raises(GanMriError, match=f"^card: expected the card .*{name}"):
            Card(bad, "card")
