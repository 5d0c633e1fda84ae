"""Recipes: every method of every paper with its settings, by name.

A new paper is one new file in this folder with a dict `RECIPES`, its methods in
the paper's order: name to a function (or class) that gives the recipe with all its
values. It is found by being there. What the paper found, prints and draws is in
`gan_mri.papers`.
"""

import functools
import importlib
import pkgutil
from numbers import Integral

from gan_mri.arguments import check_keras, checked
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


def build(
    recipe, image_shape, *, contrasts=None, dtype="float32", seed=None, freeze=(), **overrides
):
    """A recipe's model, compiled and ready for `train_step`.

    Parameters
    ----------
    recipe : str
        For example "welander/cyclegan".
    image_shape : tuple
        `(H, W, C)` or `(X, Y, Z, C)`; None for sizes that are free, where the recipe allows it.
    contrasts : sequence of str, optional
        For recipes of any number of domains.
    dtype : {"float32", "float64", "bfloat16", "float16"}
        The 16-bit ones are mixed: variables, losses, statistics and the last
        layers stay float32.
    seed : int, optional
        From 0 to 2**32 - 1. Makes the initial weights and the image pools reproducible.
    freeze : sequence of str
        Networks, or parts of them, that training leaves as they are, such as "G_*:encoder", see
        `gan_mri.networks.parts.freeze`.
    **overrides
        Fields of the recipe, such as `filters=16`.

    Returns
    -------
    gan_mri.models.translation.Translation

    Raises
    ------
    GanMriError
        As `get`; for a shape or a seed of another kind, and for another backend of Keras.

    Examples
    --------
    >>> model = build("welander/cyclegan", (64, 64, 1), filters=8)
    >>> sorted(model.networks)
    ['D_A', 'D_B', 'G_A2B', 'G_B2A']
    """
    check_keras()
    (seed,) = checked(seed=seed).values()
    image_shape = _checked_shape(image_shape)
    settings = get(recipe, **overrides).for_shape(image_shape)

    from gan_mri.backend import precision, seeded

    with precision(dtype), seeded(seed):
        return settings.build(
            image_shape,
            contrasts=contrasts,
            seed=seed or 0,
            loss_scaling=dtype == "float16",
            freeze=freeze,
        )


def _checked_shape(shape):
    """`(H, W, C)` or `(X, Y, Z, C)` as a tuple, sizes that are free as None."""
    shape = tuple(shape) if isinstance(shape, (tuple, list)) else shape
    sizes = shape if isinstance(shape, tuple) and len(shape) in (3, 4) else (0,)
    if not all(map(_is_size, [size for size in sizes[:-1] if size is not None] + [sizes[-1]])):
        raise GanMriError(
            "image_shape must be whole numbers from 1, (H, W, C) or (X, Y, Z, C), or None for "
            f"sizes that are free. Received: {shape!r}."
        )
    return tuple(size if size is None else int(size) for size in sizes)


def _is_size(number):
    return isinstance(number, Integral) and not isinstance(number, bool) and 1 <= number < 2**20
