"""Train every method of a paper on the same data and compare them: `python -m gan_mri.compare`."""

import argparse
import dataclasses
import json
from pathlib import Path
from typing import NamedTuple

from gan_mri.arguments import check_keras, checked, required
from gan_mri.commands import make_callable, run_command
from gan_mri.data.options import add_arguments
from gan_mri.data.sources.built_in import source_name
from gan_mri.errors import GanMriError
from gan_mri.files import check_writable
from gan_mri.runs.run import load_run
from gan_mri.train import (
    DEFAULTS,
    add_training_arguments,
    completed,
    parse,
    sort_arguments,
    train,
)


class PaperComparison(NamedTuple):
    """What `compare` leaves behind.

    Attributes
    ----------
    folder : Path
    runs : dict
        Method to `gan_mri.runs.run.Run`, in the paper's order.
    evaluation : gan_mri.evaluation.report.Evaluation
    page : Path
        `index.html` in the folder.
    """

    folder: Path
    runs: dict
    evaluation: object
    page: Path


def compare(
    paper,
    *,
    out,
    data=None,
    epochs=None,
    steps_per_epoch=None,
    seed=0,
    methods=None,
    progress=True,
    **arguments,
):
    """Train every method of a paper with one split and one seed, and compare them.

    | path                        | what                                         |
    |-----------------------------|----------------------------------------------|
    | `index.html`                | the comparison, one file that holds its pictures |
    | `<method>/`                 | the run folders                              |
    | `methods.csv`               | cost and settings of the methods             |
    | `evaluation/`               | tables and figures of `gan_mri.evaluate`     |

    Called again with the same arguments it goes on where it was stopped: a
    finished run is kept, an unfinished one resumed.

    Parameters
    ----------
    paper : str
        What stands before the stroke in the recipes' names, such as "welander".
    out : str or Path
        The folder.
    data, seed
        See `gan_mri.train`; default: the built-in data set that suits the
        paper's recipes.
    epochs, steps_per_epoch : int, optional
        For every method; default: those of its recipe, and until the larger
        domain has been seen once.
    methods : sequence of str, optional
        Such as ("cyclegan", "unit"); default: all, in the paper's order.
    progress : bool
        Show what is going on, and the table at the end.
    **arguments
        Of `gan_mri.train`. A setting of a recipe goes to the methods that
        have it, and must be one of at least one of them.

    Returns
    -------
    PaperComparison

    Raises
    ------
    GanMriError
        For everything that the user can put right. Unknown methods and
        settings, a folder with a run of other arguments, methods that need
        pairs on data without, and data without a test part are told before
        anything is trained.
    KeyboardInterrupt
        After Ctrl-C, with the state saved.

    Examples
    --------
    >>> compare("welander", data="bids", contrasts=("T1w", "T2w"), epochs=100,
    ...         methods=("cyclegan", "unit"), out="runs/2018")  # doctest: +SKIP
    """
    from gan_mri.recipes import methods_of

    check_keras()
    required(paper=paper, out=out, progress=progress)
    methods = checked(methods=methods, data=data)["methods"]
    out = Path(out)
    known = methods_of(paper)
    names = _chosen(paper, known, methods)
    common = {"data": data, "epochs": epochs, "steps_per_epoch": steps_per_epoch, "seed": seed}
    plans = _plans(paper, names, common | arguments)
    _check_place(out)
    unfinished = [name for name in names if not _finished(out / name, plans[name])]
    if unfinished:
        _check_data([plans[name] for name in unfinished])
    for number, name in enumerate(names, start=1):
        if progress:
            state = "" if name in unfinished else ": finished before"
            print(f"\n[{number}/{len(names)}] {paper}/{name} in {out / name}{state}", flush=True)
        if name in unfinished:
            _train(out / name, plans[name], progress)

    # Loaded only now: wrong arguments are answered at once.
    from gan_mri import papers
    from gan_mri.evaluate import evaluate
    from gan_mri.evaluation.comparison_page import paper_sections, write_comparison
    from gan_mri.reporting.page import Table

    evaluation = evaluate([out / name for name in names], out=out / "evaluation", progress=progress)
    runs = {name: load_run(out / name) for name in names}
    about = papers.of(paper)
    own = paper_sections(out, about, runs, evaluation, progress=progress)
    page = write_comparison(out, about, runs, evaluation, own)
    if progress:
        tables = [block for section in own for block in section.blocks if isinstance(block, Table)]
        for text in (evaluation.table(), *(table.to_text() for table in tables)):
            print(f"\n{text}\n")
        print(f"Page             {page}")
        print(f"Tables, figures  {evaluation.folder}")
    return PaperComparison(out, runs, evaluation, page)


def _check_place(out):
    """Refuse, before anything is trained, a folder that what is made cannot be written to."""
    from gan_mri.evaluation.report import check_own, check_own_page

    check_writable(out, folder=True)
    check_own(out / "evaluation", given=True)
    check_own_page(out)


