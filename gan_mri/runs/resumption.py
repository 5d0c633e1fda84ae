"""How a run goes on: which one, and with which arguments."""

import os
from pathlib import Path

from gan_mri.data.sources.built_in import is_built_in, source_name
from gan_mri.errors import GanMriError
from gan_mri.runs.lock import is_abandoned
from gan_mri.runs.run import load_run

# What changes nothing in the result may change when a run goes on.
_FREE = ("checkpoint_every", "keep_checkpoints")


def run_to_resume(out, may_start=False):
    """The run that is to go on.

    Parameters
    ----------
    out : str or Path or None
        Its folder.
    may_start : bool
        Whether it may be one that has not begun.

    Returns
    -------
    gan_mri.runs.run.Run or None
        None: it is to be started.

    Raises
    ------
    GanMriError
        If there is no such run.
    """
    if out is None:
        word = "--resume-or-start" if may_start else "--resume"
        raise GanMriError(f"{word} needs --out, the folder of the run to continue.")
    folder = Path(out)
    if may_start and (not os.path.lexists(folder) or is_abandoned(folder)):
        return None
    if is_abandoned(folder):
        raise GanMriError(
            f"{folder}: expected a run to continue. Received a folder in which a training was "
            "stopped before it had written anything. Start it again without --resume."
        )
    return load_run(folder)


def resumed_arguments(given, run, defaults):
    """The arguments of the run, which what is given now must not contradict.

    Parameters
    ----------
    given : dict
        From `gan_mri.train.sort_arguments`.
    run : gan_mri.runs.run.Run
    defaults : dict
        Of arguments that an older version did not know.

    Returns
    -------
    dict

    Raises
    ------
    GanMriError
        Naming the argument that contradicts, or data that are not there.
    """
    before = defaults | run.config["arguments"]
    moved = {}
    for name, value in given.items():
        if name == "settings":
            continue
        value = list(value) if isinstance(value, tuple) else value
        if name == "data":
            value = source_name(value)
            if not is_built_in(value) and not is_built_in(before["data"]):
                # Files may have moved; whether they are the same is checked when they are read.
                moved["data"] = value
                continue
        if value != before[name] and name not in _FREE:
            kind = "a checkpoint of another recipe: " if name == "recipe" else ""
            raise GanMriError(
                f"{run.folder} is {kind}a run with {name} {before[name]!r}, which "
                f"--resume continues as it is. Received: {value!r}. Leave it out, or "
                "start a new run in another folder."
            )
    settings = dict(run.config["settings"])
    for name, value in given["settings"].items():
        if name != "epochs" and value != settings.get(name, value):
            raise GanMriError(
                f"{run.folder} was started with {name}={settings[name]!r}, which "
                f"--resume continues as it is (only epochs may change). Received: {value!r}."
            )
        settings[name] = value
    done = len(run.history)
    if settings["epochs"] < done:
        raise GanMriError(
            f"{run.folder} has {done} epochs behind it. Expected epochs from {done} to "
            f"continue it. Received: {settings['epochs']}."
        )
    place = (before | moved)["data"]
    if not is_built_in(place) and not os.path.exists(place):
        raise GanMriError(
            f"{place}: expected the data that {run.folder} is trained on. Received: no such file "
            "or folder. If they have moved, say where they are now (--data); they are checked to "
            "be the same."
        )
    free = {name: given[name] for name in _FREE if name in given}
    return before | moved | free | {"settings": settings}
