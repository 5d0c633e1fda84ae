import types

import pytest

from gan_mri import recipes
from gan_mri.errors import GanMriError


def test_methods_in_the_order_of_the_module():
    methods = recipes.methods_of("welander")
    assert methods[0] == "cyclegan"
    assert [f"welander/{name}" for name in methods] == list(recipes.welander.RECIPES)


def test_papers_of_one_module_do_not_mix(monkeypatch):
    first, second = object(), object()
    module = types.SimpleNamespace(RECIPES={"one/b": first, "two/c": second, "one/a": first})
    monkeypatch.setattr(recipes, "_modules", lambda: [module])
    assert recipes.methods_of("one") == ["b", "a"]
    assert recipes.methods_of("two") == ["c"]


@pytest.mark.parametrize("name", ["isola-2", "welander/unit", ""])
def test_unknown_paper(name):
    with pytest.raises(GanMriError, match=f"no paper '{name}'.*welander"):
        recipes.methods_of(name)
