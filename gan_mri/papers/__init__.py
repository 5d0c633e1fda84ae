"""What each paper says, prints and draws, by the paper's name.

A paper is one module, or one folder, of the name that stands before the stroke in its
recipes' names; it holds a `PAPER` (`gan_mri.papers.paper.Paper`) and is found by being
there. A recipe without one can be compared too: it has no findings to be set beside.
"""

import importlib
import pkgutil

from gan_mri.papers.paper import Paper


def of(name):
    """What a paper says of its methods.

    Parameters
    ----------
    name : str
        What stands before the stroke in the recipes' names, such as "welander".

    Returns
    -------
    gan_mri.papers.paper.Paper
        Of a paper that has no module here: nothing but its name.
    """
    modules = {module.name for module in pkgutil.iter_modules(__path__)}
    if name not in modules:
        return Paper(title=name)
    return getattr(importlib.import_module(f"{__name__}.{name}"), "PAPER", Paper(title=name))
