from types import SimpleNamespace

import pytest

from gan_mri.errors import GanMriError
from gan_mri.evaluation.names import method_names, readable


def names(tmp_path, **recipes):
    runs = [
        SimpleNamespace(folder=tmp_path / folder, config={"recipe": recipe})
        for folder, recipe in recipes.items()
    ]
    return method_names(runs)


def test_the_paper_is_left_out(tmp_path):
    assert names(tmp_path, a="welander/cyclegan", b="welander/unit") == ["cyclegan", "unit"]


def test_the_paper_stays_where_two_have_the_method(tmp_path):
    found = names(tmp_path, a="welander/cyclegan", b="other/cyclegan", c="welander/unit")
    assert found == ["welander/cyclegan", "other/cyclegan", "unit"]


def test_two_runs_of_a_recipe_get_their_folders(tmp_path):
    found = names(tmp_path, a="welander/unit", b="welander/unit", c="welander/simple")
    assert found == ["unit (a)", "unit (b)", "simple"]


def test_folders_of_one_name_get_their_paths(tmp_path):
    found = names(tmp_path, **{"x/run": "p/unit", "y/run": "p/unit"})
    assert len(set(found)) == 2
    assert all(str(tmp_path / place) in name for place, name in zip("xy", found))


def test_a_run_given_twice_is_refused(tmp_path):
    with pytest.raises(GanMriError, match="every run once.*2 times"):
        names(tmp_path, **{"a": "p/unit", "../" + tmp_path.name + "/a": "p/unit"})


def test_names_that_are_drawn_are_words():
    assert readable("attention_generator_charbonnier") == "attention generator charbonnier"
    assert readable("unit (runs/my-unit)") == "unit (runs/my-unit)"
