"""Recipes: every method of every paper with its settings, by name.

A new paper is one new file in this folder with a dict `RECIPES`, its methods in
the paper's order: name to a function (or class) that gives the recipe with all its
values. It is found by being there. What the paper found, prints and draws is in
`gan_mri.papers`.
"""

import functools
import importlib
import pkgutil

from gan_mri.errors import GanMriError


@functools.cache
def _modules():
    """The modules that hold recipes."""
    found = [
        importlib.import_module(f"{__name__}.{module.name}")
        for module in pkgutil.iter_modules(__path__)
    ]
    return [module for module in found if hasattr(module, "RECIPES")]


def all_recipes():
    """Every recipe by its name, such as "welander/cyclegan": a function that gives its settings."""
    found = {}
    for module in _modules():
        found.update(module.RECIPES)
    return dict(sorted(found.items()))


def methods_of(paper):
    """A paper's methods, in the paper's order.

    Parameters
    ----------
    paper : str
        What stands before the stroke in the recipes' names, such as "welander".

    Returns
    -------
    list of str
        Names of methods, such as "cyclegan": the recipe is "welander/cyclegan".

    Raises
    ------
    GanMriError
        For an unknown paper; lists the known.
    """
    methods = {}
    for module in _modules():
        for recipe in module.RECIPES:
            name, _, method = recipe.partition("/")
            methods.setdefault(name, []).append(method)
    if paper not in methods:
        raise GanMriError(f"There is no paper {paper!r}. There are: {', '.join(sorted(methods))}.")
    return methods[paper]


def get(name, **overrides):
    """A recipe by its name, with some of its settings changed.

    Parameters
    ----------
    name : str
        For example "welander/cyclegan".
    **overrides
        Fields of the recipe.

    Returns
    -------
    Recipe

    Raises
    ------
    GanMriError
        For an unknown name or setting (the message lists the known), or a
        value that does not fit.
    """
    recipes = all_recipes()
    if name not in recipes:
        raise GanMriError(f"There is no recipe {name!r}. There are: {', '.join(recipes)}.")
    return recipes[name]().replace(**overrides)


def build(recipe, image_shape, *, contrasts=None, dtype="float32", seed=None, **overrides):
    """A recipe's model, compiled and ready for `train_step`.

    Parameters
    ----------
    recipe : str
        For example "welander/cyclegan".
    image_shape : tuple
        `(H, W, C)` or `(X, Y, Z, C)`.
    contrasts : sequence of str, optional
        For recipes of any number of domains.
    dtype : {"float32", "float64", "bfloat16", "float16"}
        The 16-bit ones are mixed: variables, losses, statistics and the last
        layers stay float32.
    seed : int, optional
        Makes the initial weights and the image pools reproducible.
    **overrides
        Fields of the recipe, such as `filters=16`.

    Returns
    -------
    gan_mri.models.translation.Translation

    Raises
    ------
    GanMriError
        As `get`.

    Examples
    --------
    >>> model = build("welander/cyclegan", (64, 64, 1), filters=8)
    >>> sorted(model.networks)
    ['D_A', 'D_B', 'G_A2B', 'G_B2A']
    """
    settings = get(recipe, **overrides).for_shape(tuple(image_shape))

    from gan_mri.backend import precision, seeded

    with precision(dtype), seeded(seed):
        return settings.build(
            tuple(image_shape),
            contrasts=contrasts,
            seed=seed or 0,
            loss_scaling=dtype == "float16",
        )