def _chosen(paper, known, methods):
    """The methods to compare, in the paper's order."""
    if methods is None:
        return known
    unknown = [name for name in methods if name not in known]
    if unknown or not methods:
        raise GanMriError(
            f"methods: expected some of {', '.join(known)}, the methods of {paper}. "
            f"Received: {', '.join(map(repr, unknown)) or 'none'}."
        )
    return [name for name in known if name in methods]


def _plans(paper, names, arguments):
    """Every argument of every method's training, as its config.json will hold them."""
    from gan_mri import recipes

    given = {name: value for name, value in arguments.items() if value is not None}
    if "data" in given:
        given["data"] = source_name(given["data"])
    fields = {
        name: [field.name for field in dataclasses.fields(recipes.get(f"{paper}/{name}"))]
        for name in names
    }
    settings = sorted(set().union(*fields.values()))
    own = set(DEFAULTS) - {"recipe", "settings"}
    for name in given:
        if name not in own and name not in settings:
            raise GanMriError(
                f"{name!r} is neither an argument of training nor a setting of "
                f"{', '.join(names)}. There are: {', '.join(sorted(own) + settings)}."
            )
    plans = {}
    for name in names:
        mine = {key: value for key, value in given.items() if key in own or key in fields[name]}
        plan = completed(sort_arguments(f"{paper}/{name}", mine))
        plans[name] = json.loads(json.dumps(plan))  # tuples become lists, as in config.json
    return plans


def _finished(folder, plan):
    """Whether the run in a folder is complete; other arguments than planned are an error."""
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()  # stopped before the first file was complete
    if not folder.exists():
        return False
    run = load_run(folder)
    _check_arguments(run, plan)
    ways = run.task.directions
    exported = all((folder / "export" / direction.name).is_dir() for direction in ways)
    measured = (folder / "held_out.json").is_file() and "trained" in run.held_out["metrics"]
    return len(run.history) == run.config["settings"]["epochs"] and exported and measured


def _check_arguments(run, plan):
    from gan_mri.training.inputs import recipe_of

    before = {name: value for name, value in run.config["arguments"].items() if name in plan}
    planned = plan | {"settings": dataclasses.asdict(recipe_of(plan))}
    # A resumed run lists all settings where a new one lists those that were given.
    before = DEFAULTS | before | {"settings": run.config["settings"]}
    pairs = [(name, before[name], planned[name]) for name in planned if name != "settings"]
    if before["recipe"] == planned["recipe"]:
        settings = before["settings"], planned["settings"]
        pairs += [(name, settings[0].get(name), value) for name, value in settings[1].items()]
    for name, there, here in pairs:
        if there != here:
            raise GanMriError(
                f"{run.folder} holds a run with {name} {there!r}. Expected one with "
                f"{here!r}, as this comparison has it. Compare with the arguments that the "
                "folder was made with, or give --out another folder."
            )


def _check_data(plans):
    """Refuse, before anything is trained, data that some method or the evaluation cannot use."""
    from gan_mri.training.inputs import load_data, recipe_of

    tasks = {plan["recipe"]: recipe_of(plan).task(plan["contrasts"]) for plan in plans}
    needy = {recipe: task for recipe, task in tasks.items() if task.paired}
    plan = plans[0]  # they share everything that loading depends on
    first = tasks[plan["recipe"]]
    free = dataclasses.replace(first, paired=())
    try:
        data = load_data(plan, next(iter(needy.values()), first))
    except GanMriError as error:
        load_data(plan, free)  # what is wrong for every method is told alone
        raise GanMriError(f"{error} (Pairs are needed by {', '.join(needy)}.)") from error
    if not data.test.complete:
        counts = " and ".join(str(len(data.test[domain])) for domain in data.domains)
        *most, last = data.contrasts
        contrasts = f"{', '.join(most)} and {last}" if most else last
        raise GanMriError(
            f"{plan['data']}: expected images of {contrasts} for testing, "
            f"to compare the methods on. Received: {counts}. "
            "Give --split 0.7 0 0.3 or --test-subjects."
        )


def _train(folder, plan, progress):
    try:
        if folder.exists():
            train(out=folder, resume=True, progress=progress)
        else:
            own = {name: value for name, value in plan.items() if name != "settings"}
            train(out=folder, progress=progress, **own, **plan["settings"])
    except KeyboardInterrupt as stop:
        stop.args = (
            f"interrupted while training {folder}; what was trained is kept. The same "
            "command again goes on from there.",
        )
        raise


def main(arguments):
    """The command line of `compare`."""
    compare(**parse(_parser(), arguments))


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m gan_mri.compare",
        description="Train every method of a paper with one split and one seed, and compare "
        "them in tables and figures. The same command again goes on where it was stopped.",
    )
    parser.add_argument("paper", help="such as welander")
    parser.add_argument("--out", required=True, help="folder of runs, tables and index.html")
    parser.add_argument("--methods", nargs="+", help="default: all of the paper")
    add_arguments(parser)
    add_training_arguments(parser)
    return parser


make_callable(__name__)

if __name__ == "__main__":
    run_command(main)
