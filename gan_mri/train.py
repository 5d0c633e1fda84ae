"""Train a recipe on volumes, pictures or built-in data: `python -m gan_mri.train`.

Without arguments it trains `welander/cyclegan` on the built-in phantom.
"""

import argparse
import os
from pathlib import Path

from gan_mri.arguments import check_keras, checked, required
from gan_mri.commands import make_callable, run_command
from gan_mri.data.files.names import check_utf8_path
from gan_mri.data.options import DataOptions, add_arguments, scaling_is_text
from gan_mri.data.sources.built_in import is_built_in
from gan_mri.data.sources.layouts import check_contrasts
from gan_mri.errors import GanMriError
from gan_mri.files import check_writable
from gan_mri.planning.training import plan_training
from gan_mri.runs.lock import exists_already, is_abandoned
from gan_mri.runs.resumption import resumed_arguments, run_to_resume
from gan_mri.runs.run import Run

#: What an argument is where neither the user nor the resumed run says anything.
DEFAULTS = {
    "recipe": "welander/cyclegan",
    **DataOptions.defaults(),
    "steps_per_epoch": None,
    "evaluate_every": None,
    "init": None,
    "freeze": None,
    "checkpoint_every": None,
    "keep_checkpoints": 1,
    "precision": "auto",
    "strategy": "auto",
    "settings": {},
}


def train(
    recipe=None,
    *,
    out=None,
    resume=False,
    resume_or_start=False,
    plan=False,
    progress=True,
    **arguments,
):
    """Train a recipe and leave a run folder behind.

    Parameters
    ----------
    recipe : str, optional
        Default "welander/cyclegan".
    out : str or Path, optional
        The run folder; must not exist yet, unless `resume`. Default:
        `runs/<recipe>`, numbered.
    resume : bool
        Continue the run in `out` where it stopped. Its arguments are
        remembered; only `epochs` may change.
    resume_or_start : bool
        Continue the run in `out` if it has begun, else start it: the same call serves a job
        that is started again until it is done.
    plan : bool
        Train nothing: try a few steps, and return what the whole would take.
    progress : bool
        Show a progress bar and the table at the end.
    data, contrasts, plane, slices, image_size, fit, spacing, align, scaling, augment, split, \
validation_subjects, test_subjects
        See `gan_mri.data.options.DataOptions`; default: the built-in set that suits the recipe.
    steps_per_epoch : int, optional
        Default: until the larger domain has been seen once.
    evaluate_every : int, optional
        Epochs between two measurements on held-out images, besides the first
        and the last; default: a tenth of all.
    init : str, or sequence of str, optional
        Weights to start from in place of random ones (fine-tuning): a run folder, a folder of
        `NETWORK.weights.h5`, or files whose names begin with that of a network, those of the
        2018 code among them. The intensity scaling is that of the new data.
    freeze : str, or sequence of str, optional
        Networks, or parts of them, that stay as they are, see `gan_mri.networks.parts.freeze`.
    checkpoint_every : float, optional
        Minutes between two checkpoints inside an epoch, besides that after each.
    keep_checkpoints : int
        Last checkpoints to keep, besides the best. Default: 1.
    precision, strategy : str
        See `gan_mri.training.devices`.
    seed : int
        From 0 to 2**32 - 1. The same seed gives the same run.
    **settings
        Fields of the recipe: `epochs`, `batch_size`, `filters`, ...

    Returns
    -------
    gan_mri.runs.run.Run
        None in those of several workers that write no run folder. Of a `plan` a
        `gan_mri.planning.training.TrainingPlan`.

    Raises
    ------
    GanMriError
        For everything that the user can put right.

    Examples
    --------
    >>> run = train(data="phantom", epochs=2, filters=8)  # doctest: +SKIP
    >>> run.translator("A2B")(images)  # doctest: +SKIP
    """
    check_keras()
    checked(recipe=recipe, out=out, resume=resume, resume_or_start=resume_or_start)
    required(plan=plan, progress=progress)
    run = run_to_resume(out, may_start=resume_or_start) if resume or resume_or_start else None
    if plan and run:
        raise GanMriError("plan: expected a new training. Received one to resume (--resume).")
    method = recipe or (run.config["recipe"] if run else DEFAULTS["recipe"])
    given = sort_arguments(method, arguments)
    if run:
        given, folder = resumed_arguments(given, run, DEFAULTS), run.folder
    else:
        folder = _new_folder(out, method)
    given = completed(given)
    if plan:
        return plan_training(given)

    # TensorFlow is loaded only now: wrong arguments are answered at once.
    from gan_mri.training.session import Session

    session = Session(folder, given, run=run, numbered=out is None, shows=progress)
    session.run()
    return Run(session.folder) if session.chief else None


def completed(given):
    """Every argument of a training, from those that `sort_arguments` returned.

    What nobody states comes from the recipe (its built-in data, the options of the data that
    belong to it) and then from `DEFAULTS`.
    """
    from gan_mri import recipes

    method = recipes.get(given["recipe"], **given["settings"])
    defaults = DEFAULTS | {"data": method.built_in_data} | method.data_options
    if is_built_in(given.get("data", defaults["data"])):
        defaults |= method.built_in_options
    return defaults | given


