"""Short names for the runs that are compared."""

from collections import Counter

from gan_mri.errors import GanMriError


def method_names(runs):
    """A name for every run, as short as the others allow.

    The recipe without its paper ("cyclegan"), or with it where two papers have
    a recipe of that name, or with the run's folder where two runs are of one
    recipe: "cyclegan (folder)".

    Parameters
    ----------
    runs : list of gan_mri.runs.run.Run

    Returns
    -------
    list of str

    Raises
    ------
    GanMriError
        If a run is given twice.
    """
    folders = [run.folder.resolve() for run in runs]
    for folder, count in Counter(folders).items():
        if count > 1:
            raise GanMriError(f"{folder}: expected every run once. Received it {count} times.")
    recipes = [run.config["recipe"] for run in runs]
    names = [recipe.rpartition("/")[2] for recipe in recipes]
    papers = {}
    for name, recipe in zip(names, recipes):
        papers.setdefault(name, set()).add(recipe)
    names = [recipe if len(papers[name]) > 1 else name for name, recipe in zip(names, recipes)]
    names = _told_apart(names, [folder.name for folder in folders])
    return _told_apart(names, [str(folder) for folder in folders])


def _told_apart(names, additions):
    counts = Counter(names)
    return [
        f"{name} ({more})" if counts[name] > 1 else name for name, more in zip(names, additions)
    ]


def readable(method):
    """A method's name as words, which a label can break where they end.

    >>> readable("attention_generator_charbonnier")
    'attention generator charbonnier'
    """
    return method.replace("_", " ")
