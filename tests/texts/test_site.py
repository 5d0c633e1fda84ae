"""What the site's extensions make of docstrings, without building the site."""

import doctest
import importlib
import importlib.util
from pathlib import Path

import pytest
from test_commands_in_texts import commands_in

from gan_mri.recipes import all_recipes

EXTENSIONS = Path(__file__).parents[2] / "docs" / "site" / "_ext"


def extension(name):
    spec = importlib.util.spec_from_file_location(f"site_{name}", EXTENSIONS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def page():
    return extension("recipes").every_recipe()


@pytest.mark.parametrize("name", ["docstrings", "recipes"])
def test_examples(name):
    found = doctest.testmod(extension(name))
    assert found.attempted and not found.failed


def test_every_recipe_has_a_section_with_its_values(page):
    sections = page.split("\n### ")[1:]
    assert sorted(section.split("\n")[0] for section in sections) == list(all_recipes())
    for section in sections:
        recipe = all_recipes()[section.split("\n")[0]]()
        assert f"| `learning_rate` | `{recipe.learning_rate!r}` |" in section


def test_every_recipe_has_a_command_that_is_understood(page, monkeypatch):
    trained = []
    module = importlib.import_module("gan_mri.train")
    monkeypatch.setattr(module, "train", lambda recipe=None, **options: trained.append(recipe))
    for name, words in commands_in(page):
        assert name == "train"
        module.main(words)
    assert sorted(trained) == list(all_recipes())


def test_only_the_marked_page_is_filled():
    recipes = extension("recipes")
    marked, other = [f"before\n{recipes.MARK}\nafter"], ["# Start"]
    for source in (marked, other):
        recipes.fill(None, "page", source)
    assert "### welander/cyclegan" in marked[0] and recipes.MARK not in marked[0]
    assert other == ["# Start"]
