"""What the arguments of a run name: its recipe and its data."""

import dataclasses

from gan_mri import recipes
from gan_mri.data.dataset import load_options
from gan_mri.data.options import DataOptions
from gan_mri.data.sides import check_sides_of
from gan_mri.data.sources.built_in import BUILT_IN
from gan_mri.data.splits import SPLITS


def recipe_of(arguments):
    """The recipe with all its settings that a run with these arguments trains.

    Parameters
    ----------
    arguments : dict
        Every key of `gan_mri.train.DEFAULTS`.

    Returns
    -------
    gan_mri.recipes.recipe.Recipe
    """
    settings = arguments["settings"]
    if arguments["data"] in BUILT_IN:
        settings = BUILT_IN[arguments["data"]].settings | settings
    return recipes.get(arguments["recipe"], **settings)


def load_data(arguments, task):
    """The data that a run with these arguments trains on.

    Parameters
    ----------
    arguments : dict
        Every key of `gan_mri.train.DEFAULTS`.
    task : gan_mri.tasks.Task
        Of the recipe.

    Returns
    -------
    gan_mri.data.TranslationData
    """
    options = DataOptions.of(arguments)
    if arguments["data"] in BUILT_IN:
        subjects = BUILT_IN[arguments["data"]].trained_on(options.sampling.rank)
        options = dataclasses.replace(options, subjects=subjects)
    needs = {"domains": task.domains, "paired": task.paired, "neighbours": task.contexts}
    data = load_options(options, **needs)
    for part in SPLITS:
        check_sides_of(getattr(data, part))
    return data
