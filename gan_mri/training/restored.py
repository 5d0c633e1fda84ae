"""A run's model with the weights of one of its checkpoints."""

from gan_mri import recipes
from gan_mri.errors import GanMriError
from gan_mri.inference.card import Card
from gan_mri.inference.export import export_translators
from gan_mri.training.checkpoints import Checkpoints


def restored(run, which="best"):
    """The model of a run as it was at a checkpoint.

    Parameters
    ----------
    run : gan_mri.runs.run.Run
    which : {"last", "best"}

    Returns
    -------
    (gan_mri.models.translation.Translation, dict)
        And the state that was saved with it: "step", ...

    Raises
    ------
    GanMriError
        If there is no such checkpoint; only runs with validation subjects have a best one.
    """
    config = run.config
    counts = config["data"]["counts"]["validation"]
    if which == "best" and not all(counts[domain] for domain in run.task.domains):
        # An older version chose on test subjects where there were no others.
        raise GanMriError(
            f"{run.folder}: expected a run with validation subjects (--split, "
            "--validation-subjects), on which its best checkpoint is chosen. It has none: take the "
            "last one (--checkpoint last)."
        )
    # In the run's own precision, because float16 has a state of its own.
    model = recipes.build(
        config["recipe"],
        (*config["geometry"]["size"], config["data"]["channels"]),
        contrasts=tuple(config["data"]["contrasts"]),
        dtype=config["precision"],
        freeze=config["arguments"].get("freeze") or (),
        **config["settings"],
    )
    checkpoints = Checkpoints(run.folder / "checkpoints", model, writes=False)
    return model, checkpoints.restore(which)


def export_best(run):
    """The SavedModels of the best checkpoint, in `export-best` of the run folder.

    They are written when they are first asked for, and again when the run has found a better
    checkpoint since.

    Parameters
    ----------
    run : gan_mri.runs.run.Run
        With its `export`: their cards are the same.

    Returns
    -------
    Path
    """
    folder, config = run.folder / "export-best", run.config
    names = [direction.name for direction in run.task.directions]
    for name in names:
        run.check_exported(name)
    model, state = restored(run, "best")
    steps = [
        Card.read(folder / name).content.get("step") if (folder / name).is_dir() else None
        for name in names
    ]
    if steps != [state["step"]] * len(names):
        exported = run.folder / "export"
        cards = {
            name: Card.read(exported / name).content | {"step": state["step"]} for name in names
        }
        method = recipes.get(config["recipe"], **config["settings"])
        export_translators(model, method, run.task, folder, cards)
    return folder
