import dataclasses
import json
import os
import subprocess
import sys

import numpy as np
import pytest
import tiny

import gan_mri
from gan_mri import recipes
from gan_mri.errors import GanMriError


def test_there_is_welander():
    assert "welander/cyclegan" in recipes.all_recipes()


@pytest.mark.parametrize("name", recipes.all_recipes())
def test_every_recipe_says_paper_command_and_settings(name):
    text = recipes.all_recipes()[name].__doc__
    assert f"python -m gan_mri.train {name}" in text


def test_unknown_recipe_lists_the_known():
    with pytest.raises(GanMriError, match="'welander/gan'.*welander/cyclegan"):
        gan_mri.build("welander/gan", (32, 32, 1))


def test_unknown_setting_lists_the_known():
    with pytest.raises(GanMriError, match="'filter'.*filters.*pool_size"):
        gan_mri.build("welander/cyclegan", (32, 32, 1), filter=8)


@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        ("filters", 0, "a whole number from 1"),
        ("filters", 2.5, "a whole number from 1"),
        ("filters", "8", "a whole number from 1"),
        ("filters", True, "a whole number from 1"),
        ("filters", None, "a whole number from 1"),
        ("pool_size", -1, "a whole number from 0"),
        ("learning_rate", -1e-4, "a number from 0.0"),
        ("learning_rate", float("nan"), "a number from 0.0"),
        ("learning_rate", float("inf"), "a number from 0.0"),
        ("learning_rate", "fast", "a number from 0.0"),
        ("patch", 1, "True or False"),
        ("patch", "no", "True or False"),
        ("normalization", "batch", "one of instance, addons, none"),
        ("residual_padding", 1, "one of same, reflect"),
    ],
)
def test_wrong_values(setting, value, expected):
    with pytest.raises(GanMriError) as caught:
        recipes.get("welander/cyclegan", **{setting: value})
    assert str(caught.value) == f"{setting} must be {expected}. Received: {value!r}."


def test_whole_numbers_are_numbers():
    recipe = recipes.get("welander/cyclegan", cycle_weight=5)
    assert recipe.cycle_weight == 5.0
    assert isinstance(recipe.cycle_weight, float)


def test_recipes_do_not_change():
    recipe = recipes.get("welander/cyclegan")
    assert recipe.replace(filters=8).filters == 8
    assert recipe.filters == 32
    with pytest.raises(dataclasses.FrozenInstanceError):
        recipe.filters = 8


def test_settings_survive_json():
    recipe = recipes.get("welander/cyclegan", filters=8, real_label=0.9, patch=False)
    stored = json.loads(json.dumps(dataclasses.asdict(recipe)))
    assert recipes.get("welander/cyclegan", **stored) == recipe


def test_seed_makes_the_weights():
    first, again, other = (tiny.weights(tiny.cyclegan(seed=seed))["G_A2B"] for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, again))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other))


def test_listing_recipes_does_not_load_tensorflow():
    code = (
        "import sys, gan_mri; from gan_mri import recipes; "
        "assert 'welander/cyclegan' in recipes.all_recipes(); "
        "recipes.get('welander/cyclegan', filters=8); "
        "loaded = {'tensorflow', 'keras', 'matplotlib'} & set(sys.modules); "
        "assert not loaded, loaded"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60, env=environment)
