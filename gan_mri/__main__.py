"""`gan-mri NAME ...` is `python -m gan_mri.NAME ...`; alone it lists names, recipes and weights."""

import ast
import importlib
import pkgutil
import sys

import gan_mri
from gan_mri.commands import run_command
from gan_mri.errors import GanMriError


def commands():
    """Every command and what it does: modules whose docstring says how they are run.

    Returns
    -------
    dict of str to str
        The beginning of the docstring by the name of the command.
    """
    found = {}
    for module in pkgutil.iter_modules(gan_mri.__path__):
        if module.ispkg or module.name.startswith("_"):
            continue
        # Read, not imported: some modules load TensorFlow.
        source = module.module_finder.find_spec(module.name).loader.get_source(module.name)
        what, run, _ = (ast.get_docstring(ast.parse(source)) or "").partition(
            f": `python -m gan_mri.{module.name}"
        )
        if run:
            found[module.name] = what
    return found


def main(arguments):
    """Run a command, or list all.

    Raises
    ------
    GanMriError
        For a name that is no command.
    """
    known = commands()
    if not arguments or arguments[0] in ("-h", "--help"):
        _list(known)
    elif arguments[0] not in known:
        raise GanMriError(
            f"gan-mri: expected one of {', '.join(known)}. Received: {arguments[0]!r}."
        )
    else:
        importlib.import_module(f"gan_mri.{arguments[0]}").main(arguments[1:])


def _list(known):
    from gan_mri import recipes
    from gan_mri.publishing.published import list_of_shipped

    print("usage: gan-mri COMMAND ...    (gan-mri COMMAND --help says more)\n")
    width = max(map(len, known))
    for name, what in known.items():
        print(f"  {name:{width}s}  {what}")
    print("\nRecipes of `gan-mri train RECIPE`:\n")
    for name in recipes.all_recipes():
        print(f"  {name}")
    print("\nTrained weights of `gan-mri translate NAME INPUT OUTPUT`:\n")
    for line in list_of_shipped().splitlines():
        print(f"  {line}")


def console():
    """The entry point `gan-mri`."""
    run_command(main, sys.argv[1:])


if __name__ == "__main__":
    console()