def sort_arguments(recipe, arguments):
    """The arguments of `train` that were given, with the recipe's fields under "settings".

    Raises
    ------
    GanMriError
        For an unknown recipe or name, or a value that does not fit.
    """
    from gan_mri import recipes

    own = set(DEFAULTS) - {"settings"}
    arguments = checked(**arguments)
    given = {name: value for name, value in arguments.items() if value is not None}
    settings = {name: value for name, value in given.items() if name not in own}
    given = {name: value for name, value in given.items() if name in own}
    # Unknown names and values that do not fit are answered before anything else.
    recipes.get(recipe, **settings)
    if not scaling_is_text(given.get("scaling", "auto")):
        # The run remembers its arguments as text, to be resumed with them.
        raise GanMriError(
            'scaling must be text such as "volume", or one text for each domain. '
            f"Received: {given['scaling']!r}."
        )
    options = DataOptions.of(given)
    if "contrasts" in given:
        task = recipes.get(recipe, **settings).task(options.contrasts)
        check_contrasts(options.contrasts, task.domains)
    return given | {"recipe": recipe, "settings": settings}


def _new_folder(out, recipe):
    if out is not None:
        folder = Path(out)
        check_utf8_path(folder, "in which TensorFlow can write")
        # os.path: a name that is too long does not exist, rather than being an error.
        if os.path.exists(folder) and not is_abandoned(folder):
            raise exists_already(folder)
    else:
        folder = Path("runs") / f"{recipe.replace('/', '-')}-1"
    check_writable(folder, folder=True)
    return folder


def main(arguments):
    """The command line of `train`."""
    options = parse(_parser(), arguments)
    made = train(**options)
    if options["plan"]:
        print(made)


def parse(parser, arguments):
    """The keyword arguments that a command line means, settings of `--set` among them.

    Raises
    ------
    GanMriError
        For a setting that is an argument of its own.
    """
    options = vars(parser.parse_args(arguments))
    settings = dict(setting for group in options.pop("set") for setting in group)
    own = {*options, "recipe", "settings", "resume", "out", "set"}
    for name in settings:
        if name in own:
            raise GanMriError(
                f"--set {name}=...: expected a setting of the recipe. Received an argument of the "
                "command itself."
            )
    return options | settings


def _parser():
    from gan_mri import recipes

    parser = argparse.ArgumentParser(
        prog="python -m gan_mri.train",
        description="Train a GAN that translates between two kinds of images.",
        epilog=f"Recipes: {', '.join(recipes.all_recipes())}.",
    )
    parser.add_argument("recipe", nargs="?", help="default: welander/cyclegan")
    parser.add_argument("--out", help="run folder; default: runs/<recipe>-<number>")
    parser.add_argument("--resume", action="store_true", help="continue the run in --out")
    parser.add_argument(
        "--resume-or-start",
        action="store_true",
        help="continue the run in --out if it has begun, else start it (for jobs that are "
        "started again by the same command)",
    )
    parser.add_argument("--plan", action="store_true", help="only say what the run would take")
    add_arguments(parser)
    add_training_arguments(parser)
    return parser


def add_training_arguments(parser):
    """Add what says how to train, as every command that trains takes it."""
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--decay-epoch", type=int, help="where the learning rate falls")
    parser.add_argument("--steps-per-epoch", type=int)
    parser.add_argument("--batch-size", type=int, help="per replica")
    parser.add_argument("--evaluate-every", type=int, metavar="EPOCHS")
    parser.add_argument(
        "--init",
        nargs="+",
        metavar="RUN_OR_WEIGHTS",
        help="start from the weights of a run, of a folder, or of files named after networks",
    )
    parser.add_argument(
        "--freeze",
        nargs="+",
        metavar="NETWORK[:PART]",
        help="leave networks as they are, or parts of them (encoder, middle, decoder): "
        "'D_*' 'G_*:encoder'",
    )
    parser.add_argument(
        "--checkpoint-every",
        type=float,
        metavar="MINUTES",
        help="save inside epochs, too (SIGTERM and SIGUSR1 save, and end with status 75)",
    )
    parser.add_argument("--keep-checkpoints", type=int, metavar="N", help="the last N; default: 1")
    parser.add_argument("--precision", help="auto (default), float32, bfloat16, float16 or float64")
    parser.add_argument("--strategy", help="auto (default), mirrored, multiworker, none")
    parser.add_argument("--seed", type=int)
    parser.add_argument(
        "--set",
        nargs="+",
        action="append",
        default=[],
        type=_setting,
        metavar="NAME=VALUE",
        help="other settings of the recipe, such as filters=16 multiscale=true",
    )


def _setting(text):
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"expected NAME=VALUE, received {text!r}")
    if value.lower() in ("true", "false"):
        return name, value.lower() == "true"
    for kind in (int, float):
        try:
            return name, kind(value)
        except ValueError:
            continue
    return name, value


make_callable(__name__)

if __name__ == "__main__":
    run_command(main)
