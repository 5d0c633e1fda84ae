"""Harmonization: GAN-MRI's CycleGAN between two scanners of the phantom."""

import dataclasses

import runs

from gan_mri import recipes
from gan_mri.data.sources.built_in import BUILT_IN
from gan_mri.train import completed
from gan_mri.training.session import load_data, recipe_of


def test_settings_are_those_of_gan_mri():
    recipe = recipes.get("eklund/harmonization")
    assert dataclasses.asdict(recipe) == dataclasses.asdict(recipes.get("welander/cyclegan"))
    assert not recipe.needs_pairs
    # One's own data are not a demonstration.
    own = completed({"recipe": "eklund/harmonization", "settings": {}, "data": "/somewhere"})
    assert own["contrasts"] is None and recipe_of(own).epochs == 200


def test_it_trains_on_strangers_and_tests_on_travellers(monkeypatch):
    monkeypatch.setitem(BUILT_IN, "scanners", runs.few(13, "scanners"))
    given = {"recipe": "eklund/harmonization", "settings": {}, "image_size": (20, 24)}
    arguments = completed(given)
    recipe = recipe_of(arguments)
    assert arguments["data"] == "scanners" and recipe.epochs == 6
    data = load_data(arguments, recipe.task())
    assert data.contrasts == ("T1w-scanner2", "T1w-scanner1")
    # 6 of 13 travel: 0, 1, 2, 10, 11, 12; all but one of them test.
    counts = data.describe()["counts"]
    assert counts["test"] == {"A": 5, "B": 5, "pairs": 5}
    assert counts["train"] == {"A": 5, "B": 4, "pairs": 1}
    # As a run finds them again.
    subjects = data.describe()["subjects"]
    assert BUILT_IN["scanners"].count(sum(map(len, subjects.values()))) == 13
